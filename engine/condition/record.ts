/** What a field path leads to. A path that runs through a list has no single value: `blocked`. */
export type Reading = { state: 'value'; value: unknown } | { state: 'missing' } | { state: 'blocked' }

/** Reads own properties only. `null` counts as missing. */
export function readField(record: unknown, path: string): Reading {
  let value: unknown = record
  for (const name of path.split('.')) {
    if (Array.isArray(value)) return { state: 'blocked' }
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return { state: 'missing' }
    value = (value as Record<string, unknown>)[name]
  }
  return value === undefined || value === null ? { state: 'missing' } : { state: 'value', value }
}

/** `a.b.c` → `a`, `a.b`. */
export function parentPaths(path: string): string[] {
  const names = path.split('.')
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('.'))
}
