export { createLead } from './create.ts'
export { leadDraft } from './draft.ts'
export { leadDuplicates } from './duplicates.ts'
