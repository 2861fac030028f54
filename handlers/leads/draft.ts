import type { LeadCreated } from '../../common/contract/leads.ts'
import { formatYuan } from '../../common/money.ts'
import { routes } from '../kernel/links.ts'
import type { DraftKind } from '../talk/draft-kinds.ts'
import { fillField } from '../talk/understand/index.ts'
import { createLead } from './create.ts'
import { findDuplicates } from './duplicates.ts'

const asText =
  <Field extends 'company' | 'contact' | 'phone' | 'interest'>(field: Field) =>
  (text: string) =>
    fillField(field, text)

/** A lead being entered in the chat. Values are text, as a form holds them; the amount is kept as `800,000.00`. */
export const leadDraft: DraftKind = {
  kind: 'lead',
  title: '新线索',
  noun: '线索',
  command: createLead,
  fields: [
    {
      name: 'company',
      label: '公司',
      required: true,
      question: '客户公司叫什么?直接回复公司名称即可。',
      read: asText('company'),
    },
    { name: 'contact', label: '联系人', required: true, question: '联系人叫什么?', read: asText('contact') },
    { name: 'phone', label: '电话', required: true, question: '联系电话是多少?例如 13812345678。', read: asText('phone') },
    { name: 'interest', label: '需求', required: false, question: '需求是什么?', read: asText('interest') },
    {
      name: 'budget',
      label: '预算',
      required: false,
      question: '预算是多少?例如 80万。',
      read: text => {
        const budget = fillField('budget', text)
        return budget.ok ? { ok: true, value: formatYuan(budget.value) } : budget
      },
    },
  ],
  heading: values => values.company ?? '新线索',
  facts: values =>
    [
      { label: '公司', value: values.company },
      { label: '联系人', value: values.contact },
      { label: '电话', value: values.phone },
      { label: '需求', value: values.interest },
      { label: '预算', value: values.budget && `${values.budget} 元` },
    ].flatMap(({ label, value }) => (value ? [{ label, value }] : [])),
  route: draft => routes.newLead(draft._id),
  resultRoute: draft => routes.customer(draft.outcome?.id ?? ''),
  toInput: (draft, { anyway }) => ({ ...draft.values, draftId: draft._id, anyway }),
  async check(services, viewer, values) {
    return { duplicates: await findDuplicates(services, viewer, { company: values.company ?? '', phone: values.phone ?? '' }) }
  },
  outcomeNote: result => {
    const { number, customerId } = result as LeadCreated
    return { number, id: customerId, note: `线索 ${number} 已写入` }
  },
}
