import { type RequestSubmitted, requestSubmitInput } from '../../common/contract/requests.ts'
import { AppError, ConflictError, InvalidError } from '../../common/errors.ts'
import type { Viewer } from '../../engine/policy/index.ts'
import type { ProcessDefinition, ProcessForm } from '../../engine/process/index.ts'
import { act, readFields } from '../approvals/index.ts'
import { defineCommand } from '../kernel/command.ts'
import type { Services } from '../kernel/services.ts'
import { visibleCustomer } from '../kernel/visible-customer.ts'
import { requireOwnDraft } from '../talk/drafts.ts'
import { requestCase } from './case.ts'
import { CUSTOMER_FIELD, customerNeed, startFields } from './form.ts'
import { requireTemplate } from './templates.ts'

/** 发起申请: begins its case. The request itself is written by the case, see `case.ts`. */
export const submitRequest = defineCommand({
  name: 'requests.submit',
  title: '发起申请',
  input: requestSubmitInput,
  surfaces: ['chat', 'card', 'h5'],
  kind: 'decision',

  async run({ services, actor, commandId, via, now, id }, input) {
    const { models } = services
    const definition = await requireTemplate(services, input.key)
    const form = await requestForm(services, actor, definition, input)
    await requireOwnFiles(services, actor, input.attachmentIds)
    await requireOwnDraft(services, actor, input.draftId, 'request')
    if (input.draftId && !(await models.talk.claim(input.draftId, commandId, new Date(now)))) {
      throw new ConflictError('draft.closed', '这份草稿已经处理过,没有重复提交。')
    }
    const caseId = id('case')
    try {
      const full = await requestCase.begin(services, {
        caseId,
        definition,
        submitterId: actor.personId,
        commandId,
        form: { ...form, attachmentIds: input.attachmentIds, ...(input.draftId && { draftId: input.draftId }) },
      })
      const step = await act(services, {
        caseId,
        actorId: actor.personId,
        commandId,
        via,
        definition,
        event: {
          type: 'submit',
          caseId,
          by: actor.personId,
          via,
          form: full,
          ...(input.choices && { choices: input.choices }),
        },
      })
      const result: RequestSubmitted = {
        requestId: String(full.requestId),
        number: String(full.number),
        caseId: step.caseId,
      }
      return { result, subject: `request:${result.requestId}` }
    } catch (error) {
      if (input.draftId && error instanceof AppError) await models.talk.release(input.draftId, commandId)
      throw error
    }
  },
})

/**
 * What was filled in, as the engine keeps it, with the customer's name where one was chosen.
 * @throws InvalidError `input.invalid` with a sentence for each field
 */
export async function requestForm(
  services: Services,
  actor: Viewer,
  definition: ProcessDefinition,
  input: { form: Readonly<Record<string, unknown>>; customerId?: string | undefined },
): Promise<ProcessForm> {
  const organisation = await services.organisation.current()
  const askable = new Set(startFields(definition).map(([name]) => name))
  const foreign = Object.keys(input.form).find(name => !askable.has(name))
  if (foreign !== undefined)
    throw new InvalidError('input.invalid', '表单里没有这一项。', { fields: { [foreign]: '表单里没有这一项' } })
  const form = readFields(definition, input.form, { organisation, time: services.time, now: services.clock.now() })
  if (customerNeed(definition) === 'none' || !input.customerId) return form
  const customer = await visibleCustomer(services, actor, input.customerId)
  return { ...form, customerId: customer._id, [CUSTOMER_FIELD]: customer.name }
}

async function requireOwnFiles(services: Services, actor: Viewer, ids: readonly string[]): Promise<void> {
  const files = await services.models.files.find(ids)
  if (files.length === ids.length && files.every(file => file.ownerId === actor.personId)) return
  throw new AppError('file.unknown', '有附件没有上传成功,请重新上传。', {
    details: { fields: { attachmentIds: '请重新上传附件' } },
  })
}
