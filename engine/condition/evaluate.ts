import { type Comparison, type Condition, type ConditionEnv, operandValue, type Scalar } from './language.ts'
import { readField } from './record.ts'

/** Why a condition cannot be decided: which field, and whether it is absent or holds something of another type. */
export interface Undecidable {
  undecidable: { field: string; why: 'missing' | 'mistyped' }
}

/** Three-valued: a missing or mistyped value is never "false". */
export type Verdict = boolean | Undecidable

/**
 * Does the condition hold for this record (plain JSON data)?
 *
 * Kleene logic: `all` is false as soon as one part is false and `any` true as soon as one part is true, whatever the others say;
 * otherwise an undecidable part makes the whole undecidable, and the first such field is named.
 */
export function evaluate(condition: Condition, record: unknown, env: ConditionEnv): Verdict {
  if ('all' in condition) return combine(condition.all, record, env, false)
  if ('any' in condition) return combine(condition.any, record, env, true)
  if ('not' in condition) {
    const verdict = evaluate(condition.not, record, env)
    return typeof verdict === 'boolean' ? !verdict : verdict
  }
  return compare(condition, record, env)
}

/** @param deciding the verdict of one part that settles the whole */
function combine(parts: readonly Condition[], record: unknown, env: ConditionEnv, deciding: boolean): Verdict {
  let open: Undecidable | undefined
  for (const part of parts) {
    const verdict = evaluate(part, record, env)
    if (verdict === deciding) return deciding
    if (typeof verdict !== 'boolean') open ??= verdict
  }
  return open ?? !deciding
}

function compare(comparison: Comparison, record: unknown, env: ConditionEnv): Verdict {
  const { field } = comparison
  const reading = readField(record, field)
  const mistyped: Undecidable = { undecidable: { field, why: 'mistyped' } }
  if (reading.state === 'blocked') return mistyped
  if (comparison.op === 'exists') return (reading.state === 'value') === comparison.value
  if (reading.state === 'missing') return { undecidable: { field, why: 'missing' } }

  const { value } = reading
  switch (comparison.op) {
    case 'eq':
    case 'ne': {
      const operand = operandValue(comparison.value, env)
      if (!isSameType(value, operand)) return mistyped
      return (value === operand) === (comparison.op === 'eq')
    }
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte': {
      const operand = operandValue(comparison.value, env)
      return isSameType(value, operand) ? ordered(comparison.op, value, operand) : mistyped
    }
    case 'in':
    case 'nin': {
      const list: readonly Scalar[] = comparison.value
      if (!isSameType(value, list[0])) return mistyped
      return list.includes(value) === (comparison.op === 'in')
    }
    case 'contains':
      return Array.isArray(value) ? value.includes(operandValue(comparison.value, env)) : mistyped
  }
}

function isSameType<T>(value: unknown, operand: T): value is T & Scalar {
  return typeof value === typeof operand && !Number.isNaN(value)
}

function ordered(op: 'gt' | 'gte' | 'lt' | 'lte', value: Scalar, operand: Scalar): boolean {
  switch (op) {
    case 'gt':
      return value > operand
    case 'gte':
      return value >= operand
    case 'lt':
      return value < operand
    case 'lte':
      return value <= operand
  }
}
