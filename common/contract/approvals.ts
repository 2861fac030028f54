import { z } from 'zod'
import type { FileRef } from './files.ts'
import { pageInput } from './page.ts'
import type { PersonRef } from './people.ts'

/** How a case stands, in the words that people read everywhere. */
export const CASE_STATUSES = ['审批中', '已通过', '已拒绝', '已撤回', '已终止'] as const
export type CaseStatus = (typeof CASE_STATUSES)[number]

const caseId = z.string().min(1).max(100)
const taskId = z.string().min(1).max(120)
const personId = z.string().min(1).max(64)
const personIds = z.array(personId).min(1, '请选择同事').max(50)
const words = z.string().trim().max(1000, '请控制在 1000 字以内')
const reason = words.min(1, '请填写理由')
/** Field name → value as a form holds it: text as people write it, or lists of people. */
const edits = z.record(
  z.string().max(120),
  z.union([z.string().max(5000), z.boolean(), z.number(), z.null(), z.array(z.string().max(200)).max(50)]),
)
/** Node id → the people named for it. */
const choices = z.record(z.string().max(60), personIds)

/** 待我处理 / 我发起的 / 已处理 / 抄送我 */
export const APPROVAL_BOXES = ['waiting', 'submitted', 'done', 'copied'] as const
export type ApprovalBox = (typeof APPROVAL_BOXES)[number]

/** `approvals.list` */
export const approvalsListInput = pageInput.extend({ box: z.enum(APPROVAL_BOXES).default('waiting') })

export interface ApprovalRow {
  caseId: string
  /** 合同审批, 项目报备 … */
  kind: string
  number: string
  title: string
  customerName?: string
  /** The fact that decides, as text: `620,000.00 元`. */
  keyFact?: string
  status: CaseStatus
  /** The nodes that wait now, e.g. 财务审批; absent when it is over. */
  nodeName?: string
  submitter: PersonRef
  submittedAt: number
}

/** One field of a form, for whoever fills or mends it. */
export interface FieldView {
  name: string
  label: string
  type: 'string' | 'number' | 'money' | 'boolean' | 'date' | 'enum' | 'person' | 'personList'
  options?: { value: string; label: string }[]
  isRequired: boolean
  /** As the form shows it: amounts in 元, dates as `2026-11-21`, people as ids. */
  value?: string | boolean | string[]
  /** The people named in it. */
  people?: PersonRef[]
}

/** A node whose people somebody here names. */
export interface ChoiceView {
  nodeId: string
  name: string
}

export const approvalGetInput = z.object({ caseId })

/** One person's place at a step, with what became of it. */
export interface SeatView {
  person: PersonRef
  /** Who stands in for them. */
  delegate?: PersonRef
  state: '待处理' | '未轮到' | '未处理' | '同意' | '拒绝' | '完成' | '已减签'
  /** How deep it hangs below others: 0 for those whom the step itself asks. */
  depth: number
  /** 前加签 / 后加签 / 并加签, and by whom. */
  added?: { how: string; by: PersonRef }
  decidedAt?: number
  comment?: string
  via?: string
}

/** A branch that a step lies in; `group` is the same for all branches of one fork. */
export interface BranchView {
  group: string
  name: string
}

/** One step of the path: done, where the case is, standing still, or to come. */
export interface PathStep {
  id: string
  kind: 'start' | 'approval' | 'handle' | 'cc' | 'timer' | 'service' | 'subProcess'
  name: string
  state: 'done' | 'now' | 'stuck' | 'coming'
  /** Who decided, or who may, or who will. */
  people: PersonRef[]
  /** Absent where one person alone was asked and to come. Those who were added follow whom they were added to. */
  seats?: SeatView[]
  /** For steps to come: how several people decide together; absent where any of them may. */
  mode?: string
  /** `会签 2/3 已同意` */
  tally?: string
  /** `提交 | 同意 | 拒绝 | 完成 | 撤回 | 退回 | 跳过 | 自动通过 | 取消 | 已抄送`, for done steps. */
  outcome?: string
  reason?: string
  comment?: string
  enteredAt?: number
  leftAt?: number
  /** How long it waited, in milliseconds. */
  waitedMs?: number
  /** Until when it ought to be done; only while it is open. */
  deadline?: {
    dueAt: number
    /** Working seconds from now until then; negative: so much too late. */
    leftWorkingSeconds: number
    /** Counted with a year whose holidays are not published yet. */
    provisional: boolean
  }
  /** The channel it was decided through: 企业微信 / 钉钉 / H5. */
  via?: string
  transfers: { from: PersonRef; to: PersonRef; at: number; why: string }[]
  /** Outermost first; empty on the trunk. */
  branches: BranchView[]
  childCaseId?: string
}

/** What the reader may do now; each is a command of the same name below `approvals.`. */
export interface ApprovalCan {
  approve: boolean
  reject: boolean
  return: boolean
  transfer: boolean
  addSign: boolean
  removeSign: boolean
  comment: boolean
  copy: boolean
  retract: boolean
  resubmit: boolean
  withdraw: boolean
  urge: boolean
  /** reassign, skip, reroute, terminate, resolve */
  rescue: boolean
}

/** The task that waits for the reader. */
export interface MyTask {
  taskId: string
  kind: 'approval' | 'handle' | 'resubmit'
  name: string
  /** Whom the reader stands in for. */
  onBehalfOf?: PersonRef
  /** Fields that may be changed here. */
  fields: FieldView[]
  /** Nodes whose people are to be named with the decision. */
  choices: ChoiceView[]
  /** Where it may be sent back to, the submitter's first. */
  returnTo: ChoiceView[]
  /** People whom the reader added and who have not voted. */
  added: PersonRef[]
}

