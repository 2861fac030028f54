export { createActivity } from './create.ts'
export { activityDraft } from './draft.ts'
