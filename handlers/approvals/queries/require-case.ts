import { DeniedError, NotFoundError } from '../../../common/errors.ts'
import { canSee, type Viewer } from '../../../engine/policy/index.ts'
import { type ProcessState, readState } from '../../../engine/process/index.ts'
import type { CaseDoc } from '../../../models/approvals/index.ts'
import type { Services } from '../../kernel/services.ts'

/** Contracts are seen by finance, whoever takes part. */
const isContract = (head: CaseDoc): boolean => head.subject.startsWith('contract:')

/**
 * The case, if this person may see it: its submitter's line, everybody who has or had a part in it, finance for contracts.
 * @throws NotFoundError `approval.unknown_case`, DeniedError `approval.not_visible`
 */
export async function requireCase(services: Services, viewer: Viewer, caseId: string): Promise<CaseDoc<ProcessState>> {
  const head = await services.models.cases.byId(caseId)
  if (!head) throw new NotFoundError('approval.unknown_case', '没有找到这个审批,可能已被删除。')
  const record = { ownerId: head.submitterId, participantIds: head.participantIds }
  if (!canSee(viewer, 'cases', record) && !(isContract(head) && canSee(viewer, 'contracts', record))) {
    throw new DeniedError('approval.not_visible', '您没有查看这个审批的权限。')
  }
  return { ...head, state: readState(head.state) }
}
