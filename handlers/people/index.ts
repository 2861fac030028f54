export { peopleAssign, peopleLink, peopleList, peopleSearch, settingsGet, settingsUpdate } from './admin.ts'
export { linkPeople } from './link.ts'
export { me } from './me.ts'
export { personBehind, syncChanged, syncDirectory } from './sync.ts'
