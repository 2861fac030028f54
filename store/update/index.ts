export { combine } from './arithmetic.ts'
export { compileUpdate, type Update } from './compile.ts'
export { seedFromFilter } from './seed.ts'
