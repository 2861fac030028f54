export { revokeShares, shareProgress } from './commands.ts'
export { revokeByWord, shareByCard, shareByWord } from './talk.ts'
export { type ProgressPage, type ProgressStep, progressPage, shareGone } from './view.ts'
