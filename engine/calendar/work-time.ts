import { InvalidError } from '../../common/errors.ts'
import { checkCalendar } from './check.ts'
import type { DayOverride, WorkCalendar } from './definition.ts'
import { clipHours, type Hours } from './hours.ts'
import { dayAt, type LocalDay, parseDate, type Weekday, weekdayOf } from './local-day.ts'
import { momentAt, wallAt, type Zone } from './zone.ts'

/** Some twenty years. */
const HORIZON_DAYS = 7_300
const DAY_MS = 86_400_000
/** No deadline, search or count goes further than this. */
export const HORIZON_MS = HORIZON_DAYS * DAY_MS
const NOON = 12 * 3600
const LATEST_END = 48 * 3600
const FROM_MONDAY: readonly Weekday[] = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
/** Days whose moments are remembered. */
const KEPT_DAYS = 4_000

/** A stretch of working time, half open, in milliseconds since the epoch. */
export interface Interval {
  startAt: number
  endAt: number
}

/** A checked calendar in its time zone, ready to count in. */
export interface WorkTime {
  readonly calendar: WorkCalendar
  readonly zone: Zone
  /** The hours that belong to that day, after all overrides. */
  hoursOf(day: LocalDay): readonly Hours[]
  /** The stretches that begin on that day; the last one may end on the next. */
  onDay(day: LocalDay): readonly Interval[]
}

/** @throws InvalidError `calendar.invalid`, `details.faults` names every fault of the calendar */
export function openCalendar(calendar: WorkCalendar, zone: Zone): WorkTime {
  const faults = checkCalendar(calendar)
  if (faults[0]) throw new InvalidError('calendar.invalid', `工作日历有误:${faults[0].message}。`, { faults })
  const overrides = new Map(calendar.days.map(day => [parseDate(day.date), day]))
  const days = new Map<LocalDay, readonly Interval[]>()

  function hoursOf(day: LocalDay): readonly Hours[] {
    const weekly = calendar.week[weekdayOf(day)]
    const override = overrides.get(day)
    return override ? overriddenHours(override, weekly, calendar) : weekly
  }

  function onDay(day: LocalDay): readonly Interval[] {
    const known = days.get(day)
    if (known) return known
    const midnight = day * DAY_MS
    const found = [...hoursOf(day)]
      .sort((a, b) => a.fromSecond - b.fromSecond)
      .map(({ fromSecond, toSecond }) => ({
        startAt: momentAt(zone, midnight + fromSecond * 1000),
        endAt: momentAt(zone, midnight + toSecond * 1000),
      }))
      .filter(({ startAt, endAt }) => endAt > startAt)
    if (days.size >= KEPT_DAYS) days.clear()
    days.set(day, found)
    return found
  }

  return { calendar, zone, hoursOf, onDay }
}

function overriddenHours(override: DayOverride, weekly: readonly Hours[], { week }: WorkCalendar): readonly Hours[] {
  switch (override.kind) {
    case 'holiday':
      return []
    case 'weekly':
      return weekly
    case 'half':
      return override.works === 'morning' ? clipHours(weekly, 0, NOON) : clipHours(weekly, NOON, LATEST_END)
    case 'workday': {
      const usual = FROM_MONDAY.find(day => week[day].length > 0) ?? 'monday'
      return override.hours ?? week[override.like ?? usual]
    }
  }
}

/**
 * The working time from a moment on, in order, as stretches that do not touch: where a night shift runs into the next day's first range
 * they are one. The first one may have begun before. Ends at the horizon.
 */
export function* workingFrom(time: WorkTime, at: number): Generator<Interval, void> {
  // What began the day before may last until now.
  const first = dayAt(wallAt(time.zone, at)) - 1
  let open: Interval | null = null
  for (let day = first; day < first + HORIZON_DAYS; day += 1) {
    for (const { startAt, endAt } of time.onDay(day)) {
      if (open && startAt <= open.endAt) {
        open = { startAt: open.startAt, endAt: Math.max(open.endAt, endAt) }
        continue
      }
      if (open && open.endAt > at) yield open
      open = { startAt, endAt }
    }
  }
  if (open && open.endAt > at) yield open
}
