export { advanceSpaces } from './advance.ts'
export { openSpace } from './open.ts'
export { spaceRow } from './rows.ts'
export { openContractSpaceByWord, openSpaceByWord } from './talk.ts'
