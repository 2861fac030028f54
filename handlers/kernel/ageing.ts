import { deriveId } from '../../common/ids.ts'
import type { LocalTime } from '../../common/time.ts'
import type { CardDoc } from '../../models/kernel/card-ledger.ts'
import type { CardTemplates } from './card-template.ts'
import { routes } from './links.ts'
import { renewCard } from './renew.ts'
import type { Services } from './services.ts'

const HOUR_MS = 3_600_000
const STEP_MS = 15 * 60_000
/** Monday to Friday, these hours of the day. */
const OPENS_HOUR = 9
const CLOSES_HOUR = 18
const BATCH = 50

export const DEFAULT_REMIND_HOURS = 8

/** Working time between two moments, to a quarter of an hour; looks at no more than `mostMs` of it. */
export function workingMs(from: number, to: number, mostMs: number, time: LocalTime): number {
  let sum = 0
  for (let at = from; at + STEP_MS <= to && sum < mostMs; at += STEP_MS) {
    const local = new Date(at + time.offsetMs(at))
    const isWeekend = local.getUTCDay() % 6 === 0
    if (!isWeekend && local.getUTCHours() >= OPENS_HOUR && local.getUTCHours() < CLOSES_HOUR) sum += STEP_MS
  }
  return sum
}

/**
 * Decision cards that nobody answered within `remindHours` of working time come up once more: as a fresh card where the old one can be closed
 * only now, else as words.
 */
export async function askAgain(services: Services, templates: CardTemplates, remindHours: number): Promise<number> {
  const names = [...templates.values()].filter(template => template.asksDecision).map(template => template.name)
  const now = services.clock.now()
  const enoughMs = remindHours * HOUR_MS
  let asked = 0
  for (const row of await services.models.cards.unanswered(names, new Date(now - enoughMs), BATCH)) {
    const sentAt = row.sentAt?.getTime() ?? now
    if (workingMs(sentAt, now, enoughMs, services.time) < enoughMs) continue
    await askOnceMore(services, row, remindHours, new Date(now))
    asked += 1
  }
  return asked
}

async function askOnceMore(services: Services, row: CardDoc, remindHours: number, at: Date): Promise<void> {
  const channel = row.platform ? services.channels.get(row.platform) : undefined
  const note = `已等候 ${remindHours} 个工作小时,请在新卡片上处理`
  if (channel?.abilities.cardUpdate === 'once' && row.handle) await renewCard(services, channel, { ...row, agedAt: at }, note)
  else {
    await services.models.outbox.put(
      [
        {
          _id: deriveId('aged', row._id),
          to: { personId: row.personId },
          text: `有一项审批已等您 ${remindHours} 个工作小时,请在上面的卡片里处理,或打开:${services.links.h5(routes.todos)}`,
          urgency: 'notice',
          topic: 'reminder',
          subject: row.subject,
          mergeKey: 'aged',
        },
      ],
      at,
    )
    services.poke('outbox')
  }
  await services.models.cards.aged(row._id, at)
}
