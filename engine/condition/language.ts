import { z } from 'zod'
import { fieldName } from './fields.ts'

const MAX_DEPTH = 16
const MAX_PARTS = 500

/** `me` is the person the condition is asked for (id), `now` the moment it is asked at (milliseconds since the epoch). */
const me = z.strictObject({ ref: z.literal('me') })
const now = z.strictObject({ ref: z.literal('now') })

const text = z.string().max(500)
const number = z.number()

const equality = z.strictObject({
  field: fieldName,
  op: z.enum(['eq', 'ne']),
  value: z.union([text, number, z.boolean(), me]),
})

/** Order is for numbers only (money and dates are numbers): texts would compare differently in memory and in the database. */
const order = z.strictObject({ field: fieldName, op: z.enum(['gt', 'gte', 'lt', 'lte']), value: z.union([number, now]) })

const membership = z.strictObject({
  field: fieldName,
  op: z.enum(['in', 'nin']),
  value: z.union([z.array(text).min(1).max(20_000), z.array(number).min(1).max(20_000)]),
})

/** Is the field filled in: neither missing nor null? The only question that a missing field answers. */
const existence = z.strictObject({ field: fieldName, op: z.literal('exists'), value: z.boolean() })

/** Does the list hold this element? */
const containment = z.strictObject({ field: fieldName, op: z.literal('contains'), value: z.union([text, number, me]) })

const comparison = z.discriminatedUnion('op', [equality, order, membership, existence, containment])

export type Comparison = z.infer<typeof comparison>

/** The typed language of process branches, rules, filters and scopes. `{ all: [] }` is always true, `{ any: [] }` never. */
export type Condition = { all: Condition[] } | { any: Condition[] } | { not: Condition } | Comparison

const node: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    comparison,
    z.strictObject({ all: z.array(node).max(100) }),
    z.strictObject({ any: z.array(node).max(100) }),
    z.strictObject({ not: node }),
  ]),
)

/** Checked before the recursive parse, which a hostile nesting would otherwise drive out of stack. */
function isOfReasonableSize(input: unknown): boolean {
  let level: unknown[] = [input]
  let parts = 0
  for (let depth = 0; level.length > 0; depth += 1) {
    parts += level.length
    if (depth > MAX_DEPTH || parts > MAX_PARTS) return false
    level = level.flatMap(childrenOf)
  }
  return true
}

function childrenOf(part: unknown): unknown[] {
  if (typeof part !== 'object' || part === null) return []
  const { all, any, not } = part as { all?: unknown; any?: unknown; not?: unknown }
  return [all, any].flatMap(list => (Array.isArray(list) ? list : [])).concat(not === undefined ? [] : [not])
}

/** Parses a stored or submitted condition: at most 16 levels deep and 500 parts. */
export const condition: z.ZodType<Condition> = z
  .unknown()
  .refine(isOfReasonableSize, { message: '条件太深或太长', abort: true })
  .pipe(node)

/** Who asks, and when. */
export interface ConditionEnv {
  /** A person's id. */
  me: string
  /** Milliseconds since the epoch. */
  now: number
}

export type Scalar = string | number | boolean

/** The value that a literal or a reference stands for. */
export const operandValue = (value: Scalar | { ref: 'me' } | { ref: 'now' }, env: ConditionEnv): Scalar =>
  typeof value === 'object' ? env[value.ref] : value
