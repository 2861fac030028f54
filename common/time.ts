const DAY_MS = 86_400_000
const WEEKDAYS = ['周日', '周一', '周二', '周三', '周四', '周五', '周六'] as const

interface LocalDate {
  year: number
  month: number
  day: number
  hour: number
  minute: number
}

/** Dates as people of one time zone read them. Pure; milliseconds since the epoch in and out. */
export function createLocalTime(timeZone: string) {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })

  function parts(at: number): LocalDate & { second: number } {
    const found = Object.fromEntries(format.formatToParts(at).map(part => [part.type, Number(part.value)]))
    return {
      year: found.year ?? 0,
      month: found.month ?? 1,
      day: found.day ?? 1,
      hour: found.hour ?? 0,
      minute: found.minute ?? 0,
      second: found.second ?? 0,
    }
  }

  function offsetMs(at: number): number {
    const local = parts(at)
    return Date.UTC(local.year, local.month - 1, local.day, local.hour, local.minute, local.second) - Math.floor(at / 1000) * 1000
  }

  function startOfDay(at: number): number {
    const local = parts(at)
    const midnight = Date.UTC(local.year, local.month - 1, local.day)
    return midnight - offsetMs(midnight - offsetMs(at))
  }

  const two = (value: number): string => String(value).padStart(2, '0')

  return {
    timeZone,
    /** How far local time is ahead of UTC at that moment, in milliseconds. */
    offsetMs,
    year: (at: number): number => parts(at).year,
    startOfDay,
    /** Local midnight `days` days later, whatever the clocks do in between. */
    addDays: (at: number, days: number): number => startOfDay(startOfDay(at) + days * DAY_MS + DAY_MS / 2),

    /** `14:03` */
    clock(at: number): string {
      const local = parts(at)
      return `${two(local.hour)}:${two(local.minute)}`
    },

    /** `11-21`, other years in full: `2025-11-21`. */
    date(at: number, now: number): string {
      const local = parts(at)
      const short = `${two(local.month)}-${two(local.day)}`
      return local.year === parts(now).year ? short : `${local.year}-${short}`
    },

    /** `11-21 周六` */
    weekday(at: number, now: number): string {
      const local = parts(at)
      return `${this.date(at, now)} ${WEEKDAYS[new Date(Date.UTC(local.year, local.month - 1, local.day)).getUTCDay()]}`
    },

    /** `11-21 14:03`: for outcome lines, which are read later. */
    stamp(at: number, now: number): string {
      return `${this.date(at, now)} ${this.clock(at)}`
    },

    /** `今天 14:03`, `昨天 09:00`, `11-21 周六`. */
    relative(at: number, now: number): string {
      const days = Math.round((startOfDay(now) - startOfDay(at)) / DAY_MS)
      if (days === 0) return `今天 ${this.clock(at)}`
      if (days === 1) return `昨天 ${this.clock(at)}`
      return this.weekday(at, now)
    },
  }
}

export type LocalTime = ReturnType<typeof createLocalTime>
