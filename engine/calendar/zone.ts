const DAY_MS = 86_400_000

/** How a time zone's clocks stand. Pure: handed in, so that the engine asks no system for it. */
export interface Zone {
  /** How far local clocks are ahead of UTC at that moment, in milliseconds. */
  offsetMs(at: number): number
}

/** A zone whose clocks never change. Asia/Shanghai since 1992: `fixedZone(8 * 60)`. */
export function fixedZone(offsetMinutes: number): Zone {
  const offset = offsetMinutes * 60_000
  return { offsetMs: () => offset }
}

/** What a local wall clock shows, as milliseconds since 1970-01-01 00:00 of that clock. */
export const wallAt = (zone: Zone, at: number): number => at + zone.offsetMs(at)

/**
 * The moment at which a local wall clock shows `wallMs`. A time that comes twice (clocks go back) means its first coming; one that is
 * skipped (clocks go forward) means the moment of the jump.
 */
export function momentAt(zone: Zone, wallMs: number): number {
  const [before, after] = [zone.offsetMs(wallMs - DAY_MS), zone.offsetMs(wallMs + DAY_MS)]
  if (before === after) return wallMs - before
  if (zone.offsetMs(wallMs - before) === before) return wallMs - before
  if (zone.offsetMs(wallMs - after) === after) return wallMs - after
  let [early, late] = [wallMs - after, wallMs - before]
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2)
    if (zone.offsetMs(middle) === after) late = middle
    else early = middle
  }
  return late
}
