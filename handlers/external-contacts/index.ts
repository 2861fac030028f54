export { followExternalContact, syncAllExternalContacts, syncExternalContacts } from './follow.ts'
