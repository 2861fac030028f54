import { z } from 'zod'

const personId = z.string()
/** Milliseconds since the epoch. */
const moment = z.number()

/** A form as submitted: plain data under field names. */
export const processForm = z.record(
  z.string().regex(/^[A-Za-z][A-Za-z0-9_]*$/),
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.union([z.string(), z.number()]))]),
)

const transfer = z.object({
  fromId: personId,
  toId: personId,
  at: moment,
  comment: z.string().optional(),
  via: z.string().optional(),
})

/** How a node was left. `submitted`, `routed` and `ended` belong to start, branches and end. */
export const nodeOutcome = z.enum(['submitted', 'routed', 'approved', 'rejected', 'withdrawn', 'ended'])

/** One node that the case entered, in order. Without `decidedAt` the case is still there. */
export const pathEntry = z.object({
  nodeId: z.string(),
  type: z.enum(['start', 'approval', 'exclusive', 'end']),
  name: z.string(),
  enteredAt: moment,
  /** Why the case came here, or which way a branch took it: `金额 620,000.00 > 500,000.00 → 副总`. */
  reason: z.string().optional(),
  /** The task that asks people here. */
  taskId: z.string().optional(),
  /** Who may decide, or might have; after transfers, the last ones. */
  assigneeIds: z.array(personId),
  decidedAt: moment.optional(),
  outcome: nodeOutcome.optional(),
  byId: personId.optional(),
  comment: z.string().optional(),
  /** The channel through which it was decided. */
  via: z.string().optional(),
  transfers: z.array(transfer),
})

export const openTask = z.object({
  taskId: z.string(),
  nodeId: z.string(),
  name: z.string(),
  assigneeIds: z.array(personId).min(1),
  reason: z.string().optional(),
  openedAt: moment,
})

/** Why a case stopped: a condition that cannot be decided, no branch to take, nobody to ask, or branches in a circle. */
export const incident = z.object({
  nodeId: z.string(),
  code: z.enum(['undecidable', 'no_branch', 'no_approver', 'endless']),
  why: z.string(),
  since: moment,
})

/** A case between two events: plain data, stored as it is. */
export const processState = z.object({
  caseId: z.string(),
  definition: z.object({ key: z.string(), version: z.int() }),
  status: z.enum(['running', 'approved', 'rejected', 'withdrawn', 'incident']),
  /** 1 after submission, one more with each accepted event. */
  revision: z.int(),
  submitterId: personId,
  submittedAt: moment,
  form: processForm,
  path: z.array(pathEntry),
  openTasks: z.array(openTask),
  incident: incident.optional(),
  finishedAt: moment.optional(),
  lastUrgedAt: moment.optional(),
})

export type ProcessForm = z.infer<typeof processForm>
export type ProcessState = z.infer<typeof processState>
export type PathEntry = z.infer<typeof pathEntry>
export type OpenTask = z.infer<typeof openTask>
export type Incident = z.infer<typeof incident>

/** `approved`, `rejected` or `withdrawn`: nothing can happen to the case any more. */
export const isFinished = (state: ProcessState): boolean => state.finishedAt !== undefined
