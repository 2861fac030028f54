import { readField } from '../../condition/index.ts'
import type { NodeOf } from '../definition.ts'
import type { PathEntry, ProcessForm } from '../state.ts'
import type { Turn } from '../turn.ts'
import { type Arrival, waits } from './arrival.ts'

/** The rung of a timer node's only timer. */
export const WAIT = 'wait'

/** When a timer is over: so much working time after the token came, or at a moment. Nothing when the form does not tell the moment. */
export function waitOf(
  node: NodeOf<'timer'>,
  form: ProcessForm,
  entry: PathEntry,
): { anchorAt: number; workingSeconds: number } | { at: number } | undefined {
  if ('workingSeconds' in node.wait) return { anchorAt: entry.enteredAt, workingSeconds: node.wait.workingSeconds }
  const reading = readField(form, node.wait.untilField)
  return reading.state === 'value' && typeof reading.value === 'number' ? { at: reading.value } : undefined
}

/** Waits; a moment that has passed is not waited for. */
export function arriveAtTimer(turn: Turn, node: NodeOf<'timer'>, entry: PathEntry): Arrival {
  const wait = waitOf(node, turn.state.form, entry)
  if (!wait && turn.rehearsal) return waits
  if (!wait) return { type: 'incident', code: 'missing_input', why: `「${node.name}」不知道等到什么时候:日期未填写` }
  return 'at' in wait && wait.at <= turn.now ? { type: 'leaves', outcome: 'done' } : waits
}
