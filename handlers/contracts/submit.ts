import { type ContractSubmitted, contractSubmitInput } from '../../common/contract/contracts.ts'
import { AppError, ConflictError } from '../../common/errors.ts'
import { parseAmount } from '../../common/money.ts'
import { cleanName } from '../../common/names.ts'
import { act, publishedDefinition } from '../approvals/index.ts'
import { defineCommand } from '../kernel/command.ts'
import { visibleCustomer } from '../kernel/visible-customer.ts'
import { requireOwnDraft } from '../talk/drafts.ts'
import { CONTRACT_PROCESS, contractCase, contractForm } from './case.ts'

/** 提交合同: begins its approval. The contract itself is written by the case, see `case.ts`. */
export const submitContract = defineCommand({
  name: 'contracts.submit',
  title: '提交合同',
  input: contractSubmitInput,
  surfaces: ['chat', 'card', 'h5'],
  kind: 'decision',

  async run({ services, actor, commandId, via, now, id }, input) {
    const { models } = services
    const customer = await visibleCustomer(services, actor, input.customerId)
    const amount = parseAmount(input.amount)
    const title = cleanName(input.title, 80)
    const fields = { ...(!amount.ok && { amount: amount.message }), ...(!title && { title: '请填写合同标题' }) }
    if (!amount.ok || !title) throw new AppError('contract.invalid', Object.values(fields).join(';'), { details: { fields } })
    const files = await models.files.find(input.attachmentIds)
    if (files.length !== input.attachmentIds.length || files.some(file => file.ownerId !== actor.personId)) {
      throw new AppError('file.unknown', '有附件没有上传成功,请重新上传。', {
        details: { fields: { attachmentIds: '请重新上传附件' } },
      })
    }
    const at = new Date(now)
    await requireOwnDraft(services, actor, input.draftId, 'contract')
    if (input.draftId && !(await models.talk.claim(input.draftId, commandId, at))) {
      throw new ConflictError('draft.closed', '这份草稿已经处理过,没有重复提交。')
    }
    const definition = await publishedDefinition(services, CONTRACT_PROCESS)
    if (!definition) throw new AppError('approval.unknown_process', '合同审批流程还没有发布,请联系管理员。')
    const caseId = id('case')
    try {
      const form = await contractCase.begin(services, {
        caseId,
        definition,
        submitterId: actor.personId,
        commandId,
        form: {
          customerId: customer._id,
          title,
          type: input.type,
          amountMinor: amount.minor,
          attachmentIds: input.attachmentIds,
          ...(input.draftId && { draftId: input.draftId }),
        },
      })
      const step = await act(services, {
        caseId,
        actorId: actor.personId,
        commandId,
        via,
        definition,
        event: { type: 'submit', caseId, by: actor.personId, via, form },
      })
      const { contractId, number } = contractForm.parse(form)
      const result: ContractSubmitted = { contractId, number, caseId: step.caseId }
      return { result, subject: `contract:${contractId}` }
    } catch (error) {
      if (input.draftId && error instanceof AppError) await models.talk.release(input.draftId, commandId)
      throw error
    }
  },
})
