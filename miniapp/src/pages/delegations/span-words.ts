import type { DelegationView } from '../../../../common/contract/delegations.ts'
import { dateOf, startOfDate } from '../../kernel/dates.ts'
import { formatDayWord, formatWhen } from '../../kernel/time.ts'

export const STATE_WORDS: Record<DelegationView['state'], string> = { coming: '未开始', active: '进行中', ended: '已结束' }

/** A moment that is local midnight stands for a day. */
const isMidnight = (at: number) => startOfDate(dateOf(at)) === at

const startWord = (at: number, nowMs: number) => (isMidnight(at) ? formatDayWord(at, nowMs) : formatWhen(at, nowMs))
const endWord = (at: number, nowMs: number) => (isMidnight(at) ? `${formatDayWord(at - 1, nowMs)}(含)` : formatWhen(at, nowMs))

/** `11-24 周二 至 11-27 周五(含)`, `今天 09:00 起,直到取消` */
export function spanWords({ startsAt, endsAt }: Pick<DelegationView, 'startsAt' | 'endsAt'>, nowMs: number): string {
  const start = startWord(startsAt, nowMs)
  return endsAt === null ? `${start} 起,直到取消` : `${start} 至 ${endWord(endsAt, nowMs)}`
}

/** Who stands in for whom, as the reader says it. */
export function standInWords({ from, to }: Pick<DelegationView, 'from' | 'to'>, readerId: string): string {
  if (from.id === readerId) return `${to.name} 代我处理审批`
  return to.id === readerId ? `我代 ${from.name} 处理审批` : `${to.name} 代 ${from.name} 处理审批`
}
