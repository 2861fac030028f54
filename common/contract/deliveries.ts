import { z } from 'zod'
import { pageInput } from './page.ts'
import type { PersonRef } from './people.ts'

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, '时间写成 21:00 的样子')

/** A daily stretch without notices, local time; it may pass midnight. Equal ends: none. */
export const quietHours = z.object({ from: clock, to: clock })

/** `deliveries.list`: an admin may ask for anything, the submitter of a case for that case. */
export const deliveriesListInput = pageInput.extend({
  caseId: z.string().min(1).max(64).optional(),
  personId: z.string().min(1).max(64).optional(),
})

/** `notices.setQuiet`: one's own hours; `null`: none; absent: the company's again. */
export const setQuietInput = z.object({ quiet: quietHours.nullable().optional() })

/** `notices.configure`: for the whole company. */
export const configureNoticesInput = z.object({
  quiet: quietHours.nullable().optional(),
  remindAfterHours: z.number().int().min(1).max(200).optional(),
})

export type QuietHoursInput = z.output<typeof quietHours>

/** `notices.settings`: what holds for the asker. */
export interface NoticeSettingsView {
  company: { quiet: QuietHoursInput | null; remindAfterHours: number }
  /** `undefined`: the company's. */
  own?: { quiet: QuietHoursInput | null }
}

/** One line of the delivery ledger: was he told? */
export interface DeliveryRow {
  id: string
  kind: 'card' | 'text' | 'sms'
  /** Absent for messages to a group or to somebody unknown. */
  person?: PersonRef
  /** 企业微信 / 钉钉 / 短信; absent while it waits. */
  via?: string
  /** First words of a text, or what the card is about. */
  title: string
  /** 已送达, 等待发送 … */
  state: string
  told: 'yes' | 'no' | 'waiting' | 'unknown'
  at: number
  sentAt?: number
}
