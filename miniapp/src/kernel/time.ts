import { shallowRef } from 'vue'
import { createLocalTime } from '../../../common/time.ts'

const shown = shallowRef(createLocalTime('Asia/Shanghai'))

/** Business time: the company's clock, not the phone's. Asked each time, so that what was drawn before its zone was known follows. */
export const businessTime = () => shown.value

export function setTimeZone(name: string): void {
  // Everything that shows a time is drawn anew when this changes.
  if (name !== shown.value.timeZone) shown.value = createLocalTime(name)
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

/** `14:03` */
export const formatClock = (at: number) => businessTime().clock(at)

/** `11-21`, with the year when it is not this one. */
export const formatDay = (at: number, nowMs: number) => businessTime().date(at, nowMs)

/** `今天`, `昨天`, `明天`, `11-21 周六`, in other years `2025-11-21`: a day as people say it. */
export function formatDayWord(at: number, nowMs: number): string {
  const time = businessTime()
  const days = Math.round((time.startOfDay(at) - time.startOfDay(nowMs)) / DAY_MS)
  if (days === 0) return '今天'
  if (days === -1) return '昨天'
  if (days === 1) return '明天'
  return time.year(at) === time.year(nowMs) ? time.weekday(at, nowMs) : time.date(at, nowMs)
}

/** `今天 14:03`, `昨天 09:00`, `11-21 周六 14:03`, `2025-11-21 14:03` */
export const formatWhen = (at: number, nowMs: number) => `${formatDayWord(at, nowMs)} ${formatClock(at)}`

/** `2 天 3 小时`, `1 小时 5 分`, `不到 1 分钟` */
export function formatSpan(spanMs: number): string {
  if (spanMs < MINUTE_MS) return '不到 1 分钟'
  const days = Math.floor(spanMs / DAY_MS)
  const hours = Math.floor((spanMs % DAY_MS) / HOUR_MS)
  const minutes = Math.floor((spanMs % HOUR_MS) / MINUTE_MS)
  if (days > 0) return hours > 0 ? `${days} 天 ${hours} 小时` : `${days} 天`
  if (hours > 0) return minutes > 0 ? `${hours} 小时 ${minutes} 分` : `${hours} 小时`
  return `${minutes} 分钟`
}
