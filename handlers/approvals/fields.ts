import type { FieldView } from '../../common/contract/approvals.ts'
import { InvalidError } from '../../common/errors.ts'
import { formatYuan, parseAmount } from '../../common/money.ts'
import { cleanText } from '../../common/names.ts'
import type { LocalTime } from '../../common/time.ts'
import type { ProcessDefinition, ProcessForm } from '../../engine/process/index.ts'
import type { Organisation } from '../people/organisation.ts'

type FieldType = ProcessDefinition['fields'][string]
type Value = ProcessForm[string]

/** What reading a field needs of the world. */
export interface Reading {
  organisation: Organisation
  time: LocalTime
  /** Milliseconds. */
  now: number
}

export type Answer = { ok: true; value: Value } | { ok: false; message: string }

/** Chosen together with the customer's id: it is not typed over. */
export const CARRIED_FIELDS: ReadonlySet<string> = new Set(['customerName'])

const LONGEST_TEXT = 2000
const no = (message: string): Answer => ({ ok: false, message })
const yes = (value: Value): Answer => ({ ok: true, value })

/** What somebody typed into a field, as the engine keeps it: 分, milliseconds, ids of people. Nothing typed empties the field. */
export function readField(field: FieldType, raw: unknown, reading: Reading): Answer {
  if (raw === null || raw === undefined || raw === '' || (Array.isArray(raw) && raw.length === 0)) return yes(null)
  switch (field.type) {
    case 'boolean':
      return readBoolean(field, raw)
    case 'person':
      return readPerson(field, raw, reading)
    case 'personList':
      return readPeople(field, Array.isArray(raw) ? raw : String(raw).split(/[\s、,，;；]+/), reading)
    default:
      return readText(field, cleanText(String(raw), LONGEST_TEXT), reading)
  }
}

function readText(field: FieldType, text: string, reading: Reading): Answer {
  if (text === '') return yes(null)
  switch (field.type) {
    case 'number': {
      const value = Number(text.replace(/[,，%％\s]/g, ''))
      return Number.isFinite(value) ? yes(value) : no(`${field.label}请填写数字,例如 12。`)
    }
    case 'money': {
      if (/^(?:0+(?:\.0+)?|零|无|没有)\s*元?$/.test(text)) return yes(0)
      const amount = parseAmount(text)
      return amount.ok ? yes(amount.minor) : no(amount.message)
    }
    case 'date': {
      const at = readDate(text, reading)
      return at === null ? no(`没看懂${field.label},请写成 2026-11-21 这样。`) : yes(at)
    }
    case 'enum': {
      const option = field.options?.find(({ value, label }) => value === text || label === text)
      return option ? yes(option.value) : no(`${field.label}请选:${(field.options ?? []).map(({ label }) => label).join('、')}。`)
    }
    default:
      return yes(text)
  }
}

function readBoolean({ label }: FieldType, raw: unknown): Answer {
  if (typeof raw === 'boolean') return yes(raw)
  const text = String(raw).trim().toLowerCase()
  if (/^(?:是|是的|对|需要|要|有|可以|可行|行|y|yes|true|1)$/.test(text)) return yes(true)
  if (/^(?:否|不|不是|不需要|不要|没有|无|不可以|不可行|不行|n|no|false|0)$/.test(text)) return yes(false)
  return no(`${label}请回答 是 或 否。`)
}

/** By id, or by the whole name. */
function readPerson({ label }: FieldType, raw: unknown, { organisation }: Reading): Answer {
  const text = String(raw).trim().replace(/^@/, '')
  const byId = organisation.person(text)
  if (byId?.active) return yes(byId._id)
  const named = organisation.people().filter(person => person.active && person.name === text)
  const [person] = named
  if (!person) return no(`没有找到同事"${text.slice(0, 20)}",请核对${label}。`)
  return named.length === 1 ? yes(person._id) : no(`有 ${named.length} 位同事叫"${text}",请在手机页面上选择。`)
}

function readPeople(field: FieldType, raws: readonly unknown[], reading: Reading): Answer {
  const ids: string[] = []
  for (const raw of raws) {
    const person = readPerson(field, raw, reading)
    if (!person.ok) return person
    ids.push(String(person.value))
  }
  return yes([...new Set(ids)])
}

