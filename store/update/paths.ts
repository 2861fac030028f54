import { setField } from '../bson/decode.ts'
import { type Doc, has, isObject } from '../bson/values.ts'
import { badValue, StoreError } from '../errors.ts'
import { isPosition } from '../match/walk.ts'
import { notViable, type Place, removed, unchanged } from './operators.ts'

/** Turns `$`, `$[]` and `$[name]` into positions of one array. */
export type Positions = (part: string, list: unknown, prefix: string) => number[]

/** One field change ready to be applied: path parts, and what to do at its end. */
export type Step = {
  path: string
  parts: readonly string[]
  creates: boolean
  change: (current: unknown, exists: boolean, place: Place) => unknown
}

const maxGap = 1_500_000
const isPlaceholder = (part: string) => part === '$' || part.startsWith('$[')

type Target = { id: unknown; positions: Positions }

function finish(holder: Doc | unknown[], key: string, step: Step, target: Target): void {
  const fields = holder as Doc
  const exists = Array.isArray(holder) ? Number(key) < holder.length : has(holder, key)
  const result = step.change(exists ? fields[key] : undefined, exists, { path: step.path, name: key, id: target.id })
  if (result === unchanged) return
  if (result === removed) {
    if (Array.isArray(holder)) holder[Number(key)] = null
    else delete fields[key]
  } else setField(fields, key, result)
}

function descend(holder: Doc | unknown[], key: string, from: number, step: Step, target: Target, prefix: string): void {
  if (from === step.parts.length - 1) {
    finish(holder, key, step, target)
    return
  }
  const fields = holder as Doc
  const child = (Array.isArray(holder) ? Number(key) < holder.length : has(holder, key)) ? fields[key] : undefined
  if (child !== undefined) {
    applyAt(child, from + 1, step, target, `${prefix}.${key}`)
    return
  }
  if (isPlaceholder(step.parts[from + 1] as string)) {
    throw badValue(
      `The path '${step.parts.slice(0, from + 1).join('.')}' must exist in the document in order to apply array updates.`,
    )
  }
  if (!step.creates) return
  const made: Doc = {}
  applyAt(made, from + 1, step, target, `${prefix}.${key}`)
  setField(fields, key, made)
}

function applyAt(holder: unknown, from: number, step: Step, target: Target, prefix: string): void {
  const part = step.parts[from] as string
  const parent = step.parts[from - 1] ?? ''
  if (isPlaceholder(part)) {
    if (!Array.isArray(holder)) throw badValue(`Cannot apply array updates to non-array element ${parent}`)
    for (const index of target.positions(part, holder, prefix)) descend(holder, String(index), from, step, target, prefix)
    return
  }
  if (Array.isArray(holder)) {
    if (!isPosition(part)) {
      if (!step.creates) return
      throw notViable(part, parent, holder)
    }
    const index = Number(part)
    if (index >= holder.length) {
      if (!step.creates) return
      if (index - holder.length > maxGap)
        throw new StoreError(34, 'CannotBackfillArray', `can't backfill more than ${maxGap} elements`)
      while (holder.length < index) holder.push(null)
    }
    descend(holder, part, from, step, target, prefix)
    return
  }
  if (!isObject(holder)) {
    if (!step.creates) return
    throw notViable(part, parent, holder)
  }
  descend(holder, part, from, step, target, prefix)
}

/** Asks for every position that a path stands for, so that they are known before anything changes. */
export function resolvePositions(value: unknown, parts: readonly string[], positions: Positions, from = 0, prefix = ''): void {
  const part = parts[from]
  if (part === undefined || value === null || typeof value !== 'object') return
  if (isPlaceholder(part)) {
    if (!Array.isArray(value)) return
    for (const index of positions(part, value, prefix))
      resolvePositions(value[index], parts, positions, from + 1, `${prefix}.${index}`)
  } else if (has(value, part)) resolvePositions((value as Doc)[part], parts, positions, from + 1, `${prefix}.${part}`)
}

/** Applies one change to a document in place. */
export const applyStep = (doc: Doc, step: Step, positions: Positions): void =>
  applyAt(doc, 0, step, { id: doc._id, positions }, '')
