import type { StatusWord } from '../../cards/model.ts'
import type { PathEntry, Seat } from '../../engine/process/index.ts'
import type { Services } from '../kernel/services.ts'
import type { Organisation } from '../people/organisation.ts'
import { OUTCOME_WORDS } from './words.ts'

const STATUS: Readonly<Record<string, StatusWord>> = {
  approved: '已同意',
  rejected: '已拒绝',
  done: '已完成',
  withdrawn: '已撤回',
  returned: '已退回',
}

/** This person voted here, or somebody in their place. */
const isVoteOf = (seat: Seat, personId: string): boolean =>
  seat.decidedAt !== undefined && [seat.personId, seat.byId, seat.delegateId].includes(personId)

/** What became of a step, as the card of somebody who was asked there says it: their own vote first, else how the step ended. */
export function outcomeOf(
  services: Services,
  organisation: Organisation,
  entry: PathEntry,
  viewerId: string,
): { status: StatusWord; note: string } {
  const stamp = (at: number) => services.time.stamp(at, services.clock.now())
  const words = (comment: string | undefined) => (comment ? ` · ${comment}` : '')
  const voted = entry.seats.findLast(seat => isVoteOf(seat, viewerId))
  if (voted?.decidedAt !== undefined) {
    const word = STATUS[voted.status === 'approved' && entry.type === 'handle' ? 'done' : voted.status] ?? '已完成'
    return {
      status: word,
      note: `${word} · ${organisation.name(voted.byId ?? voted.personId)} · ${stamp(voted.decidedAt)}${words(voted.comment)}`,
    }
  }
  const away = entry.seats.flatMap(seat => seat.transfers).findLast(transfer => transfer.fromId === viewerId)
  if (away) {
    return {
      status: '已转交',
      note: `已转交 · ${organisation.name(away.fromId)} → ${organisation.name(away.toId)} · ${stamp(away.at)}`,
    }
  }
  const status = STATUS[entry.outcome ?? '']
  if (entry.leftAt === undefined || !status) {
    const word = entry.outcome && OUTCOME_WORDS[entry.outcome]
    return { status: '已失效', note: word ? `这一步${word}` : '不再需要您处理' }
  }
  const who = entry.byId ? ` · ${organisation.name(entry.byId)}` : ''
  return { status, note: `${status}${who} · ${stamp(entry.leftAt)}${words(entry.comment)}` }
}
