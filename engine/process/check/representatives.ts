import type { Comparison, Condition, FieldType, FieldTypes } from '../../condition/index.ts'

/** More points than this are not tried: the question stays open. */
const MAX_POINTS = 20_000
/** Lists are tried with every combination of at most so many elements. */
const MAX_LISTED = 5

const ME = 'me'
const SOMEBODY = '\u0000'

/** Every comparison in the conditions. */
function comparisons(conditions: readonly Condition[]): Comparison[] {
  return conditions.flatMap(part => {
    if ('all' in part) return comparisons(part.all)
    if ('any' in part) return comparisons(part.any)
    return 'not' in part ? comparisons([part.not]) : [part]
  })
}

/**
 * Forms that stand for all forms. Each comparison tells values of one field apart by constants only, so between two neighbouring
 * constants nothing changes: one value at each constant and one between stand for all others.
 *
 * @returns undefined when they would be too many, or when a condition asks for the moment of asking
 */
export function representativeForms(
  conditions: readonly Condition[],
  fields: FieldTypes,
): { forms: Record<string, unknown>[]; me: string } | undefined {
  const byField = new Map<string, Comparison[]>()
  for (const comparison of comparisons(conditions)) {
    byField.set(comparison.field, [...(byField.get(comparison.field) ?? []), comparison])
  }
  let forms: Record<string, unknown>[] = [{}]
  for (const [name, asked] of byField) {
    const declared = Object.hasOwn(fields, name) ? fields[name] : undefined
    const values = declared && !name.includes('.') ? valuesOf(declared, asked) : undefined
    if (!values || forms.length * values.length > MAX_POINTS) return undefined
    forms = forms.flatMap(form => values.map(value => (value === undefined ? form : { ...form, [name]: value })))
  }
  return { forms, me: ME }
}

function valuesOf(declared: FieldType, asked: readonly Comparison[]): unknown[] | undefined {
  const missing = asked.some(({ op }) => op === 'exists') ? [undefined] : []
  const operands = asked.flatMap(({ op, value }) => (op === 'exists' ? [] : Array.isArray(value) ? value : [value]))
  if (operands.some(operand => typeof operand === 'object' && operand.ref === 'now')) return undefined
  const constants = [...new Set(operands.map(operand => (typeof operand === 'object' ? ME : operand)))]
  switch (declared.type) {
    case 'boolean':
      return [true, false, ...missing]
    case 'enum':
      return [...(declared.options ?? []).map(option => option.value), ...missing]
    case 'string':
    case 'person':
      return [...constants, SOMEBODY, ...missing]
    case 'number':
    case 'money':
    case 'date':
      return [...around(constants.map(Number), declared.type !== 'number'), ...missing]
    case 'personList':
      return constants.length > MAX_LISTED ? undefined : [...combinations(constants), ...missing]
  }
}

/** Each constant, one value between each two neighbours, and one beyond each end. */
function around(constants: readonly number[], isWhole: boolean): number[] {
  const sorted = [...constants].sort((a, b) => a - b)
  const between = sorted.flatMap((low, index) => {
    const high = sorted[index + 1]
    if (high === undefined) return []
    if (!isWhole) return [(low + high) / 2]
    return high - low > 1 ? [low + 1] : []
  })
  const [first = 0] = sorted
  return [first - 1, ...sorted, ...between, (sorted.at(-1) ?? 0) + 1]
}

function combinations(items: readonly unknown[]): unknown[][] {
  const lists: unknown[][] = [[]]
  for (const item of items) lists.push(...lists.map(list => [...list, item]))
  return lists
}
