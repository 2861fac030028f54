export { fieldsRead, find, matchingRows, planOf, type Query, type Rows, rowsOf } from './find.ts'
export { breathe, Pace, pause } from './pace.ts'
export { inSlices, StatementRun } from './slices.ts'
export { sortPaced } from './sort.ts'
export {
  type DeleteStatement,
  deleteStatement,
  insertOne,
  type UpdateResult,
  type UpdateStatement,
  updateStatement,
  type WriteContext,
} from './write.ts'
