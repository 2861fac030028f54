export { requestCase } from './case.ts'
export { requestFormQuery, requestRoute, requestTemplates } from './queries.ts'
export { submitRequest } from './submit.ts'
export { beginRequest, readBeginning, requestDraftKind } from './talk.ts'
