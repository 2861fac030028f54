import { createRequire } from 'node:module'
import { z } from 'zod'
import type { DayOverride, OfficialYear } from '../../engine/calendar/index.ts'

/** `2026-01-01` → `New Year's Day,元旦,1` */
const datedNames = z.record(z.string().regex(/^\d{4}-\d{2}-\d{2}$/), z.string())
const published = z.object({ holidays: datedNames, workdays: datedNames })

let years: ReadonlyMap<number, OfficialYear> | null = null

/** Read when first asked for: starting the service does not wait for twenty years of holidays. */
function read(): ReadonlyMap<number, OfficialYear> {
  const data = published.parse(createRequire(import.meta.url)('chinese-days/dist/chinese-days.json'))
  const days = [...toDays(data.holidays, 'holiday'), ...toDays(data.workdays, 'workday')]
  const byYear = new Map<number, DayOverride[]>()
  for (const day of days.sort((a, b) => (a.date < b.date ? -1 : 1))) {
    const year = Number(day.date.slice(0, 4))
    byYear.set(year, [...(byYear.get(year) ?? []), day])
  }
  return new Map([...byYear].map(([year, found]) => [year, { year, days: found }]))
}

const toDays = (names: Record<string, string>, kind: 'holiday' | 'workday'): DayOverride[] =>
  Object.entries(names).map(([date, text]) => {
    const name = text.split(',')[1]
    return { date, kind, ...(name && { name }) }
  })

/**
 * The official holidays and 补班 days of mainland China, as the npm package `chinese-days` carries them (from the State Council's yearly
 * notice). Null for a year that the installed version does not know, usually because it is not published yet.
 */
export function officialYear(year: number): OfficialYear | null {
  years ??= read()
  return years.get(year) ?? null
}
