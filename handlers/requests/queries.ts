import { z } from 'zod'
import {
  type RequestFormView,
  type RequestRoute,
  type RequestTemplate,
  requestFormInput,
  requestRouteInput,
} from '../../common/contract/requests.ts'
import { initiatorChoices } from '../../engine/process/index.ts'
import { expectedRoute } from '../approvals/index.ts'
import { defineQuery } from '../kernel/command.ts'
import { customerNeed, emptyField, startFields } from './form.ts'
import { requestForm } from './submit.ts'
import { offeredTemplates, requireTemplate } from './templates.ts'

/** What one may begin. */
export const requestTemplates = defineQuery({
  name: 'requests.templates',
  title: '可以发起的申请',
  input: z.object({}),
  surfaces: ['chat', 'h5'],
  async run({ services }): Promise<{ items: RequestTemplate[] }> {
    return { items: await offeredTemplates(services) }
  },
})

/** The form of one kind of request. */
export const requestFormQuery = defineQuery({
  name: 'requests.form',
  title: '申请表单',
  input: requestFormInput,
  surfaces: ['h5'],
  async run({ services }, { key }): Promise<RequestFormView> {
    const definition = await requireTemplate(services, key)
    return {
      key,
      name: definition.name,
      version: definition.version,
      fields: startFields(definition).map(([name, field]) => emptyField(definition, name, field)),
      customer: customerNeed(definition),
      choices: initiatorChoices(definition).map(({ id, name }) => ({ nodeId: id, name })),
    }
  },
})

/** 谁会审批, before it is submitted: as far as what is filled in so far decides it. */
export const requestRoute = defineQuery({
  name: 'requests.route',
  title: '谁会审批',
  input: requestRouteInput,
  surfaces: ['h5'],
  async run({ services, viewer }, input): Promise<RequestRoute> {
    const definition = await requireTemplate(services, input.key)
    const form = await requestForm(services, viewer, definition, input)
    return expectedRoute(services, definition, {
      by: viewer.personId,
      form,
      ...(input.choices && { choices: input.choices }),
    })
  },
})
