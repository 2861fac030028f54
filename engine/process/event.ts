import { z } from 'zod'
import { MAX_PEOPLE, personId } from './approvers.ts'
import { processForm } from './state.ts'

/** Longest comment or reason, in characters. */
export const MAX_COMMENT_LENGTH = 1000

/** How long after an urging the next one is refused, in milliseconds. */
export const URGE_COOL_DOWN_MS = 30 * 60_000

const people = z.array(personId).min(1).max(MAX_PEOPLE)
const taskId = z.string().min(1).max(200)
const nodeId = z.string().min(1).max(60)
/** The channel's word, kept in the path for the audit. */
const via = z.string().max(40).optional()
/** Who is named for later nodes, by node id. */
const choices = z.record(nodeId, people).optional()

/** Without `taskId`: the open task that is `by`'s to decide. */
const atTask = { by: personId, taskId: taskId.optional(), via }
const anywhere = { by: personId, via }

/** What can happen to a case. `by` is the authenticated person who acts. */
export const processEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('submit'), caseId: z.string().min(1).max(100), ...anywhere, form: processForm, choices }),
  /** 同意, or at a handling node 完成. `edits` are changed fields that this node lets its people edit. */
  z.strictObject({
    type: z.literal('approve'),
    ...atTask,
    comment: z.string().optional(),
    edits: processForm.optional(),
    choices,
  }),
  z.strictObject({ type: z.literal('reject'), ...atTask, reason: z.string() }),
  /** 退回 to a node that was passed, or with the start's id to the submitter. */
  z.strictObject({
    type: z.literal('return'),
    ...atTask,
    to: nodeId,
    reason: z.string(),
    resume: z.enum(['rerun', 'jumpBack']).default('rerun'),
  }),
  /** 重新提交 after a return. Fields that are not given stay as they were. */
  z.strictObject({
    type: z.literal('resubmit'),
    ...anywhere,
    form: processForm.optional(),
    comment: z.string().optional(),
    choices,
  }),
  z.strictObject({ type: z.literal('withdraw'), ...anywhere, reason: z.string().optional() }),
  z.strictObject({ type: z.literal('transfer'), ...atTask, to: personId, comment: z.string().optional() }),
  /** 加签 */
  z.strictObject({
    type: z.literal('addSign'),
    ...atTask,
    people,
    placement: z.enum(['before', 'after', 'parallel']),
    comment: z.string().optional(),
  }),
  /** 减签: people whom `by` added and who have not voted. */
  z.strictObject({ type: z.literal('removeSign'), ...atTask, people }),
  z.strictObject({ type: z.literal('urge'), ...anywhere }),
  z.strictObject({
    type: z.literal('comment'),
    ...anywhere,
    text: z.string(),
    mentions: z.array(personId).max(MAX_PEOPLE).default([]),
  }),
  /** 抄送 by somebody who takes part. */
  z.strictObject({ type: z.literal('copy'), ...anywhere, people, comment: z.string().optional() }),
  /** 撤销: take back one's own last decision while nobody has acted on it. */
  z.strictObject({ type: z.literal('retract'), ...anywhere }),
  /** Somebody's standing delegation began or ended: open seats are asked anew. `by` is who changed it. */
  z.strictObject({ type: z.literal('delegate'), ...anywhere }),
  /** 交接: an admin gives all open seats of a leaver to somebody else. */
  z.strictObject({ type: z.literal('handOver'), ...anywhere, from: personId, to: personId }),
  /** An admin gives a task to other people. */
  z.strictObject({ type: z.literal('reassign'), ...anywhere, taskId, people, reason: z.string() }),
  /** An admin lets the case go on without this task. */
  z.strictObject({ type: z.literal('skip'), ...anywhere, taskId, reason: z.string() }),
  /** An admin sends the branch that waits at `taskId` to another node. */
  z.strictObject({ type: z.literal('reroute'), ...anywhere, taskId, to: nodeId, reason: z.string() }),
  /** An admin ends the case. */
  z.strictObject({ type: z.literal('terminate'), ...anywhere, reason: z.string() }),
  /**
   * An admin ends an incident: `assign` names the people of a step that has none, `goTo` the node to go on with where no branch could
   * be chosen, `form` mends missing or mistyped values; with none of them the step is tried again.
   */
  z.strictObject({
    type: z.literal('resolve'),
    ...anywhere,
    entryId: taskId.optional(),
    assign: z.array(personId).max(MAX_PEOPLE).optional(),
    goTo: nodeId.optional(),
    form: processForm.optional(),
  }),
  /** 迁移: an admin moves the case to another version of its process; `nodes` says where it goes on, by the ids it waits at now. */
  z.strictObject({ type: z.literal('migrate'), ...anywhere, to: z.int().min(1), nodes: z.record(nodeId, nodeId).default({}) }),
  /** A timer fired. `rung` is `wait` for a timer node, else the place in the ladder. */
  z.strictObject({ type: z.literal('timeout'), taskId, rung: z.string().max(20) }),
  /** A command that a service node asked for was done, or refused. */
  z.strictObject({ type: z.literal('serviceFinished'), entryId: taskId, ok: z.boolean(), why: z.string().max(500).optional() }),
  /** The child case of a sub-process ended, or was refused at its submission. */
  z.strictObject({
    type: z.literal('childFinished'),
    entryId: taskId,
    childCaseId: z.string().max(100),
    outcome: z.enum(['approved', 'rejected', 'withdrawn', 'terminated', 'refused']),
    why: z.string().max(500).optional(),
  }),
])

export type ProcessEvent = z.infer<typeof processEvent>
export type EventOf<T extends ProcessEvent['type']> = Extract<ProcessEvent, { type: T }>
