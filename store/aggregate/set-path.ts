import { type Doc, pathParts, setField } from '../bson/index.ts'
import { has, isObject } from '../bson/values.ts'

/** A copy of the document with the value at a dotted path. */
export function setPath(doc: Doc, path: string, value: unknown): Doc {
  const [first = '', ...rest] = pathParts(path)
  const out = { ...doc }
  const inner = has(doc, first) && isObject(doc[first]) ? (doc[first] as Doc) : {}
  setField(out, first, rest.length === 0 ? value : setPath(inner, rest.join('.'), value))
  return out
}
