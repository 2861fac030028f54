export { act, commit, followPending, readCase } from './act.ts'
export { approvalCard } from './card.ts'
export { caseSubject } from './card-id.ts'
export {
  approvalAddSign,
  approvalBatch,
  approvalComment,
  approvalCopy,
  approvalDecide,
  approvalHandOver,
  approvalReassign,
  approvalRemoveSign,
  approvalReroute,
  approvalResolve,
  approvalResubmit,
  approvalRetract,
  approvalReturn,
  approvalSkip,
  approvalTerminate,
  approvalTransfer,
  approvalUrge,
  approvalWithdraw,
} from './commands/index.ts'
export { definitionOf, publishedDefinition } from './definitions.ts'
export { CARRIED_FIELDS, fieldView, readField, readFields, showField } from './fields.ts'
export { withAnswers } from './lookups.ts'
export { approvalGet, approvalLog, approvalsList, approvalsStuck, requireCase } from './queries/index.ts'
export { rebuildHeads } from './rebuild.ts'
export { expectedRoute } from './route.ts'
export { askStandIns } from './stand-ins.ts'
export { SYSTEM } from './system.ts'
export {
  addSignByWord,
  answerApproveAll,
  approveByWord,
  commentByWord,
  copyByWord,
  finishByWord,
  listApprovals,
  offerApproveAll,
  rejectByWord,
  resubmitByWord,
  retractByWord,
  returnByWord,
  transferByWord,
  urgeByWord,
  withdrawByWord,
} from './talk/index.ts'
export { raiseTimeout } from './timers.ts'
