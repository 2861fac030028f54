export { deliveriesList } from './list.ts'
export { configureNotices, noticesSettings, setQuiet } from './settings.ts'
