import { complaint } from './complaint.ts'
import { contractApproval, DEPUTY_THRESHOLD_MINOR } from './contract.ts'
import { customSolution } from './custom-solution.ts'
import { opportunityReview } from './opportunity-review.ts'
import { projectApplication } from './project-application.ts'
import { projectFiling } from './project-filing.ts'
import { projectInitiation } from './project-initiation.ts'
import { projectLifecycle } from './project-lifecycle.ts'
import { resourceRequest } from './resource-request.ts'
import { technicalSolution } from './technical-solution.ts'
import type { ProcessTemplate } from './template.ts'
import { vipException } from './vip-exception.ts'

export type { ProcessTemplate }
export { DEPUTY_THRESHOLD_MINOR }

/** Every process that the product comes with, in the order of a customer's way through the company. */
export const PROCESS_TEMPLATES: readonly ProcessTemplate[] = [
  projectFiling,
  opportunityReview,
  technicalSolution,
  contractApproval,
  projectInitiation,
  resourceRequest,
  projectApplication,
  complaint,
  vipException,
  customSolution,
  projectLifecycle,
]

/** 合同审批, which contracts are decided by. */
export const contractProcess = contractApproval.definition
