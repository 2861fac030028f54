import type { OutboxDoc } from '../../models/kernel/outbox.ts'

/** From so many on, waiting notices to one person become one message. */
export const DIGEST_FROM = 3
/** Notices that one digest takes along; more wait for the next. */
export const DIGEST_MOST = 50
const LINES = 8
const LINE_CHARS = 60

const headline = (text: string): string => {
  const words = text
    .replace(/https?:\/\/\S+/g, '')
    .replace(/\s+/g, ' ')
    .trim()
  return words.length > LINE_CHARS ? `${words.slice(0, LINE_CHARS - 1)}…` : words
}

/** Several notices as one message: how many, the first ones by a line each, and where to find them all. */
export function digestText(notices: readonly Pick<OutboxDoc, 'text'>[], link: string): string {
  const lines = notices.slice(0, LINES).map((notice, index) => `${index + 1}. ${headline(notice.text)}`)
  const more = notices.length > LINES ? [`另有 ${notices.length - LINES} 条。`] : []
  return [`您有 ${notices.length} 条通知:`, ...lines, ...more, `全部查看:${link}`].join('\n')
}
