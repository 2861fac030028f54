export {
  answerApproveAll,
  approveByWord,
  finishByWord,
  listApprovals,
  offerApproveAll,
  rejectByWord,
  returnByWord,
} from './decide.ts'
export { resubmitByWord, retractByWord, urgeByWord, withdrawByWord } from './follow-up.ts'
export { addSignByWord, commentByWord, copyByWord, transferByWord } from './people.ts'
