import type { ProcessDefinition } from './definition.ts'
import { findNode, isManned } from './definition.ts'
import { isFinished, type PathEntry, type ProcessState } from './state.ts'

/** Working seconds between two moments. */
export type Elapsed = (from: number, to: number) => number

/** How long the case was, or is, at one step where people were asked. */
export interface StepDuration {
  entryId: string
  nodeId: string
  name: string
  enteredAt: number
  /** Absent while the case is there. */
  leftAt?: number
  /** Wall-clock milliseconds. */
  durationMs: number
}

const wasAsked = (entry: PathEntry): boolean => entry.seats.length > 0

/** Times that the case passed from one pair of hands to others: steps that people were asked at, transfers, added seats. */
export const handOffs = (state: ProcessState): number =>
  state.path.filter(wasAsked).reduce((count, { seats }) => {
    const passed = seats.reduce((sum, seat) => sum + seat.transfers.length + (seat.addedTo ? 1 : 0), 0)
    return count + 1 + passed
  }, 0)

/** Each step where people were asked, in the order entered; one that is open counts up to `now` (milliseconds since the epoch). */
export const durations = (state: ProcessState, now: number): StepDuration[] =>
  state.path.filter(wasAsked).map(({ entryId, nodeId, name, enteredAt, leftAt }) => ({
    entryId,
    nodeId,
    name,
    enteredAt,
    ...(leftAt !== undefined && { leftAt }),
    durationMs: (leftAt ?? now) - enteredAt,
  }))

/** One node over many cases. Times are means. */
export interface NodeMeasure {
  nodeId: string
  name: string
  /** Times that people were asked there. */
  count: number
  /** Wall-clock milliseconds from asking to leaving: how long the applicant waited. */
  waitMs: number
  /** Working seconds of that. */
  workingSeconds: number
  /** Of those that have a time limit, the share that took longer; null without a limit. */
  overdueShare: number | null
}

export interface ProcessMeasure {
  /** Finished cases that were measured. */
  cases: number
  /** Means over these cases. */
  workingSeconds: number
  waitMs: number
  handOffs: number
  targetWorkingSeconds: number | null
  /** Share of cases that ended within the target; null without one. */
  withinTargetShare: number | null
  nodes: NodeMeasure[]
  /** The node where cases spend most working time together; null when nothing was measured. */
  bottleneck: { nodeId: string; name: string; shareOfTime: number } | null
}

/** What finished cases of one process took, node by node and as a whole. Unfinished ones are left out. */
export function measureProcess(definition: ProcessDefinition, states: readonly ProcessState[], elapsed: Elapsed): ProcessMeasure {
  const finished = states.filter(isFinished)
  const totals = finished.map(state => ({
    waitMs: (state.finishedAt ?? state.submittedAt) - state.submittedAt,
    workingSeconds: elapsed(state.submittedAt, state.finishedAt ?? state.submittedAt),
    handOffs: handOffs(state),
  }))
  const target = definition.targetWorkingSeconds ?? null
  const nodes = measureNodes(definition, finished, elapsed)
  return {
    cases: finished.length,
    workingSeconds: mean(totals.map(total => total.workingSeconds)),
    waitMs: mean(totals.map(total => total.waitMs)),
    handOffs: mean(totals.map(total => total.handOffs)),
    targetWorkingSeconds: target,
    withinTargetShare: target === null ? null : shareOf(totals, total => total.workingSeconds <= target),
    nodes,
    bottleneck: bottleneckOf(nodes),
  }
}

function measureNodes(definition: ProcessDefinition, states: readonly ProcessState[], elapsed: Elapsed): NodeMeasure[] {
  const byNode = new Map<string, { name: string; waits: { waitMs: number; workingSeconds: number }[] }>()
  for (const entry of states.flatMap(state => state.path).filter(wasAsked)) {
    const { nodeId, name, enteredAt, leftAt = enteredAt } = entry
    const found = byNode.get(nodeId) ?? { name, waits: [] }
    found.waits.push({ waitMs: leftAt - enteredAt, workingSeconds: elapsed(enteredAt, leftAt) })
    byNode.set(nodeId, found)
  }
  return [...byNode].map(([nodeId, { name, waits }]) => {
    const node = findNode(definition, nodeId)
    const limit = isManned(node) ? node.timeLimit?.workingSeconds : undefined
    return {
      nodeId,
      name,
      count: waits.length,
      waitMs: mean(waits.map(wait => wait.waitMs)),
      workingSeconds: mean(waits.map(wait => wait.workingSeconds)),
      overdueShare: limit === undefined ? null : shareOf(waits, wait => wait.workingSeconds > limit),
    }
  })
}

function bottleneckOf(nodes: readonly NodeMeasure[]): ProcessMeasure['bottleneck'] {
  const total = nodes.reduce((sum, node) => sum + node.workingSeconds * node.count, 0)
  const [slowest] = [...nodes].sort((a, b) => b.workingSeconds * b.count - a.workingSeconds * a.count)
  if (!slowest || total === 0) return null
  return { nodeId: slowest.nodeId, name: slowest.name, shareOfTime: (slowest.workingSeconds * slowest.count) / total }
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length

const shareOf = <T>(items: readonly T[], test: (item: T) => boolean): number =>
  items.length === 0 ? 0 : items.filter(test).length / items.length
