import type { NewMessage } from '../../models/kernel/outbox.ts'

export const notice = (id: string, personId: string, text: string): NewMessage => ({
  _id: id,
  to: { personId },
  text,
  urgency: 'notice',
})
