import { type Pace, pause } from './pace.ts'

const runLength = 2048
const lookEvery = 512
const sliceMs = 10

/** Sorts like `Array.sort`, with pauses: a million rows take seconds. */
export function* pausingSort<T>(rows: T[], order: (left: T, right: T) => number): Generator<typeof pause, T[]> {
  let pausedAtMs = performance.now()
  let runs: T[][] = []
  for (let at = 0; at < rows.length; at += runLength) {
    runs.push(rows.slice(at, at + runLength).sort(order))
    if (performance.now() - pausedAtMs > sliceMs) {
      yield pause
      pausedAtMs = performance.now()
    }
  }
  while (runs.length > 1) {
    const merged: T[][] = []
    for (let at = 0; at < runs.length; at += 2) {
      const [left = [], right = []] = [runs[at], runs[at + 1]]
      const out: T[] = []
      for (let l = 0, r = 0; out.length < left.length + right.length; ) {
        const fromLeft = r >= right.length || (l < left.length && order(left[l] as T, right[r] as T) <= 0)
        out.push(fromLeft ? (left[l++] as T) : (right[r++] as T))
        if (out.length % lookEvery === 0 && performance.now() - pausedAtMs > sliceMs) {
          yield pause
          pausedAtMs = performance.now()
        }
      }
      merged.push(out)
    }
    runs = merged
  }
  return runs[0] ?? []
}

/** The same for those who wait. */
export async function sortPaced<T>(rows: T[], order: (left: T, right: T) => number, pace: Pace): Promise<T[]> {
  const sorting = pausingSort(rows, order)
  let step = sorting.next()
  for (; !step.done; step = sorting.next()) await pace.rest()
  return step.value
}
