import { formatYuan } from '../../common/money.ts'
import { evaluate } from './evaluate.ts'
import type { FieldType, FieldTypes } from './fields.ts'
import { type Comparison, type Condition, type ConditionEnv, operandValue } from './language.ts'
import { readField } from './record.ts'

export interface ExplainEnv extends ConditionEnv {
  /** For dates; Asia/Shanghai when absent. */
  timeZone?: string
  /** A person's name by id; the id itself is shown when absent. */
  nameOf?: (personId: string) => string
}

const SHOWN_VALUES = 5
const SHOWN_CHARACTERS = 40

/**
 * What makes the condition true or false for this record, in words a manager reads: `金额 620,000.00 > 500,000.00`.
 * A false comparison is told as what is true instead (`金额 500,000.00 ≤ 500,000.00`), an undecidable one as what is lacking.
 */
export function explain(condition: Condition, record: unknown, fields: FieldTypes, env: ExplainEnv): string {
  if ('not' in condition) return explain(condition.not, record, fields, env)
  if ('all' in condition) return explainParts(condition.all, record, fields, env, false)
  if ('any' in condition) return explainParts(condition.any, record, fields, env, true)
  return explainComparison(condition, record, fields, env)
}

/** One part settles it: tell that one. Else all parts together do, or those that are undecidable. */
function explainParts(
  parts: readonly Condition[],
  record: unknown,
  fields: FieldTypes,
  env: ExplainEnv,
  deciding: boolean,
): string {
  const verdicts = parts.map(part => ({ part, verdict: evaluate(part, record, env) }))
  const settled = verdicts.find(({ verdict }) => verdict === deciding)
  if (settled) return explain(settled.part, record, fields, env)
  const open = verdicts.filter(({ verdict }) => typeof verdict !== 'boolean')
  return (open.length > 0 ? open : verdicts).map(({ part }) => explain(part, record, fields, env)).join(' 且 ')
}

function explainComparison(comparison: Comparison, record: unknown, fields: FieldTypes, env: ExplainEnv): string {
  const { field } = comparison
  const declared = Object.hasOwn(fields, field) ? fields[field] : undefined
  const label = declared?.label ?? field
  const verdict = evaluate(comparison, record, env)
  if (typeof verdict !== 'boolean') return `${label} ${verdict.undecidable.why === 'missing' ? '未填写' : '填写有误'},无法判断`
  const show = (value: unknown) => showValue(value, declared, env)
  const reading = readField(record, field)
  const actual = reading.state === 'value' ? show(reading.value) : ''
  switch (comparison.op) {
    case 'exists':
      return `${label} ${verdict === comparison.value ? '已填写' : '未填写'}`
    case 'contains':
      return `${label} ${verdict ? '含' : '不含'} ${show(operandValue(comparison.value, env))}`
    case 'in':
    case 'nin':
      if (verdict === (comparison.op === 'in')) return `${label} ${actual}`
      return `${label} ${actual} 不属于 ${showList(comparison.value.map(show))}`
    case 'eq':
    case 'ne':
      if (verdict === (comparison.op === 'eq')) return `${label} ${actual}`
      return `${label} ${actual} ≠ ${show(operandValue(comparison.value, env))}`
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return `${label} ${actual} ${SIGNS[comparison.op][verdict ? 0 : 1]} ${show(operandValue(comparison.value, env))}`
  }
}

/** The sign when the comparison is true, and when it is false. */
const SIGNS = { gt: ['>', '≤'], gte: ['≥', '<'], lt: ['<', '≥'], lte: ['≤', '>'] } as const

function showList(texts: readonly string[]): string {
  const shown = texts.slice(0, SHOWN_VALUES).join('、')
  return texts.length > SHOWN_VALUES ? `${shown} 等 ${texts.length} 项` : shown
}

function showValue(value: unknown, declared: FieldType | undefined, env: ExplainEnv): string {
  if (typeof value === 'boolean') return value ? '是' : '否'
  if (Array.isArray(value)) return showList(value.map(item => showValue(item, declared, env)))
  switch (declared?.type) {
    case 'money':
      return Number.isSafeInteger(value) ? formatYuan(Number(value)) : String(value)
    case 'date':
      return showDate(Number(value), env.timeZone)
    case 'enum':
      return declared.options?.find(option => option.value === value)?.label ?? shorten(String(value))
    case 'person':
    case 'personList':
      return env.nameOf?.(String(value)) ?? String(value)
    default:
      return shorten(String(value))
  }
}

/** Sentences end up on cards; a long text typed into a form must not drown them. */
function shorten(text: string): string {
  const characters = [...text]
  return characters.length > SHOWN_CHARACTERS ? `${characters.slice(0, SHOWN_CHARACTERS).join('')}…` : text
}

function showDate(atMs: number, timeZone = 'Asia/Shanghai'): string {
  const MAX_DATE_MS = 8.64e15
  if (!(Math.abs(atMs) <= MAX_DATE_MS)) return String(atMs)
  const format = new Intl.DateTimeFormat('zh-CN', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  const part = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]))
  return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}`
}
