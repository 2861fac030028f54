import { deriveId } from '../../common/ids.ts'
import { elapsedWorkingMs, isWorking } from '../../engine/calendar/index.ts'
import type { CardDoc } from '../../models/kernel/card-ledger.ts'
import type { PageEnd } from '../../models/kernel/mongo.ts'
import type { CardTemplates } from './card-template.ts'
import { routes } from './links.ts'
import { renewCard } from './renew.ts'
import type { Services } from './services.ts'

const HOUR_MS = 3_600_000
/** So many are asked again at once; the others a moment later. */
const BATCH = 50
const PAGE = 500

export const DEFAULT_REMIND_HOURS = 8

/**
 * Decision cards that nobody answered within `remindHours` of their reader's working time come up once more, and only in working time: as a fresh
 * card where the old one can be closed only now, else as words.
 */
export async function askAgain(services: Services, templates: CardTemplates, remindHours: number): Promise<number> {
  const names = [...templates.values()].filter(template => template.asksDecision).map(template => template.name)
  const now = services.clock.now()
  const enoughMs = remindHours * HOUR_MS
  const [organisation, calendars] = await Promise.all([services.organisation.current(), services.calendars.current()])
  const isDue = ({ personId, sentAt }: CardDoc): boolean => {
    const time = calendars.ofPerson(organisation, personId)
    return isWorking(time, now) && elapsedWorkingMs(time, sentAt?.getTime() ?? now, now) >= enoughMs
  }
  let asked = 0
  // Many whose reader is at home must not hide those whose reader is at work.
  for (let after: PageEnd | undefined; asked < BATCH; ) {
    const rows = await services.models.cards.unanswered(names, new Date(now - enoughMs), PAGE, after)
    for (const row of rows.filter(isDue).slice(0, BATCH - asked)) {
      await askOnceMore(services, row, remindHours, new Date(now))
      asked += 1
    }
    const last = rows.at(-1)
    if (rows.length < PAGE || !last?.sentAt) break
    after = { at: last.sentAt.getTime(), id: last._id }
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
