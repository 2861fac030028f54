import { type ApprovalDetail, approvalGetInput } from '../../../common/contract/approvals.ts'
import { canSee } from '../../../engine/policy/index.ts'
import { handOffs, type ProcessState, readState } from '../../../engine/process/index.ts'
import type { CaseDoc } from '../../../models/approvals/index.ts'
import { CASE_STATUS } from '../../kernel/case-subject.ts'
import { defineQuery } from '../../kernel/command.ts'
import { PLATFORM_NAMES } from '../../kernel/services.ts'
import { definitionOf, factsOf } from '../definitions.ts'
import { copiedOf } from '../follow/head.ts'
import { hiddenFields } from '../visible-fields.ts'
import { comingSteps } from './coming.ts'
import { canDo, myTask } from './my-task.ts'
import { pathSteps } from './path-view.ts'
import { requireCase } from './require-case.ts'

const REASONS_FROM = 30
const MAX_REASONS = 5

/** A case with the whole path, its times, who is still to come, and what the reader may do. */
export const approvalGet = defineQuery({
  name: 'approvals.get',
  title: '审批详情',
  input: approvalGetInput,
  surfaces: ['h5'],
  async run({ services, viewer, now }, { caseId }): Promise<ApprovalDetail> {
    const head = await requireCase(services, viewer, caseId)
    const { state } = head
    const { models } = services
    const [organisation, definition, calendars] = await Promise.all([
      services.organisation.current(),
      definitionOf(services, state),
      services.calendars.current(),
    ])
    const facts = factsOf(services, organisation, definition, state)
    const hidden = hiddenFields(definition, state, viewer)
    const [customer, attachments, rejected] = await Promise.all([
      facts.customerId ? models.customers.byId(facts.customerId) : null,
      models.files.find(facts.attachmentIds),
      models.cases.rejectedWith(viewer.personId, REASONS_FROM),
    ])
    const reading = { calendars, definition, state, organisation, viewer, now }
    const task = myTask(reading)
    return {
      caseId,
      kind: facts.kind,
      number: facts.number,
      title: facts.title,
      status: CASE_STATUS[state.status],
      incidents: state.incidents.map(({ entryId, why, nodeId }) => ({
        entryId,
        nodeName: definition.nodes.find(node => node.id === nodeId)?.name ?? nodeId,
        why,
      })),
      ...(facts.customerId && {
        customer: {
          id: facts.customerId,
          name: facts.customerName ?? '',
          open: customer !== null && canSee(viewer, 'customers', customer),
        },
      }),
      facts: facts.facts.filter(({ field }) => !field || !hidden.has(field)).map(({ field: _, ...fact }) => fact),
      submitter: organisation.ref(state.submitterId),
      submittedAt: state.submittedAt,
      ...(state.finishedAt !== undefined && { finishedAt: state.finishedAt }),
      attachments: attachments.map(({ ownerId: _, ...file }) => file),
      path: [...pathSteps(reading), ...comingSteps(reading)],
      remarks: state.remarks.map(({ byId, at, text, via }) => ({
        by: organisation.ref(byId),
        at,
        text,
        ...(via && { via: PLATFORM_NAMES[via] ?? via }),
      })),
      copied: copiedOf(state).map(id => organisation.ref(id)),
      handOffs: handOffs(state),
      can: canDo(reading, head),
      ...(task && { task }),
      openTasks: state.openTasks.map(open => ({
        taskId: open.taskId,
        name: open.name,
        people: open.assigneeIds.map(id => organisation.ref(id)),
      })),
      recentReasons: reasonsOf(rejected, viewer.personId),
    }
  },
})

/** The last few reasons with which this person rejected, newest first. */
function reasonsOf(heads: readonly CaseDoc[], personId: string): string[] {
  const states: ProcessState[] = heads.map(head => readState(head.state))
  const reasons = states.flatMap(state =>
    state.path.flatMap(entry =>
      entry.seats.flatMap(seat => (seat.status === 'rejected' && seat.byId === personId ? (seat.comment ?? []) : [])),
    ),
  )
  return [...new Set(reasons)].slice(0, MAX_REASONS)
}
