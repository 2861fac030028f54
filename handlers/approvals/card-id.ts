import { deriveId } from '../../common/ids.ts'

export const APPROVAL_CARD = 'approvals.decide'

/** All cards of a case are painted anew together. */
export const caseSubject = (caseId: string): string => `case:${caseId}`

/** One card for each person asked at each task; who is asked again, after a transfer back, gets a fresh one. */
export const approvalCardId = (taskId: string, personId: string, askedBy: string): string =>
  `ap-${deriveId(APPROVAL_CARD, taskId, personId, askedBy)}`

/** Who is asked again is reminded by the same to-do. */
export const approvalTodoId = (taskId: string, personId: string): string => `todo:${taskId}:${personId}`
