import { type Fault, faultPath } from '../fault.ts'
import type { FieldType, FieldTypes } from './fields.ts'
import type { Comparison, Condition } from './language.ts'

type Op = Comparison['op']

const EQUALITY: readonly Op[] = ['eq', 'ne', 'in', 'nin', 'exists']
const ORDER: readonly Op[] = ['gt', 'gte', 'lt', 'lte']

const OPS: Record<FieldType['type'], readonly Op[]> = {
  string: EQUALITY,
  enum: EQUALITY,
  person: EQUALITY,
  number: [...EQUALITY, ...ORDER],
  money: [...EQUALITY, ...ORDER],
  date: ['exists', ...ORDER],
  boolean: ['eq', 'ne', 'exists'],
  personList: ['contains', 'exists'],
}

/**
 * Every fault of a condition against the fields it may speak about; none when it can be published.
 * Codes: `condition.unknown_field`, `condition.op_not_for_type`, `condition.value_not_for_type`, `condition.unknown_option`.
 */
export function checkCondition(condition: Condition, fields: FieldTypes, path = ''): Fault[] {
  if ('all' in condition)
    return condition.all.flatMap((part, index) => checkCondition(part, fields, faultPath(path, 'all', index)))
  if ('any' in condition)
    return condition.any.flatMap((part, index) => checkCondition(part, fields, faultPath(path, 'any', index)))
  if ('not' in condition) return checkCondition(condition.not, fields, faultPath(path, 'not'))
  return checkComparison(condition, fields, path)
}

function checkComparison(comparison: Comparison, fields: FieldTypes, path: string): Fault[] {
  const { field, op } = comparison
  const declared = Object.hasOwn(fields, field) ? fields[field] : undefined
  if (!declared) {
    return [{ path: faultPath(path, 'field'), code: 'condition.unknown_field', message: `没有「${field}」这个字段` }]
  }
  if (!OPS[declared.type].includes(op)) {
    return [{ path: faultPath(path, 'op'), code: 'condition.op_not_for_type', message: `「${declared.label}」不能这样比较` }]
  }
  if (op === 'exists') return []
  const operands = Array.isArray(comparison.value) ? comparison.value : [comparison.value]
  return operands.flatMap(operand => checkOperand(operand, declared, faultPath(path, 'value')))
}

function checkOperand(operand: unknown, declared: FieldType, path: string): Fault[] {
  if (!isOperandFor(declared.type, operand)) {
    return [{ path, code: 'condition.value_not_for_type', message: `「${declared.label}」不能与这样的值比较` }]
  }
  if (declared.type !== 'enum' || declared.options?.some(option => option.value === operand)) return []
  return [{ path, code: 'condition.unknown_option', message: `「${declared.label}」没有「${String(operand)}」这个选项` }]
}

function isOperandFor(type: FieldType['type'], operand: unknown): boolean {
  const ref = typeof operand === 'object' && operand !== null ? (operand as { ref: string }).ref : undefined
  switch (type) {
    case 'string':
    case 'enum':
      return typeof operand === 'string'
    case 'number':
      return typeof operand === 'number'
    case 'money':
      return Number.isSafeInteger(operand)
    case 'date':
      return typeof operand === 'number' || ref === 'now'
    case 'boolean':
      return typeof operand === 'boolean'
    case 'person':
    case 'personList':
      return typeof operand === 'string' || ref === 'me'
  }
}
