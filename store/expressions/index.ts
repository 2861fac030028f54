export { compileExpression, fieldPath, ownExpressions } from './compile.ts'
export type { Evaluate, Variables } from './types.ts'
export { average, deviation } from './values.ts'
