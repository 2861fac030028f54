export { type DemoPlatforms, startDemoPlatforms } from './platforms.ts'
