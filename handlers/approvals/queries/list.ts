import { type ApprovalRow, approvalsListInput } from '../../../common/contract/approvals.ts'
import type { Page } from '../../../common/contract/page.ts'
import { CASE_STATUS } from '../../kernel/case-subject.ts'
import { defineQuery } from '../../kernel/command.ts'
import { asPage, decodeCursor } from '../../kernel/cursor.ts'

/** 待我处理 / 我发起的 / 已处理 / 抄送我 */
export const approvalsList = defineQuery({
  name: 'approvals.list',
  title: '我的审批',
  input: approvalsListInput,
  surfaces: ['chat', 'h5'],
  async run({ services, viewer }, { box, cursor, limit }): Promise<Page<ApprovalRow>> {
    const { cases, customers } = services.models
    const rows = await cases.page(box, viewer.personId, limit + 1, decodeCursor(cursor))
    const organisation = await services.organisation.current()
    const customerIds = [...new Set(rows.flatMap(row => row.customerId ?? []))]
    const names = new Map((await customers.byIds(customerIds)).map(row => [row._id, row.name]))
    return asPage(
      rows,
      limit,
      row => ({ at: row.submittedAt.getTime(), id: row._id }),
      row => {
        const customerName = row.customerId && names.get(row.customerId)
        return {
          caseId: row._id,
          kind: row.kind,
          number: row.number,
          title: row.title,
          ...(customerName && { customerName }),
          ...(row.keyFact && { keyFact: row.keyFact }),
          status: CASE_STATUS[row.status],
          ...(row.nodeName && { nodeName: row.nodeName }),
          submitter: organisation.ref(row.submitterId),
          submittedAt: row.submittedAt.getTime(),
        }
      },
    )
  },
})
