export { fieldsRead, find, matchingRows, pause, planOf, type Query, type Rows, rowsOf, targets } from './find.ts'
export { breathe, Pace } from './pace.ts'
export {
  type DeleteStatement,
  deleteStatement,
  insertOne,
  type UpdateResult,
  type UpdateStatement,
  updateStatement,
  type WriteContext,
} from './write.ts'
