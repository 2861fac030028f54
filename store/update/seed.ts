import { setField } from '../bson/decode.ts'
import { pathParts } from '../bson/path.ts'
import { type Doc, has, isObject, isRegex } from '../bson/values.ts'
import { isOperators } from '../match/predicates.ts'

function put(out: Doc, path: string, value: unknown): void {
  const parts = pathParts(path)
  const last = parts.pop() as string
  let node = out
  for (const part of parts) {
    const child = has(node, part) ? node[part] : undefined
    if (isObject(child)) node = child
    else {
      const made: Doc = {}
      setField(node, part, made)
      node = made
    }
  }
  setField(node, last, value)
}

/** The document that the equality conditions of a filter imply: where an upsert starts (manual: "Upsert with Operator Expressions"). */
export function seedFromFilter(query: Doc, out: Doc = {}): Doc {
  for (const [name, operand] of Object.entries(query)) {
    if (name === '$and' && Array.isArray(operand)) for (const part of operand) seedFromFilter(part as Doc, out)
    else if (name === '$or' && Array.isArray(operand) && operand.length === 1) seedFromFilter(operand[0] as Doc, out)
    else if (name.startsWith('$') || isRegex(operand)) continue
    else if (!isOperators(operand)) put(out, name, operand)
    else if (has(operand, '$eq')) put(out, name, operand.$eq)
    else if (Array.isArray(operand.$in) && operand.$in.length === 1 && !isRegex(operand.$in[0])) put(out, name, operand.$in[0])
    else if (Array.isArray(operand.$all) && operand.$all.length === 1 && !isOperators(operand.$all[0]))
      put(out, name, operand.$all[0])
  }
  return out
}
