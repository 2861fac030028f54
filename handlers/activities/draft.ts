import { routes } from '../kernel/links.ts'
import type { DraftKind } from '../talk/draft-kinds.ts'
import { fillField } from '../talk/understand/index.ts'
import { createActivity } from './create.ts'

/** Longer ones are cut off in a line of a card. */
const SHORT_TEXT = 30

/** A follow-up note being entered in the chat; its customer was chosen before. */
export const activityDraft: DraftKind = {
  kind: 'activity',
  title: '写跟进',
  noun: '跟进',
  command: createActivity,
  fields: [
    {
      name: 'text',
      label: '内容',
      required: true,
      question: '跟进了什么?直接回复内容即可。',
      read: text => fillField('text', text),
    },
  ],
  heading: values => values.customerName ?? '跟进',
  facts: values =>
    [
      { label: '客户', value: values.customerName },
      { label: '内容', value: values.text },
    ].flatMap(({ label, value }) => (value ? [{ label, value }] : [])),
  quote: ({ text = '' }) => (text.length > SHORT_TEXT ? `全文 ${text.length} 字:${text}` : undefined),
  route: draft => routes.writeActivity(draft.values.customerId ?? '', draft._id),
  resultRoute: draft => routes.customer(draft.values.customerId ?? ''),
  toInput: draft => ({ customerId: draft.values.customerId, text: draft.values.text, draftId: draft._id }),
  outcomeNote: () => ({ note: '跟进已写入' }),
}
