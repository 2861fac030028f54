import { z } from 'zod'

const personId = z.string()
/** Milliseconds since the epoch. */
const moment = z.number()

/** A form as submitted: plain data under field names. */
export const processForm = z.record(
  z.string().regex(/^[A-Za-z][A-Za-z0-9_]*$/),
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.union([z.string(), z.number()]))]),
)

/** A seat passed from one person to another. */
export const transfer = z.object({
  fromId: personId,
  toId: personId,
  at: moment,
  /** `asked`: by the person; `overdue`: by the ladder; `leaver`: a hand-over; `admin`: a rescue. */
  why: z.enum(['asked', 'overdue', 'leaver', 'admin']),
  comment: z.string().optional(),
  via: z.string().optional(),
})

/**
 * One person's place at a node. Seats that were added to a seat (加签) hang below it: `before` it may vote, `after` it has voted,
 * `parallel` beside it.
 */
export const seat = z.object({
  /** `<taskId>.<n>` */
  seatId: z.string(),
  /** Whose vote it is. */
  personId,
  weight: z.int(),
  /** `waiting`: not their turn yet; `open`: asked; `removed`: taken away (减签). */
  status: z.enum(['waiting', 'open', 'approved', 'rejected', 'removed']),
  /** Who stands in for an absent `personId` (委托). */
  delegateId: personId.optional(),
  addedTo: z.object({ seatId: z.string(), placement: z.enum(['before', 'after', 'parallel']), byId: personId }).optional(),
  decidedAt: moment.optional(),
  /** Who voted: `personId`, or who stood in. */
  byId: personId.optional(),
  comment: z.string().optional(),
  via: z.string().optional(),
  transfers: z.array(transfer),
})

/**
 * How a node was left. `submitted`, `routed`, `ended` belong to start, gateways and end; `done` to handling, timers and services;
 * `returned`: sent back from here; `skipped`: by an admin; `cancelled`: another branch or act made it void; `passed`: nobody had to
 * be asked.
 */
export const nodeOutcome = z.enum([
  'submitted',
  'routed',
  'approved',
  'rejected',
  'done',
  'passed',
  'returned',
  'skipped',
  'cancelled',
  'withdrawn',
  'ended',
])

/** One node that the case entered, in order. Without `leftAt` the case, or one of its branches, is still there. */
export const pathEntry = z.object({
  /** `<caseId>-<n>`; also the id of the task that asks people here. */
  entryId: z.string(),
  nodeId: z.string(),
  type: z.enum([
    'start',
    'approval',
    'handle',
    'cc',
    'exclusive',
    'inclusive',
    'parallel',
    'join',
    'timer',
    'service',
    'subProcess',
    'end',
  ]),
  name: z.string(),
  enteredAt: moment,
  /** Why the case came here, or which way a branch took it: `金额 620,000.00 > 500,000.00 → 副总`. */
  reason: z.string().optional(),
  /** The forks it lies within, outermost first. */
  forks: z.array(z.string()),
  /** Which branch of the innermost fork, counted from 0 as drawn; the default branch comes last. */
  branch: z.int().optional(),
  /** Empty where nobody is asked. */
  seats: z.array(seat),
  leftAt: moment.optional(),
  outcome: nodeOutcome.optional(),
  /** Whose act made the case leave. */
  byId: personId.optional(),
  comment: z.string().optional(),
  /** The channel through which it was decided. */
  via: z.string().optional(),
  /** Told here (抄送). */
  copiedIds: z.array(personId).optional(),
  /** Sent back to here from that entry. `jumpBack`: when it is done again the case goes straight back there. */
  returned: z
    .object({ fromEntryId: z.string(), byId: personId, reason: z.string(), resume: z.enum(['rerun', 'jumpBack']) })
    .optional(),
  /** Rungs of the ladder that have fired; each fires once. */
  firedRungs: z.array(z.string()).optional(),
  /** The child case of a sub-process. */
  childCaseId: z.string().optional(),
})

/** A place where people are asked now: what lists and cards need of its path entry. */
export const openTask = z.object({
  taskId: z.string(),
  nodeId: z.string(),
  name: z.string(),
  kind: z.enum(['approval', 'handle', 'resubmit']),
  /** Who may act now, delegates in the place of those they stand in for. */
  assigneeIds: z.array(personId),
  reason: z.string().optional(),
  openedAt: moment,
})

/** A fork whose branches have not all arrived at its join. */
export const openFork = z.object({
  /** The fork's entry. */
  forkId: z.string(),
  joinId: z.string(),
  branches: z.int(),
  arrived: z.int(),
})

/** Why a branch of the case stands still: until an admin resolves it. */
export const incident = z.object({
  entryId: z.string(),
  nodeId: z.string(),
  code: z.enum(['undecidable', 'no_branch', 'no_approver', 'endless', 'missing_input', 'service_failed', 'broken']),
  why: z.string(),
  since: moment,
})

export const remark = z.object({
  byId: personId,
  at: moment,
  nodeName: z.string().optional(),
  text: z.string(),
  mentionIds: z.array(personId),
  via: z.string().optional(),
})

export const STATE_SCHEMA = 2

/** A case between two events: plain data, stored as it is. */
export const processState = z.object({
  schema: z.literal(STATE_SCHEMA),
  caseId: z.string(),
  definition: z.object({ key: z.string(), version: z.int() }),
  /** `incident` while a branch stands still; other branches go on. `terminated` by an admin. */
  status: z.enum(['running', 'approved', 'rejected', 'withdrawn', 'terminated', 'incident']),
  /** 1 after submission, one more with each accepted event. */
  revision: z.int(),
  submitterId: personId,
  submittedAt: moment,
  form: processForm,
  /** People named in advance (发起人自选, 上一节点指定), by node id. */
  choices: z.record(z.string(), z.array(personId)),
  path: z.array(pathEntry),
  /** Entries ever made; never goes back, so that an id is never used twice. */
  entered: z.int(),
  openTasks: z.array(openTask),
  openForks: z.array(openFork),
  incidents: z.array(incident),
  remarks: z.array(remark),
  /** Told outside of cc nodes. */
  copiedIds: z.array(personId),
  /** The decision that its maker may still take back: nobody has acted since. */
  retractable: z.object({ byId: personId, revision: z.int() }).optional(),
  finishedAt: moment.optional(),
  /** Whose act ended it, and with which words. */
  ending: z.object({ byId: personId, reason: z.string().optional() }).optional(),
  lastUrgedAt: moment.optional(),
})

export type ProcessForm = z.infer<typeof processForm>
export type ProcessState = z.infer<typeof processState>
export type PathEntry = z.infer<typeof pathEntry>
export type Seat = z.infer<typeof seat>
export type Transfer = z.infer<typeof transfer>
export type OpenTask = z.infer<typeof openTask>
export type OpenFork = z.infer<typeof openFork>
export type Incident = z.infer<typeof incident>
export type Remark = z.infer<typeof remark>

/** Nothing can happen to the case any more. */
export const isFinished = (state: ProcessState): boolean => state.finishedAt !== undefined
