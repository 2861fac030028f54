import { StoreError } from '../errors.ts'

const maxParts = 200

/** The parts of a dotted path (manual: "MongoDB Limits and Thresholds", Nested Depth). @throws StoreError 15 when it goes deeper than any document can */
export function pathParts(path: string): string[] {
  const parts = path.split('.', maxParts + 1)
  if (parts.length > maxParts) throw new StoreError(15, 'Overflow', 'FieldPath is too long')
  return parts
}
