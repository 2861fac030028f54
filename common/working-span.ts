const MINUTE_SECONDS = 60
const HOUR_SECONDS = 3600

/** Working time as people say it: `30 小时`, `1 小时 5 分`, `不到 1 分钟`. Never in days: a working day has eight hours, or some other number. */
export function formatWorking(seconds: number): string {
  if (seconds < MINUTE_SECONDS) return '不到 1 分钟'
  const hours = Math.floor(seconds / HOUR_SECONDS)
  const minutes = Math.floor((seconds % HOUR_SECONDS) / MINUTE_SECONDS)
  if (hours === 0) return `${minutes} 分钟`
  return minutes > 0 ? `${hours} 小时 ${minutes} 分` : `${hours} 小时`
}
