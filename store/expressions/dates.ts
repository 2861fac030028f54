import { ObjectId } from 'bson'
import type { Doc } from '../bson/index.ts'
import { isNullish, isNumber, isPlainObject, Rank, rank, toNumber, typeName } from '../bson/values.ts'
import { badValue, location } from '../errors.ts'
import type { Compile, Evaluate, ExpressionOperator, Operators, Variables } from './types.ts'

const minuteMs = 60_000
const dayMs = 86_400_000
const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone)
  if (!format) {
    try {
      format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    } catch {
      throw location(40485, `unrecognized time zone identifier: "${zone}"`)
    }
    formats.set(zone, format)
  }
  return format
}

function offsetMs(date: Date, zone: string): number {
  const given = /^([+-])(\d\d):?(\d\d)?$/.exec(zone)
  const shown = given ?? /GMT(?:([+-])(\d\d):(\d\d))?/.exec(formatOf(zone).format(date))
  const [, sign = '+', hours = '0', minutes = '0'] = shown ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * minuteMs
}

// A local time as if it were UTC, back to the moment it stands for; asked twice because the offset may change in between.
function fromLocal(localMs: number, zone: string): Date {
  const guess = localMs - offsetMs(new Date(localMs), zone)
  return new Date(localMs - offsetMs(new Date(guess), zone))
}

const zoneOf = (value: unknown) => (isNullish(value) ? 'UTC' : String(value))

function momentOf(value: unknown, name: string): Date {
  if (rank(value) === Rank.date) return value as Date
  if (value instanceof ObjectId) return value.getTimestamp()
  throw location(16006, `can't convert from BSON type ${typeName(value)} to Date in ${name}`)
}

const floorTo = (value: number, size: number) => Math.floor(value / size) * size
const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
// Bins are counted from here (manual: "$dateTrunc").
const referenceMs = Date.UTC(2000, 0, 1)
const fixedMs: Record<string, number> = { millisecond: 1, second: 1000, minute: minuteMs, hour: 60 * minuteMs, day: dayMs }
const unitMonths: Record<string, number> = { month: 1, quarter: 3, year: 12 }

function truncate(localMs: number, unit: string, binSize: number, startOfWeek: string): number {
  const fixed = fixedMs[unit]
  if (fixed) return referenceMs + floorTo(localMs - referenceMs, fixed * binSize)
  const months = unitMonths[unit]
  if (months) {
    const local = new Date(localMs)
    const sinceReference = (local.getUTCFullYear() - 2000) * 12 + local.getUTCMonth()
    return Date.UTC(2000, floorTo(sinceReference, months * binSize), 1)
  }
  if (unit !== 'week') throw badValue(`unknown time unit value: ${unit}`)
  const wanted = days.findIndex(day => day.startsWith(startOfWeek.toLowerCase().slice(0, 3)))
  if (wanted < 0) throw badValue(`unknown day of week value: ${startOfWeek}`)
  // 1 January 2000 was a Saturday.
  const firstWeek = referenceMs + ((wanted + 7 - 6) % 7) * dayMs
  return firstWeek + floorTo(localMs - firstWeek, 7 * dayMs * binSize)
}

type Fields = Record<string, Evaluate>

const known: Record<string, string> = {
  $dateTrunc: 'date unit binSize timezone startOfWeek',
  $dateFromParts: 'year month day hour minute second millisecond timezone isoWeekYear isoWeek isoDayOfWeek',
  $dateDiff: 'startDate endDate unit timezone startOfWeek',
  $dateAdd: 'startDate unit amount timezone',
  $dateSubtract: 'startDate unit amount timezone',
  $week: 'date timezone',
}

function fieldsOf(operand: unknown, compile: Compile, name: string): Fields {
  if (!isPlainObject(operand)) throw location(40519, `${name} requires an object`)
  for (const field of Object.keys(operand))
    if (!known[name]?.split(' ').includes(field)) throw location(40535, `Unrecognized argument to ${name}: ${field}`)
  return Object.fromEntries(Object.entries(operand).map(([field, value]) => [field, compile(value)]))
}

const read = (fields: Fields, doc: unknown, variables: Variables): Doc =>
  Object.fromEntries(Object.entries(fields).map(([field, evaluate]) => [field, evaluate(doc, variables)]))

const dateTrunc: ExpressionOperator = (operand, compile, name) => {
  const fields = fieldsOf(operand, compile, name)
  return (doc, variables) => {
    const { date, unit, binSize, timezone, startOfWeek } = read(fields, doc, variables)
    if (isNullish(date) || isNullish(unit)) return null
    const moment = momentOf(date, name)
    const zone = zoneOf(timezone)
    const size = isNullish(binSize) ? 1 : toNumber(binSize)
    if (!Number.isInteger(size) || size < 1) throw location(5439017, `${name} requires 'binSize' to be a positive integer`)
    const local = moment.getTime() + offsetMs(moment, zone)
    return fromLocal(truncate(local, String(unit), size, isNullish(startOfWeek) ? 'sunday' : String(startOfWeek)), zone)
  }
}

