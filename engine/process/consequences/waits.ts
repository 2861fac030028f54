import { findNode, type ProcessDefinition } from '../definition.ts'
import type { EffectBody } from '../effect.ts'
import { runningTimers } from '../ladder.ts'
import { mapped } from '../nodes/mapping.ts'
import { findEntry } from '../path.ts'
import type { PathEntry, ProcessState } from '../state.ts'

interface Definitions {
  from: ProcessDefinition
  to: ProcessDefinition
}

type TimerSet = Extract<EffectBody, { type: 'timerSet' }>

/** Timers that need not fire any more. One that has fired is not cancelled. */
export function timersCancelled({ from, to }: Definitions, before: ProcessState, after: ProcessState): EffectBody[] {
  const running = new Set(runningTimers(to, after).map(({ timerId }) => timerId))
  const hasFired = ({ taskId, rung }: TimerSet) => findEntry(after, taskId)?.firedRungs?.includes(rung)
  return runningTimers(from, before)
    .filter(timer => !running.has(timer.timerId) && !hasFired(timer))
    .map(({ timerId }) => ({ type: 'timerCancelled', timerId }))
}

/** Timers that begin, and those that another version gives another length. */
export function timersSet({ from, to }: Definitions, before: ProcessState | null, after: ProcessState): EffectBody[] {
  const known = new Set(before ? runningTimers(from, before).map(timer => JSON.stringify(timer)) : [])
  return runningTimers(to, after).filter(timer => !known.has(JSON.stringify(timer)))
}

/** Where the case waits for a command or another case to be done. */
const waitingFor = (state: ProcessState | null): PathEntry[] =>
  (state?.path ?? []).filter(
    ({ type, leftAt, entryId }) =>
      (type === 'service' || type === 'subProcess') &&
      leftAt === undefined &&
      !state?.incidents.some(incident => incident.entryId === entryId),
  )

/** Commands to run and cases to submit, each when the case comes to wait for it. */
export function workRequested(definition: ProcessDefinition, before: ProcessState | null, after: ProcessState): EffectBody[] {
  const known = new Set(waitingFor(before).map(({ entryId }) => entryId))
  return waitingFor(after)
    .filter(({ entryId }) => !known.has(entryId))
    .flatMap(({ entryId, nodeId, name: nodeName, childCaseId }): EffectBody[] => {
      const node = findNode(definition, nodeId)
      if (node?.type === 'service') {
        return [{ type: 'serviceRequested', entryId, nodeName, command: node.command, input: mapped(node.input, after.form) }]
      }
      if (node?.type !== 'subProcess' || childCaseId === undefined) return []
      return [{ type: 'childRequested', entryId, childCaseId, process: node.process, form: mapped(node.form, after.form) }]
    })
}

/** Child cases whose end nobody waits for any more. */
export const childrenCancelled = (before: ProcessState, after: ProcessState): EffectBody[] =>
  waitingFor(before).flatMap(({ entryId, childCaseId }): EffectBody[] => {
    const outcome = findEntry(after, entryId)?.outcome
    const hasEnded = outcome === undefined || outcome === 'done' || outcome === 'rejected'
    return childCaseId === undefined || hasEnded ? [] : [{ type: 'childCancelled', childCaseId }]
  })
