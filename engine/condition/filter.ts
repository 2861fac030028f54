import { type Comparison, type Condition, type ConditionEnv, operandValue } from './language.ts'
import { parentPaths } from './record.ts'

/** A MongoDB query filter, as plain data. */
export type Filter = Record<string, unknown>

const EVERYTHING: Filter = {}
const NOTHING: Filter = { _id: { $in: [] } }

/** A MongoDB operator looks into lists by itself; the language never does. */
const NOT_A_LIST = { $not: { $type: 'array' } }

/**
 * The MongoDB filter that selects exactly the records for which `evaluate` answers `true`. Records for which it answers `false` and
 * records that cannot be decided are both left out, and `not` does not bring the undecidable ones back: `{ not: c }` selects where
 * `c` is false, no more. To find the undecidable ones, ask for neither filter: `{ $nor: [toFilter(c), toFilter({ not: c })] }`.
 */
export function toFilter(condition: Condition, env: ConditionEnv): Filter {
  return select(condition, env, true)
}

/** The filter for the records where the condition has the wanted verdict; negation is pushed down to the comparisons. */
function select(condition: Condition, env: ConditionEnv, wanted: boolean): Filter {
  if ('not' in condition) return select(condition.not, env, !wanted)
  if ('all' in condition) return join(condition.all, env, wanted, wanted)
  if ('any' in condition) return join(condition.any, env, wanted, !wanted)
  const test = wanted ? holds(condition, env) : fails(condition, env)
  return withPlainParents(condition.field, test)
}

function join(parts: readonly Condition[], env: ConditionEnv, wanted: boolean, every: boolean): Filter {
  const filters = parts.map(part => select(part, env, wanted))
  const [first] = filters
  if (first === undefined) return every ? EVERYTHING : NOTHING
  if (filters.length === 1) return first
  return every ? { $and: filters } : { $or: filters }
}

function holds(comparison: Comparison, env: ConditionEnv): Filter {
  const { field, op } = comparison
  switch (op) {
    case 'eq':
      return { [field]: { $eq: operandValue(comparison.value, env), ...NOT_A_LIST } }
    case 'ne': {
      const operand = operandValue(comparison.value, env)
      return { [field]: { $ne: operand, $type: typeName(operand), ...NOT_A_LIST } }
    }
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return { [field]: { [`$${op}`]: operandValue(comparison.value, env), ...NOT_A_LIST } }
    case 'in':
      return { [field]: { $in: comparison.value, ...NOT_A_LIST } }
    case 'nin':
      return { [field]: { $nin: comparison.value, $type: typeName(comparison.value[0]), ...NOT_A_LIST } }
    case 'exists':
      return comparison.value
        ? { $or: [{ [field]: { $ne: null } }, { [field]: { $type: 'array' } }] }
        : { [field]: { $eq: null, ...NOT_A_LIST } }
    case 'contains':
      return { [field]: { $eq: operandValue(comparison.value, env), $type: 'array' } }
  }
}

function fails(comparison: Comparison, env: ConditionEnv): Filter {
  switch (comparison.op) {
    case 'eq':
      return holds({ ...comparison, op: 'ne' }, env)
    case 'ne':
      return holds({ ...comparison, op: 'eq' }, env)
    case 'gt':
      return holds({ ...comparison, op: 'lte' }, env)
    case 'gte':
      return holds({ ...comparison, op: 'lt' }, env)
    case 'lt':
      return holds({ ...comparison, op: 'gte' }, env)
    case 'lte':
      return holds({ ...comparison, op: 'gt' }, env)
    case 'in':
      return holds({ ...comparison, op: 'nin' }, env)
    case 'nin':
      return holds({ ...comparison, op: 'in' }, env)
    case 'exists':
      return holds({ ...comparison, value: !comparison.value }, env)
    case 'contains':
      return { [comparison.field]: { $ne: operandValue(comparison.value, env), $type: 'array' } }
  }
}

const typeName = (operand: unknown): string => (typeof operand === 'boolean' ? 'bool' : typeof operand)

/** `a.b` also looks into a list under `a`; `evaluate` calls that mistyped. */
function withPlainParents(field: string, test: Filter): Filter {
  const parents = parentPaths(field)
  if (parents.length === 0) return test
  return { $and: [...parents.map(parent => ({ [parent]: NOT_A_LIST })), test] }
}
