import {
  type ApprovalDetail,
  type ApprovalRow,
  approvalGetInput,
  approvalsListInput,
  type PathStep,
} from '../../common/contract/approvals.ts'
import type { Page } from '../../common/contract/page.ts'
import { DeniedError, NotFoundError } from '../../common/errors.ts'
import { canSee, type Viewer } from '../../engine/policy/index.ts'
import { handOffs, isFinished, type PathEntry, type ProcessState, upcomingRoute } from '../../engine/process/index.ts'
import type { CaseDoc } from '../../models/approvals/index.ts'
import { CASE_STATUS } from '../kernel/case-subject.ts'
import { defineQuery } from '../kernel/command.ts'
import { asPage, decodeCursor } from '../kernel/cursor.ts'
import { PLATFORM_NAMES, type Services } from '../kernel/services.ts'
import type { Organisation } from '../people/organisation.ts'
import { definitionOf, factsOf } from './definitions.ts'
import { withAnswers } from './lookups.ts'

const OUTCOMES: Partial<Record<NonNullable<PathEntry['outcome']>, string>> = {
  submitted: '提交',
  approved: '同意',
  rejected: '拒绝',
  withdrawn: '撤回',
}

/** 待我处理 / 我发起的 / 已处理 */
export const approvalsList = defineQuery({
  name: 'approvals.list',
  title: '我的审批',
  input: approvalsListInput,
  surfaces: ['chat', 'h5'],
  async run({ services, viewer }, { box, cursor, limit }): Promise<Page<ApprovalRow>> {
    const rows = await services.models.cases.page(box, viewer.personId, limit + 1, decodeCursor(cursor))
    const organisation = await services.organisation.current()
    const names = new Map(
      (await services.models.customers.byIds(rows.map(row => row.customerId))).map(row => [row._id, row.name]),
    )
    return asPage(
      rows,
      limit,
      row => ({ at: row.submittedAt.getTime(), id: row._id }),
      row => ({
        caseId: row._id,
        number: row.number,
        title: row.title,
        customerName: names.get(row.customerId) ?? '',
        amountMinor: row.amountMinor,
        status: CASE_STATUS[row.status],
        ...(row.nodeName && { nodeName: row.nodeName }),
        submitter: organisation.ref(row.submitterId),
        submittedAt: row.submittedAt.getTime(),
      }),
    )
  },
})

/** The case, if this person may see it: its submitter's line, everybody who has or had a task in it, finance. */
export async function requireCase(services: Services, viewer: Viewer, caseId: string): Promise<CaseDoc<ProcessState>> {
  const head = (await services.models.cases.byId(caseId)) as CaseDoc<ProcessState> | null
  if (!head) throw new NotFoundError('approval.unknown_case', '没有找到这个审批,可能已被删除。')
  const record = { ownerId: head.submitterId, participantIds: head.participantIds }
  if (!canSee(viewer, 'cases', record) && !canSee(viewer, 'contracts', record)) {
    throw new DeniedError('approval.not_visible', '您没有查看这个审批的权限。')
  }
  return head
}

/** A case with the whole path, its times, and who is still to come. */
export const approvalGet = defineQuery({
  name: 'approvals.get',
  title: '审批详情',
  input: approvalGetInput,
  surfaces: ['h5'],
  async run({ services, viewer, now }, { caseId }): Promise<ApprovalDetail> {
    const head = await requireCase(services, viewer, caseId)
    const { state } = head
    const organisation = await services.organisation.current()
    const facts = factsOf(services, state)
    const [customer, attachments, reasons] = await Promise.all([
      services.models.customers.byId(facts.customerId),
      services.models.files.find(facts.attachmentIds),
      services.models.cases.reasonsOf(viewer.personId),
    ])
    const route = withAnswers(organisation, answers => upcomingRoute(definitionOf(services, state), state, { now, answers }))
    const mine = state.openTasks.some(task => task.assigneeIds.includes(viewer.personId))
    const open = !isFinished(state)
    return {
      caseId,
      number: facts.number,
      title: facts.title,
      type: facts.type,
      amountMinor: facts.amountMinor,
      status: CASE_STATUS[state.status],
      ...(state.incident && { incident: state.incident.why }),
      customer: {
        id: facts.customerId,
        name: facts.customerName,
        open: customer !== null && canSee(viewer, 'customers', customer),
      },
      submitter: organisation.ref(state.submitterId),
      submittedAt: state.submittedAt,
      ...(state.finishedAt !== undefined && { finishedAt: state.finishedAt }),
      attachments: attachments.map(({ ownerId: _, ...file }) => file),
      path: state.path.flatMap(entry => pathStep(entry, organisation, now)),
      coming:
        route.kind === 'route'
          ? route.steps.map(({ name, assigneeIds, reason }) => ({
              name,
              people: assigneeIds.map(id => organisation.ref(id)),
              ...(reason && { reason }),
            }))
          : [],
      handOffs: handOffs(state),
      can: {
        decide: mine && state.status === 'running',
        transfer: mine && state.status === 'running',
        withdraw: open && state.submitterId === viewer.personId,
        urge: state.status === 'running' && state.submitterId === viewer.personId,
      },
      recentReasons: reasons,
    }
  },
})

function pathStep(entry: PathEntry, organisation: Organisation, now: number): PathStep[] {
  if (entry.type === 'exclusive' || entry.type === 'end') return []
  const people = entry.byId ? [entry.byId] : entry.assigneeIds
  const outcome = entry.outcome && OUTCOMES[entry.outcome]
  return [
    {
      name: entry.name,
      state: entry.outcome ? 'done' : 'now',
      people: people.map(id => organisation.ref(id)),
      ...(outcome && { outcome }),
      ...(entry.reason && { reason: entry.reason }),
      ...(entry.comment && { comment: entry.comment }),
      enteredAt: entry.enteredAt,
      ...(entry.decidedAt !== undefined && { decidedAt: entry.decidedAt }),
      ...(entry.taskId && { waitedMs: (entry.decidedAt ?? now) - entry.enteredAt }),
      ...(entry.via && { via: PLATFORM_NAMES[entry.via] ?? entry.via }),
      transfers: entry.transfers.map(({ fromId, toId, at }) => ({
        from: organisation.ref(fromId),
        to: organisation.ref(toId),
        at,
      })),
    },
  ]
}
