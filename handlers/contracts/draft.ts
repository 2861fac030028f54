import type { ContractSubmitted } from '../../common/contract/contracts.ts'
import { formatYuan, formatYuanShort, parseAmount } from '../../common/money.ts'
import { routes } from '../kernel/links.ts'
import { attachedWords, readAttachments } from '../talk/attachments.ts'
import type { DraftKind } from '../talk/draft-kinds.ts'
import { fillField } from '../talk/understand/index.ts'
import { contractSteps } from './route.ts'
import { submitContract } from './submit.ts'

const amountOf = (values: Readonly<Record<string, string>>): number | null => {
  const parsed = values.amount ? parseAmount(values.amount) : null
  return parsed?.ok ? parsed.minor : null
}

/** A contract being entered in the chat. The customer was chosen before the draft began. */
export const contractDraft: DraftKind = {
  kind: 'contract',
  title: '提交合同',
  noun: '合同',
  command: submitContract,
  takesFiles: true,
  fields: [
    {
      name: 'title',
      label: '标题',
      required: true,
      question: '合同标题是什么?例如:专线扩容。',
      read: text => fillField('title', text),
    },
    {
      name: 'type',
      label: '类型',
      required: true,
      question: '合同类型是哪一种?请回复:专线、集成 或 其他。',
      read: text => fillField('contractType', text),
    },
    {
      name: 'amount',
      label: '金额',
      required: true,
      question: '合同金额是多少?例如:62万。',
      read: text => {
        const amount = fillField('amount', text)
        return amount.ok ? { ok: true, value: formatYuan(amount.value) } : amount
      },
    },
  ],
  heading: values => [values.customerName, values.title].filter(Boolean).join(' · '),
  facts: values => {
    const minor = amountOf(values)
    return [
      { label: '金额', value: minor === null ? undefined : formatYuanShort(minor) },
      { label: '客户', value: values.customerName },
      { label: '标题', value: values.title },
      { label: '类型', value: values.type },
      { label: '附件', value: attachedWords(values.attachments) },
    ].flatMap(({ label, value }) => (value ? [{ label, value }] : []))
  },
  route: draft => routes.newContract(draft.values.customerId, draft._id),
  resultRoute: draft => routes.approval(draft.outcome?.id ?? ''),
  toInput: draft => ({
    customerId: draft.values.customerId,
    title: draft.values.title,
    type: draft.values.type,
    amount: draft.values.amount,
    attachmentIds: readAttachments(draft.values.attachments).map(({ id }) => id),
    draftId: draft._id,
  }),
  async check(services, viewer, values) {
    const amountMinor = amountOf(values)
    if (amountMinor === null || !values.type) return {}
    const steps = await contractSteps(services, viewer, { type: values.type, amountMinor })
    return { note: `预计经过 ${steps.map(step => step.name.replace(/审批$/, '')).join(' → ')}` }
  },
  outcomeNote: result => {
    const { number, caseId } = result as ContractSubmitted
    return { number, id: caseId, note: `${number} 已提交审批` }
  },
}
