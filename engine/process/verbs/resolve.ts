import { checkAdmin, checkNotOwn, checkRunning } from '../authority.ts'
import { exitsOf, findNode, isManned, type ProcessNode } from '../definition.ts'
import type { EventOf } from '../event.ts'
import { emptyFields, fits } from '../form.ts'
import { entryOf } from '../path.ts'
import { checkThere } from '../people.ts'
import { type RefusalDetails, refuse } from '../result.ts'
import type { Incident, PathEntry } from '../state.ts'
import { fork } from '../tokens/fork.ts'
import { leave } from '../tokens/leave.ts'
import { freshTrack, scopeOf } from '../tokens/token.ts'
import { arrive, walk } from '../tokens/walk.ts'
import { change, nodeOf, type Turn } from '../turn.ts'
import { MAX_SEATS } from '../voting/seats.ts'
import { sendTo } from './reroute.ts'

/**
 * An admin ends an incident, so that its branch goes on. `form` fills what is missing or mistyped, `assign` names the people of a step
 * that has none, `goTo` says where to go: out of a gateway by one of its exits, else anywhere within reach. With none of them the step
 * is tried again, since roles may have been filled meanwhile.
 *
 * An admin who is the submitter neither chooses the way nor mends the form: that may end the case, and nobody passes the own one.
 * Refused when the branch would stand still at the same place: `approval.branch_required { choices }`, `approval.assign_required`,
 * `approval.field_required { fields }`.
 */
export function resolve(turn: Turn, event: EventOf<'resolve'>): void {
  checkAdmin(turn, event.by)
  checkRunning(turn)
  const incident = chosen(turn, event.entryId)
  const entry = entryOf(turn.state, incident.entryId)
  const node = nodeOf(turn, entry.nodeId)
  if (event.goTo !== undefined || event.form) checkNotOwn(turn, event.by)
  if (event.form) mend(turn, event.form)
  change(turn, { incidents: turn.state.incidents.filter(({ entryId }) => entryId !== entry.entryId) })
  if (event.goTo !== undefined) {
    chooseWay(turn, entry, node, event.goTo, event)
    return
  }
  if (node.type === 'join' || node.type === 'start') refuse('approval.branch_required', { choices: exits(node) })
  arrive(turn, entry, freshTrack, named(turn, node, event.assign))
  const again = turn.state.incidents.find(({ nodeId, since }) => nodeId === entry.nodeId && since === turn.now)
  if (again) stillStuck(turn, node, again)
}

function chosen({ state }: Turn, entryId: string | undefined): Incident {
  const { incidents } = state
  const [only] = incidents
  if (!only) return refuse('approval.no_incident')
  if (entryId !== undefined) return incidents.find(incident => incident.entryId === entryId) ?? refuse('approval.no_incident')
  return incidents.length === 1
    ? only
    : refuse('approval.which_incident', { entryIds: incidents.map(incident => incident.entryId) })
}

/** Fills fields that are empty or mistyped; what a person filled in well stays theirs. */
function mend(turn: Turn, values: NonNullable<EventOf<'resolve'>['form']>): void {
  const { fields } = turn.definition
  const { form } = turn.state
  for (const [field, value] of Object.entries(values)) {
    const declared = Object.hasOwn(fields, field) ? fields[field] : undefined
    const isWell = emptyFields(form, [field]).length === 0 && declared && fits(form[field], declared)
    if (!declared || isWell) refuse('approval.field_not_editable', { field })
    if (!fits(value, declared)) refuse('approval.field_invalid', { field })
  }
  change(turn, { form: { ...form, ...values } })
}

/** People whom an admin names for a step. Refused: `approval.assign_submitter`, `approval.person_inactive`, `approval.too_many_people`. */
function named(turn: Turn, node: ProcessNode, assign: readonly string[] = []): readonly string[] | undefined {
  const people = [...new Set(assign)]
  if (people.length === 0 || !isManned(node)) return undefined
  if (people.includes(turn.state.submitterId)) refuse('approval.assign_submitter')
  if (people.length > MAX_SEATS) refuse('approval.too_many_people')
  checkThere(people, turn)
  return people
}

const exits = (node: ProcessNode): string[] => [...new Set(exitsOf(node).map(({ next }) => next))]

function chooseWay(turn: Turn, entry: PathEntry, node: ProcessNode, next: string, { by: byId, via }: EventOf<'resolve'>): void {
  if (node.type !== 'exclusive' && node.type !== 'inclusive' && node.type !== 'parallel') {
    sendTo(turn, entry, next, { byId, via })
    return
  }
  const choices = exits(node)
  if (!choices.includes(next)) refuse('approval.branch_required', { choices })
  const reason = `由管理员指定 → ${findNode(turn.definition, next)?.name ?? next}`
  const left = leave(turn, entry.entryId, { outcome: 'routed', byId, via, reason })
  if (node.type === 'exclusive') {
    walk(turn, { nodeId: next, ...scopeOf(left), track: freshTrack })
    return
  }
  const branch = exitsOf(node).findIndex(exit => exit.next === next)
  for (const token of fork(turn, left, node, [{ next, branch }], freshTrack)) walk(turn, token)
}

function stillStuck(turn: Turn, node: ProcessNode, { code, why }: Incident): never {
  const details: RefusalDetails = { why }
  if (code === 'no_approver') return refuse('approval.assign_required', details)
  if (code === 'missing_input' && 'inputs' in node) {
    return refuse('approval.field_required', { ...details, fields: emptyFields(turn.state.form, node.inputs) })
  }
  return refuse('approval.branch_required', { ...details, choices: exits(node) })
}
