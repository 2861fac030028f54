export { compileExpression, fieldPath } from './compile.ts'
export type { Evaluate, Variables } from './types.ts'
export { average } from './values.ts'
