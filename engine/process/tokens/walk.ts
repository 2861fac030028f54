import { findNode, type ProcessNode } from '../definition.ts'
import { finish, lastActor } from '../finish.ts'
import { type Arrival, arriveAt } from '../nodes/index.ts'
import { addEntry, changeEntry, entryOf, given } from '../path.ts'
import { refuse } from '../result.ts'
import type { Incident, PathEntry } from '../state.ts'
import { change, nodeOf, type Turn } from '../turn.ts'
import { fork, isTooWide } from './fork.ts'
import { arriveAtJoin } from './join.ts'
import { leave } from './leave.ts'
import { freshTrack, scopeOf, type Token, type Track } from './token.ts'

/** Takes a token to a node and further, until it waits, ends, or stands still with an incident. */
export function walk(turn: Turn, token: Token): void {
  const node = nodeOf(turn, token.nodeId)
  if (node.type === 'start') refuse('approval.definition_invalid')
  const { nodeId: _, track, ...where } = token
  if (node.type !== 'join') {
    arrive(turn, addEntry(turn, node, where), track)
    return
  }
  const onward = arriveAtJoin(turn, token, node)
  if (onward === 'stray') standStill(turn, addEntry(turn, node, where), strayAt(node))
  else if (onward) walk(turn, onward)
}

/**
 * What becomes of a token that has entered a node; also when an incident there is tried again.
 *
 * @param people whom an admin names in place of the node's rules
 */
export function arrive(turn: Turn, entry: PathEntry, track: Track, people?: readonly string[]): void {
  const node = nodeOf(turn, entry.nodeId)
  const circle = circleAt(node, track)
  if (circle) {
    standStill(turn, entry, circle)
    return
  }
  const arrival = arriveAt(turn, node, entry, people)
  if (arrival.type === 'waits' && turn.rehearsal) rehearse(turn, entry, node, track)
  else follow(turn, entry, node, arrival, { ...track, passed: new Set([...track.passed, node.id]) })
}

function follow(turn: Turn, { entryId }: PathEntry, node: ProcessNode, arrival: Arrival, track: Track): void {
  switch (arrival.type) {
    case 'waits':
      return
    case 'incident':
      standStill(turn, entryOf(turn.state, entryId), arrival)
      return
    case 'leaves':
      goOn(turn, leave(turn, entryId, arrival), track)
      return
    case 'routes': {
      const left = leave(turn, entryId, { outcome: 'routed', reason: arrival.reason })
      walk(turn, { nodeId: arrival.next, ...scopeOf(left), track, ...given('reason', arrival.onward) })
      return
    }
    case 'forks': {
      if (isTooWide(turn, arrival.taken)) {
        standStill(turn, entryOf(turn.state, entryId), { code: 'broken', why: `「${node.name}」之后同时进行的分支太多` })
        return
      }
      const left = leave(turn, entryId, { outcome: 'routed', reason: arrival.reason })
      for (const token of fork(turn, left, arrival.node, arrival.taken, track)) walk(turn, token)
      return
    }
    case 'ends':
      leave(turn, entryId, { outcome: 'ended' })
      finish(turn, 'approved', { byId: lastActor(turn.state) })
  }
}

/** Goes on from an entry that was left: to what follows, or straight back to whoever sent the case back to here. */
export function goOn(turn: Turn, left: PathEntry, track: Track = freshTrack): void {
  const sentFrom = left.returned?.resume === 'jumpBack' ? entryOf(turn.state, left.returned.fromEntryId) : undefined
  if (sentFrom && findNode(turn.definition, sentFrom.nodeId)) {
    const returned = sentFrom.returned?.resume === 'jumpBack' ? sentFrom.returned : undefined
    const reason = `「${left.name}」处理完毕,回到「${sentFrom.name}」`
    walk(turn, { nodeId: sentFrom.nodeId, ...scopeOf(left), reason, track, ...given('returned', returned) })
    return
  }
  const node = nodeOf(turn, left.nodeId)
  if (!('next' in node)) refuse('approval.definition_invalid')
  walk(turn, { nodeId: node.next, ...scopeOf(left), track })
}

/** A step that would wait is taken as approved, and its people with it where all of them are needed. */
function rehearse(turn: Turn, { entryId }: PathEntry, node: ProcessNode, track: Track): void {
  const { seats } = entryOf(turn.state, entryId)
  const isCertain =
    seats.length === 1 || ('mode' in node && (node.mode.type === 'countersign' || node.mode.type === 'sequential'))
  if (isCertain) changeEntry(turn, entryId, { seats: seats.map(seat => ({ ...seat, status: 'approved' })) })
  const left = leave(turn, entryId, { outcome: node.type === 'approval' ? 'approved' : 'done' })
  goOn(turn, left, { passed: new Set(), rehearsed: new Set([...track.rehearsed, node.id]) })
}

/** Raises an incident: this branch of the case stands still. */
export function standStill(turn: Turn, { entryId, nodeId }: PathEntry, { code, why }: Pick<Incident, 'code' | 'why'>): void {
  change(turn, { incidents: [...turn.state.incidents, { entryId, nodeId, code, why, since: turn.now }] })
}

function circleAt(node: ProcessNode, track: Track): Pick<Incident, 'code' | 'why'> | undefined {
  if (track.rehearsed.has(node.id)) return { code: 'endless', why: `「${node.name}」之后又回到这一步,走不到结束` }
  if (track.passed.has(node.id)) return { code: 'endless', why: `「${node.name}」的分支绕成了圈` }
  return undefined
}

const strayAt = ({ name }: ProcessNode): Pick<Incident, 'code' | 'why'> => ({
  code: 'broken',
  why: `「${name}」等的不是这里的分支,流程图有误`,
})
