export { delegationEnd, delegationSet } from './commands.ts'
export { delegationsList } from './queries.ts'
export { endDelegationByWord, listDelegations, setDelegationByWord } from './talk.ts'
export { delegationTimers } from './timers.ts'
