export { createPeople, type People } from './queries.ts'
export type { Account, DepartmentDoc, PersonDoc } from './schema.ts'
