export { contractApproval, DEPUTY_THRESHOLD_MINOR } from './contract.ts'
