import { z } from 'zod'
import { processForm } from './state.ts'

/** Longest comment or reason, in characters. */
export const MAX_COMMENT_LENGTH = 1000

/** How long after an urging the next one is refused, in milliseconds. */
export const URGE_COOL_DOWN_MS = 30 * 60_000

const personId = z.string().min(1).max(100)
const taskId = z.string().min(1).max(200).optional()
const comment = z.string().optional()
/** The channel's word, kept in the path for the audit. */
const via = z.string().max(40).optional()

/** What can happen to a case. `by` is the authenticated person who acts. */
export const processEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('submit'), caseId: z.string().min(1).max(100), by: personId, form: processForm, via }),
  /** Without `taskId`: the open task that is `by`'s to decide. */
  z.strictObject({ type: z.literal('approve'), by: personId, taskId, comment, via }),
  z.strictObject({ type: z.literal('reject'), by: personId, taskId, reason: z.string(), via }),
  z.strictObject({ type: z.literal('transfer'), by: personId, taskId, to: personId, comment, via }),
  z.strictObject({ type: z.literal('withdraw'), by: personId, reason: z.string().optional(), via }),
  z.strictObject({ type: z.literal('urge'), by: personId, via }),
  /**
   * An admin ends an incident: `assign` names the approvers of a step that has none, `goTo` the node to go on with where no branch
   * could be chosen.
   */
  z.strictObject({
    type: z.literal('resolve'),
    by: personId,
    assign: z.array(personId).max(50).optional(),
    goTo: z.string().optional(),
    via,
  }),
])

export type ProcessEvent = z.infer<typeof processEvent>
export type EventOf<T extends ProcessEvent['type']> = Extract<ProcessEvent, { type: T }>
