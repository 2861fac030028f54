import type { Doc, TextOrder } from '../bson/index.ts'
import { isNumber, isObject } from '../bson/values.ts'
import { notSupported } from '../errors.ts'
import { compileExpression, type Variables } from '../expressions/index.ts'
import type { MatchContext } from '../match/index.ts'

/**
 * What filters and projections take from a command: how to evaluate expressions with its variables, and the order of texts.
 * Expressions know the binary order only, so they are refused beside another one.
 */
export function matchContext(variables: () => Variables, text?: TextOrder): MatchContext {
  return {
    text,
    expression: expression => {
      if (text) throw notSupported('an expression together with a collation')
      const evaluate = compileExpression(expression)
      const bound = variables()
      return (doc: Doc) => evaluate(doc, bound)
    },
  }
}

const withoutComparison = new Set(['$match', '$sort', '$limit', '$skip', '$count', '$unwind', '$unset', '$out'])

/** @throws StoreError 115 for stages whose comparisons would not follow the collation */
export function checkCollated(pipeline: Doc[]): void {
  for (const stage of pipeline) {
    const [name = '', spec] = Object.entries(stage)[0] ?? []
    const plainProject =
      name === '$project' && isObject(spec) && Object.values(spec).every(value => isNumber(value) || typeof value === 'boolean')
    if (!withoutComparison.has(name) && !plainProject) throw notSupported(`${name} together with a collation`)
  }
}
