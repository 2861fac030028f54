import { deriveId } from '../../common/ids.ts'

export const APPROVAL_CARD = 'approvals.decide'

/** All cards of a case are painted anew together. */
export const caseSubject = (caseId: string): string => `case:${caseId}`

/** One card for each person asked at each task. */
export const approvalCardId = (taskId: string, personId: string): string => `ap-${deriveId(APPROVAL_CARD, taskId, personId)}`