export interface Remark {
  by: PersonRef
  at: number
  text: string
  via?: string
}

export interface ApprovalDetail {
  caseId: string
  kind: string
  number: string
  title: string
  status: CaseStatus
  /** Shown when a branch stands still until an admin acts. */
  incidents: { entryId: string; nodeName: string; why: string }[]
  customer?: { id: string; name: string; open: boolean }
  /** The deciding one first. */
  facts: { label: string; value: string; note?: string }[]
  submitter: PersonRef
  submittedAt: number
  finishedAt?: number
  attachments: FileRef[]
  path: PathStep[]
  remarks: Remark[]
  copied: PersonRef[]
  handOffs: number
  can: ApprovalCan
  task?: MyTask
  /** Open tasks, for an admin's rescue. */
  openTasks: { taskId: string; name: string; people: PersonRef[] }[]
  /** Reasons this person gave before, newest first, at most five. */
  recentReasons: string[]
}

/** Who will be asked, in order. */
export interface RouteStep {
  kind: PathStep['kind']
  name: string
  people: PersonRef[]
  /** How several people decide together: 会签, 依次审批, 票签; absent where any of them may. */
  mode?: string
  reason?: string
  branches: BranchView[]
}

/** `approvals.log`: every act on the case, oldest first. */
export interface ApprovalLogRow {
  id: string
  at: number
  /** Absent for what happened by itself. */
  by?: PersonRef
  act: string
  words?: string
  via?: string
}

const atTask = { caseId, taskId: taskId.optional() }

/** `approvals.decide`. A rejection needs a reason. */
export const approvalDecideInput = z.object({
  ...atTask,
  decision: z.enum(['approve', 'reject']),
  comment: words.optional(),
  edits: edits.optional(),
  choices: choices.optional(),
})

/** `approvals.batchDecide`: each case by itself; what fails does not hold up the rest. */
export const approvalBatchInput = z.object({
  items: z.array(z.object(atTask)).min(1, '请选择要处理的审批').max(50, '一次最多处理 50 个'),
  decision: z.enum(['approve', 'reject']),
  comment: words.optional(),
})

/** `approvals.return`. `to` is a node of `returnTo`; the submitter when absent. */
export const approvalReturnInput = z.object({
  ...atTask,
  to: z.string().max(60).optional(),
  reason,
  /** `jumpBack`: when it is done again the case comes straight back here. */
  resume: z.enum(['rerun', 'jumpBack']).default('rerun'),
})

/** `approvals.resubmit`. Fields that are not given stay as they were. */
export const approvalResubmitInput = z.object({
  caseId,
  edits: edits.optional(),
  comment: words.optional(),
  choices: choices.optional(),
})

export const approvalTransferInput = z.object({ ...atTask, toPersonId: personId, comment: words.optional() })

export const approvalAddSignInput = z.object({
  ...atTask,
  personIds,
  placement: z.enum(['before', 'after', 'parallel']).default('before'),
  comment: words.optional(),
})

export const approvalRemoveSignInput = z.object({ ...atTask, personIds })

export const approvalCommentInput = z.object({
  caseId,
  text: words.min(1, '请填写评论'),
  mentionIds: z.array(personId).max(50).default([]),
})

export const approvalCopyInput = z.object({ caseId, personIds, comment: words.optional() })

/** `approvals.urge`, `approvals.retract` */
export const approvalCaseInput = z.object({ caseId })

export const approvalWithdrawInput = z.object({ caseId, reason: words.optional() })

// For admins.

/** `approvals.reassign` */
export const approvalReassignInput = z.object({ caseId, taskId, personIds, reason })
/** `approvals.skip` */
export const approvalSkipInput = z.object({ caseId, taskId, reason })
/** `approvals.reroute` */
export const approvalRerouteInput = z.object({ caseId, taskId, to: z.string().min(1).max(60), reason })
/** `approvals.terminate` */
export const approvalTerminateInput = z.object({ caseId, reason })
/** `approvals.resolve`: with nothing given the step is tried again. */
export const approvalResolveInput = z.object({
  caseId,
  entryId: taskId.optional(),
  assignIds: z.array(personId).max(50).optional(),
  goTo: z.string().max(60).optional(),
  edits: edits.optional(),
})

/** `approvals.handOver`: everything open of a leaver. Repeat with `cursor` until `nextCursor` is null. */
export const approvalHandOverInput = z.object({
  fromPersonId: personId,
  toPersonId: personId,
  cursor: z.string().max(100).optional(),
})

export interface ApprovalResult {
  caseId: string
  status: CaseStatus
  /** One sentence for a toast. */
  message: string
}

export interface ItemResult {
  caseId: string
  number: string
  title: string
  ok: boolean
  message: string
  /** Of a refusal. */
  code?: string
}

export interface BatchResult {
  items: ItemResult[]
  message: string
}

export interface HandOverResult extends BatchResult {
  nextCursor: string | null
}

/** `approvals.stuck`: cases that nobody can move without an admin. */
export interface StuckCase {
  caseId: string
  kind: string
  number: string
  submitter: PersonRef
  since: number
  /** The step that stands still. */
  nodeName: string
  why: string
  /** An incident is resolved by its entry; a task whose people left is rescued by its id. */
  entryId?: string
  taskId?: string
  /** What helps here. */
  options: ('retry' | 'assign' | 'goTo' | 'fill' | 'reassign' | 'skip' | 'reroute' | 'terminate')[]
  /** Where it may go on. */
  nodes: ChoiceView[]
  /** What is missing or mistyped. */
  fields: FieldView[]
}
