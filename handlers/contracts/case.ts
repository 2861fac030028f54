import { z } from 'zod'
import { CONTRACT_TYPES } from '../../common/contract/contracts.ts'
import { AppError } from '../../common/errors.ts'
import { deriveId } from '../../common/ids.ts'
import { formatYuan, formatYuanShort, toUpperYuan } from '../../common/money.ts'
import { contractProcess } from '../../engine/process/index.ts'
import { CASE_STATUS, type CaseStep, type CaseSubject } from '../kernel/case-subject.ts'
import { routes } from '../kernel/links.ts'
import type { Services } from '../kernel/services.ts'
import { projectSteps } from '../projects/index.ts'
import { draftSubject } from '../talk/drafts.ts'

/** The process that contracts are decided by. */
export const CONTRACT_PROCESS = contractProcess.key

/** What a contract's case carries in its form: all that is needed to write the contract, beside what its branches read. */
export const contractForm = z.object({
  contractId: z.string(),
  number: z.string(),
  customerId: z.string(),
  customerName: z.string(),
  title: z.string(),
  type: z.enum(CONTRACT_TYPES),
  amountMinor: z.number().int().positive(),
  ownerId: z.string(),
  attachmentIds: z.array(z.string()),
  draftId: z.string().optional(),
})

export type ContractForm = z.infer<typeof contractForm>

/** The contract follows its approval: made with the first step, its status with each, its project with the last. */
export const contractCase: CaseSubject = {
  facts(state, definition) {
    const { contractId, number, title, customerId, customerName, amountMinor, type, attachmentIds } = contractForm.parse(
      state.form,
    )
    return {
      kind: definition.name,
      record: `contract:${contractId}`,
      number,
      title,
      customerId,
      customerName,
      attachmentIds,
      keyFact: { field: 'amountMinor', value: `${formatYuan(amountMinor)} 元` },
      facts: [
        { label: '金额', value: formatYuanShort(amountMinor), note: toUpperYuan(amountMinor), field: 'amountMinor' },
        { label: '类型', value: type, field: 'type' },
      ],
    }
  },

  async begin(services, { form, commandId }) {
    const { models, time, clock } = services
    const customer = await models.customers.byId(String(form.customerId ?? ''))
    if (!customer) throw new AppError('customer.unknown', '没有找到这个客户。')
    const full = contractForm.safeParse({
      attachmentIds: [],
      ...form,
      contractId: deriveId(commandId, 'contract'),
      number: await models.reservations.nextNumber(`HT-${time.year(clock.now())}`, commandId),
      customerName: customer.name,
      ownerId: customer.ownerId,
    })
    if (!full.success) throw new AppError('contract.invalid', '合同内容不完整,请补充标题、类型和金额。')
    return full.data
  },

  async follow(services, step, participantIds) {
    const { models } = services
    const state = step.after
    const form = contractForm.parse(state.form)
    const finished = step.effects.some(effect => effect.type === 'finalised')
    const { draftId: _draft, customerName: _name, contractId: _id, ...contract } = form
    await models.contracts.follow({
      _id,
      ...contract,
      status: CASE_STATUS[state.status],
      caseId: state.caseId,
      revision: state.revision,
      submitterId: state.submitterId,
      submittedAt: new Date(state.submittedAt),
      participantIds,
      ...(state.finishedAt !== undefined && { finishedAt: new Date(state.finishedAt) }),
    })
    if (step.event.type === 'submit') await begin(services, step, form)
    if (!finished) return
    await tell(services, step, form, `合同 ${form.number} ${CASE_STATUS[state.status]}`)
    if (state.status === 'approved') await startProject(services, step, form)
  },
}

async function begin(services: Services, step: CaseStep, form: ContractForm): Promise<void> {
  const { models, time } = services
  const { draftId } = form
  await models.customers.touch(form.customerId, step.at)
  await models.customers.setStage(form.customerId, '跟进中', ['潜在'])
  await tell(services, step, form, `提交合同 ${form.number} ${form.title}`, `${formatYuan(form.amountMinor)} 元`)
  if (!draftId) return
  const at = step.at.getTime()
  await models.talk.finish(draftId, step.commandId, {
    number: form.number,
    id: step.caseId,
    note: `已提交审批 · ${time.stamp(at, at)}`,
    at: step.at,
  })
  await models.cards.touch(draftSubject(draftId), step.at)
}

async function startProject({ models, time }: Services, step: CaseStep, form: ContractForm): Promise<void> {
  await models.customers.setStage(form.customerId, '已签约', ['潜在', '跟进中'])
  await models.leads.advance(form.customerId, '已转化', ['新建', '跟进中'])
  await models.projects.ensure({
    _id: deriveId('project', form.contractId),
    contractId: form.contractId,
    customerId: form.customerId,
    title: form.title,
    ownerId: form.ownerId,
    steps: projectSteps(form.type, step.at.getTime(), time),
    createdAt: step.at,
  })
}

async function tell(services: Services, step: CaseStep, form: ContractForm, title: string, text?: string): Promise<void> {
  await services.models.timeline.add({
    _id: deriveId('timeline', step._id),
    customerId: form.customerId,
    at: step.at,
    type: 'contract',
    title,
    ...(text && { text }),
    byId: step.actorId,
    to: routes.approval(step.caseId),
  })
}