const DAY_MS = 86_400_000
const DAYS_AHEAD: Readonly<Record<string, number>> = { 今天: 0, 明天: 1, 后天: 2 }

/** `2026-11-21`, `2026年11月21日`, `11-21`, `明天`: the beginning of that day. Without a year: the next such day. */
function readDate(text: string, { time, now }: Reading): number | null {
  const ahead = DAYS_AHEAD[text]
  if (ahead !== undefined) return time.addDays(now, ahead)
  const match = /^(?:(\d{4})\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?$/.exec(text)
  if (!match) return null
  const [month, day] = [Number(match[2]), Number(match[3])]
  const inYear = (year: number): number | null => {
    const noon = new Date(Date.UTC(year, month - 1, day, 12))
    return noon.getUTCMonth() === month - 1 && noon.getUTCDate() === day ? time.startOfDay(noon.getTime()) : null
  }
  if (match[1]) return inYear(Number(match[1]))
  const year = time.year(now)
  const thisYear = inYear(year)
  return thisYear !== null && thisYear < time.startOfDay(now) - 30 * DAY_MS ? inYear(year + 1) : thisYear
}

/**
 * Several fields at once.
 * @throws InvalidError `input.invalid` with a sentence for each field that cannot be read
 */
export function readFields(definition: ProcessDefinition, raw: Readonly<Record<string, unknown>>, reading: Reading): ProcessForm {
  const form: ProcessForm = {}
  const faults: Record<string, string> = {}
  for (const [name, value] of Object.entries(raw)) {
    const field = Object.hasOwn(definition.fields, name) ? definition.fields[name] : undefined
    const answer = field ? readField(field, value, reading) : no('表单里没有这一项。')
    if (answer.ok) form[name] = answer.value
    else faults[name] = answer.message
  }
  if (Object.keys(faults).length > 0) {
    throw new InvalidError('input.invalid', Object.values(faults).join(''), { fields: faults })
  }
  return form
}

/** A stored value as people read it; undefined when there is none. */
export function showField(field: FieldType, value: unknown, nameOf: (personId: string) => string): string | undefined {
  if (value === null || value === undefined || value === '') return undefined
  if (typeof value === 'boolean') return value ? '是' : '否'
  if (Array.isArray(value))
    return value.length > 0 ? value.map(item => showField(field, item, nameOf) ?? '').join('、') : undefined
  switch (field.type) {
    case 'money':
      return `${formatYuan(Number(value))} 元`
    case 'date':
      return showDate(Number(value))
    case 'enum':
      return field.options?.find(option => option.value === value)?.label ?? String(value)
    case 'person':
    case 'personList':
      return nameOf(String(value))
    default:
      return String(value)
  }
}

/** Dates of forms are the beginning of a local day; twelve hours later it is that date in every zone that matters here. */
const showDate = (at: number): string => {
  const shifted = new Date(at + DAY_MS / 2)
  return Number.isFinite(shifted.getTime()) ? shifted.toISOString().slice(0, 10) : String(at)
}

/** A field with its present value, for whoever fills or mends it. */
export function fieldView(
  definition: ProcessDefinition,
  name: string,
  { form, organisation, isRequired }: { form: ProcessForm; organisation: Organisation; isRequired: boolean },
): FieldView {
  const field = definition.fields[name] ?? { type: 'string', label: name }
  const stored = form[name]
  const ids = field.type === 'person' || field.type === 'personList' ? [stored].flat().filter(id => typeof id === 'string') : []
  const value = formValue(field, stored)
  return {
    name,
    label: field.label,
    type: field.type,
    ...(field.options && { options: field.options }),
    isRequired,
    ...(value !== undefined && { value }),
    ...(ids.length > 0 && { people: ids.map(id => organisation.ref(id)) }),
  }
}

/** As a form holds it: amounts and dates as they are typed, people as ids. */
function formValue(field: FieldType, stored: unknown): FieldView['value'] {
  if (stored === null || stored === undefined) return undefined
  if (typeof stored === 'boolean') return stored
  if (field.type === 'person' || field.type === 'enum') return String(stored)
  if (Array.isArray(stored)) return stored.map(String)
  if (field.type === 'money') return formatYuan(Number(stored))
  return field.type === 'date' ? showDate(Number(stored)) : String(stored)
}