// The ISO week form is refused.
const dateFromParts: ExpressionOperator = (operand, compile, name) => {
  const fields = fieldsOf(operand, compile, name)
  if (fields.isoWeekYear) throw badValue('$dateFromParts with isoWeekYear is not supported by the embedded store')
  if (!fields.year) throw location(40516, `${name} requires either 'year' or 'isoWeekYear' to be present`)
  return (doc, variables) => {
    const parts = read(fields, doc, variables)
    const number = (part: string, missing: number) => (part in parts ? parts[part] : missing)
    const values = [
      number('year', 1970),
      number('month', 1),
      number('day', 1),
      number('hour', 0),
      number('minute', 0),
      number('second', 0),
      number('millisecond', 0),
    ]
    if (values.some(isNullish)) return null
    if (!values.every(isNumber)) throw location(40515, `${name} requires numbers`)
    const [year = 0, month = 1, ...rest] = values.map(toNumber)
    return fromLocal(Date.UTC(year, month - 1, ...(rest as [number])), zoneOf(parts.timezone))
  }
}

/** `$week`: 0 to 53, week 1 begins with the first Sunday. */
const week: ExpressionOperator = (operand, compile, name) => {
  const alone = Array.isArray(operand) && operand.length === 1 ? operand[0] : operand
  const fields = isPlainObject(alone) && 'date' in alone ? fieldsOf(alone, compile, name) : { date: compile(alone) }
  return (doc, variables) => {
    const { date, timezone } = read(fields, doc, variables)
    if (isNullish(date)) return null
    const moment = momentOf(date, name)
    const local = new Date(moment.getTime() + offsetMs(moment, zoneOf(timezone)))
    const dayOfYear = Math.floor((local.getTime() - Date.UTC(local.getUTCFullYear(), 0, 1)) / dayMs)
    return Math.floor((dayOfYear + 7 - local.getUTCDay()) / 7)
  }
}

// Calendar days, weeks, months … between two moments: how many boundaries of the unit lie between them.
const dateDiff: ExpressionOperator = (operand, compile, name) => {
  const fields = fieldsOf(operand, compile, name)
  return (doc, variables) => {
    const { startDate, endDate, unit, timezone, startOfWeek } = read(fields, doc, variables)
    if (isNullish(startDate) || isNullish(endDate) || isNullish(unit)) return null
    const zone = zoneOf(timezone)
    const binOf = (value: unknown) => {
      const moment = momentOf(value, name)
      return truncate(
        moment.getTime() + offsetMs(moment, zone),
        String(unit),
        1,
        isNullish(startOfWeek) ? 'sunday' : String(startOfWeek),
      )
    }
    const [start, end] = [binOf(startDate), binOf(endDate)]
    const months = unitMonths[String(unit)]
    if (!months) return BigInt(Math.round((end - start) / (fixedMs[String(unit)] ?? 7 * dayMs)))
    const monthsOf = (ms: number) => new Date(ms).getUTCFullYear() * 12 + new Date(ms).getUTCMonth()
    return BigInt((monthsOf(end) - monthsOf(start)) / months)
  }
}

function shift(localMs: number, unit: string, amount: number): number {
  const months = unitMonths[unit]
  if (!months) {
    const size = unit === 'week' ? 7 * dayMs : fixedMs[unit]
    if (!size) throw badValue(`unknown time unit value: ${unit}`)
    return localMs + amount * size
  }
  const local = new Date(localMs)
  const [year, month] = [local.getUTCFullYear(), local.getUTCMonth() + amount * months]
  // The 31st becomes the last day of a shorter month.
  const day = Math.min(local.getUTCDate(), new Date(Date.UTC(year, month + 1, 0)).getUTCDate())
  return Date.UTC(year, month, day) + (localMs - floorTo(localMs, dayMs))
}

const dateShift =
  (sign: 1 | -1): ExpressionOperator =>
  (operand, compile, name) => {
    const fields = fieldsOf(operand, compile, name)
    return (doc, variables) => {
      const { startDate, unit, amount, timezone } = read(fields, doc, variables)
      if (isNullish(startDate) || isNullish(unit) || isNullish(amount)) return null
      if (!Number.isInteger(toNumber(amount))) throw location(5166405, `${name} expects integer amount of time units`)
      const moment = momentOf(startDate, name)
      const zone = zoneOf(timezone)
      const amountOf = sign * toNumber(amount)
      // Hours and less are lengths of time; days and more follow the local calendar.
      if ((fixedMs[String(unit)] ?? dayMs) < dayMs) return new Date(shift(moment.getTime(), String(unit), amountOf))
      return fromLocal(shift(moment.getTime() + offsetMs(moment, zone), String(unit), amountOf), zone)
    }
  }

/** Date operators that the library gets wrong in time zones or at the end of a month (mingo 7.2, November 2026). */
export const dateOperators: Operators = {
  $dateTrunc: dateTrunc,
  $dateFromParts: dateFromParts,
  $dateDiff: dateDiff,
  $dateAdd: dateShift(1),
  $dateSubtract: dateShift(-1),
  $week: week,
}
