export { type After, type Customers, createCustomers, type ScopeFilter } from './queries.ts'
export type { CustomerDoc } from './schema.ts'
