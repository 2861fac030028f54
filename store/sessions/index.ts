export { type Saved, Session } from './session.ts'
export { Sessions } from './sessions.ts'
