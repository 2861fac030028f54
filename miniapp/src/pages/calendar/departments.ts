import type { CalendarList } from '../../../../common/contract/calendar.ts'

type Department = CalendarList['departments'][number]

/** Each department below its parent, with its depth. Those whose parent is not known stand at the top; a circle is cut. */
export function inTreeOrder(departments: readonly Department[]): (Department & { depth: number })[] {
  const ids = new Set(departments.map(({ id }) => id))
  const below = new Map<string | null, Department[]>()
  for (const department of departments) {
    const parent = department.parentId !== null && ids.has(department.parentId) ? department.parentId : null
    below.set(parent, [...(below.get(parent) ?? []), department])
  }
  const seen = new Set<string>()
  const walk = (parent: string | null, depth: number): (Department & { depth: number })[] =>
    (below.get(parent) ?? []).flatMap(department => {
      if (seen.has(department.id)) return []
      seen.add(department.id)
      return [{ ...department, depth }, ...walk(department.id, depth + 1)]
    })
  const ordered = walk(null, 0)
  return [...ordered, ...departments.filter(({ id }) => !seen.has(id)).map(department => ({ ...department, depth: 0 }))]
}
