import { compare, type Doc, identityOf } from '../bson/index.ts'
import { has, isObject, toNumber } from '../bson/values.ts'
import { location } from '../errors.ts'
import { compileExpression } from '../expressions/index.ts'
import { type Accumulator, compileField, type Field } from './accumulators.ts'
import { checkParts, mapPaced, type Stage, type StageCompiler } from './types.ts'

type Group = { id: unknown; accumulators: Accumulator[] }

const finish = ({ id, accumulators }: Group, fields: Field[]): Doc =>
  Object.fromEntries([['_id', id], ...fields.map(({ name }, index) => [name, accumulators[index]?.result()])])

/** `$group` */
export const group: StageCompiler = spec => {
  if (!isObject(spec)) throw location(15947, "a group's fields must be specified in an object")
  if (!has(spec, '_id')) throw location(15955, 'a group specification must include an _id')
  const { _id, ...rest } = spec
  const idOf = compileExpression(_id)
  const fields = Object.entries(rest).map(([name, field]) => compileField(name, field))
  return async (docs, run) => {
    const groups = new Map<string, Group>()
    await mapPaced(docs, run, doc => {
      const id = idOf(doc, run.variables) ?? null
      const key = typeof id === 'string' ? id : `\u0000${identityOf(id)}`
      let found = groups.get(key)
      if (!found) {
        found = { id, accumulators: fields.map(({ make }) => make()) }
        groups.set(key, found)
      }
      for (let i = 0; i < fields.length; i++) found.accumulators[i]?.add(fields[i]?.input(doc, run.variables))
    })
    return mapPaced([...groups.values()] as unknown as Doc[], run, found => finish(found as unknown as Group, fields))
  }
}

const outputOf = (output: unknown): [string, unknown][] => Object.entries(isObject(output) ? output : { count: { $sum: 1 } })

/** `$bucket`: groups by boundaries. */
export const bucket: StageCompiler = (spec, name) => {
  checkParts(spec, name, ['groupBy', 'boundaries', 'default', 'output'])
  if (!isObject(spec) || !Array.isArray(spec.boundaries) || spec.boundaries.length < 2) {
    throw location(40200, 'The $bucket stage needs boundaries with at least two values')
  }
  const { boundaries } = spec
  const keyOf = compileExpression(spec.groupBy)
  const fields = outputOf(spec.output).map(([name, field]) => compileField(name, field))
  return (docs, run) => {
    const groups = new Map<unknown, Group>()
    for (const doc of docs) {
      const value = keyOf(doc, run.variables)
      const place = boundaries.findIndex(
        (low, i) => i < boundaries.length - 1 && compare(value, low) >= 0 && compare(value, boundaries[i + 1]) < 0,
      )
      if (place < 0 && !has(spec, 'default')) {
        throw location(40066, '$switch could not find a matching branch for an input, and no default was specified.')
      }
      const id = place < 0 ? spec.default : boundaries[place]
      const found = groups.get(id) ?? { id, accumulators: fields.map(({ make }) => make()) }
      groups.set(id, found)
      for (const [i, field] of fields.entries()) found.accumulators[i]?.add(field.input(doc, run.variables))
    }
    return [...groups.values()].sort((a, b) => compare(a.id, b.id)).map(found => finish(found, fields))
  }
}

/** `$bucketAuto`: groups of about equal size; granularities are not supported. */
export const bucketAuto: StageCompiler = (spec, name) => {
  checkParts(spec, name, ['groupBy', 'buckets', 'output', 'granularity'])
  if (!isObject(spec) || !(toNumber(spec.buckets) > 0))
    throw location(40241, 'The $bucketAuto stage needs a positive number of buckets')
  if (spec.granularity !== undefined) throw location(40257, 'granularity is not supported by the embedded store')
  const keyOf = compileExpression(spec.groupBy)
  const fields = outputOf(spec.output).map(([name, field]) => compileField(name, field))
  return (docs, run) => {
    const rows = docs.map(doc => ({ doc, value: keyOf(doc, run.variables) ?? null })).sort((a, b) => compare(a.value, b.value))
    const size = Math.max(1, Math.round(rows.length / toNumber(spec.buckets)))
    const out: Doc[] = []
    for (let start = 0; start < rows.length; ) {
      let end = out.length === toNumber(spec.buckets) - 1 ? rows.length : Math.min(rows.length, start + size)
      while (end < rows.length && compare(rows[end]?.value, rows[end - 1]?.value) === 0) end++
      const accumulators = fields.map(({ make }) => make())
      for (const { doc } of rows.slice(start, end))
        for (const [i, field] of fields.entries()) accumulators[i]?.add(field.input(doc, run.variables))
      const id = { min: rows[start]?.value, max: rows[end]?.value ?? rows[end - 1]?.value }
      out.push(finish({ id, accumulators }, fields))
      start = end
    }
    return out
  }
}

/** `$sortByCount` */
export const sortByCount: StageCompiler = (spec, name) => {
  const grouped: Stage = group({ _id: spec, count: { $sum: 1 } }, name)
  return async (docs, run) => (await grouped(docs, run)).sort((a, b) => compare(b.count, a.count))
}
