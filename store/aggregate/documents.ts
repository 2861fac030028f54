import { type Doc, pathParts, setField } from '../bson/index.ts'
import { has, isObject, isPlainObject, typeName } from '../bson/values.ts'
import { location } from '../errors.ts'
import { compileExpression, type Evaluate, type Variables } from '../expressions/index.ts'
import { compileProjection } from '../match/index.ts'
import { checkParts } from './types.ts'

/** A stage that turns each document into one other. */
export type DocumentStage = (spec: unknown, name: string) => (doc: Doc, variables: Variables) => Doc

type Assign = { name: string; value: Evaluate | Assign[] }

function readAssignments(spec: Doc): Assign[] {
  const root: Assign[] = []
  for (const [path, expression] of Object.entries(spec)) {
    const parts = pathParts(path)
    if (parts.includes('')) throw location(40352, 'FieldPath cannot be constructed with empty string')
    let level = root
    for (const part of parts.slice(0, -1)) {
      let next = level.find(entry => entry.name === part)
      if (!next) {
        next = { name: part, value: [] }
        level.push(next)
      }
      if (!Array.isArray(next.value)) throw location(40176, `specification contains two conflicting paths: ${path}`)
      level = next.value
    }
    const nested = isPlainObject(expression) && Object.keys(expression).length > 0 && !Object.keys(expression)[0]?.startsWith('$')
    const value = nested ? readAssignments(expression) : compileExpression(expression)
    level.push({ name: parts.at(-1) as string, value })
  }
  return root
}

function assign(target: unknown, entries: Assign[], root: Doc, variables: Variables): unknown {
  // Into an array the fields are set in every element.
  if (Array.isArray(target)) return target.map(item => assign(item, entries, root, variables))
  const out: Doc = isObject(target) ? { ...target } : {}
  for (const { name, value } of entries) {
    const result = Array.isArray(value)
      ? assign(has(out, name) ? out[name] : undefined, value, root, variables)
      : value(root, variables)
    if (result === undefined) delete out[name]
    else setField(out, name, result)
  }
  return out
}

const addFields: DocumentStage = (spec, name) => {
  if (!isObject(spec) || Object.keys(spec).length === 0)
    throw location(40272, `${name} specification stage must be an object with fields`)
  const entries = readAssignments(spec)
  return (doc, variables) => assign(doc, entries, doc, variables) as Doc
}

const project: DocumentStage = spec => {
  if (!isObject(spec) || Object.keys(spec).length === 0) {
    throw location(51272, 'Invalid $project :: caused by :: projection specification must have at least one field')
  }
  // The variables change from run to run, the compiled projection does not.
  let current: Variables = {}
  const projection = compileProjection(
    spec,
    {},
    {
      expression: expression => {
        const evaluate = compileExpression(expression)
        return doc => evaluate(doc, current)
      },
    },
  )
  return (doc, variables) => {
    current = variables
    return projection(doc)
  }
}

const unset: DocumentStage = (spec, name) => {
  const paths = Array.isArray(spec) ? spec : [spec]
  if (paths.length === 0 || !paths.every(path => typeof path === 'string'))
    throw location(31002, `${name} specification must be a string or an array of strings`)
  return project(Object.fromEntries(paths.map(path => [path, 0])), '$project')
}

const replaceRoot: DocumentStage = (spec, name) => {
  if (name === '$replaceRoot') checkParts(spec, name, ['newRoot'])
  const expression = name === '$replaceWith' ? spec : isObject(spec) ? spec.newRoot : undefined
  if (expression === undefined) throw location(40230, 'no newRoot specified for the $replaceRoot stage')
  const evaluate = compileExpression(expression)
  return (doc, variables) => {
    const result = evaluate(doc, variables)
    if (!isObject(result)) {
      throw location(
        40228,
        `'newRoot' expression must evaluate to an object, but resulting value was of type: ${typeName(result)}`,
      )
    }
    return result
  }
}

/** Stages that work on one document at a time; also those that an update pipeline may use. */
export const documentStages: Readonly<Record<string, DocumentStage>> = {
  $project: project,
  $addFields: addFields,
  $set: addFields,
  $unset: unset,
  $replaceRoot: replaceRoot,
  $replaceWith: replaceRoot,
}
