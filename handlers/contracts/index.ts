export { CONTRACT_PROCESS, contractCase, contractForm } from './case.ts'
export { contractDraft } from './draft.ts'
export { contractRoute } from './route.ts'
export { submitContract } from './submit.ts'
