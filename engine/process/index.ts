export { type ApproverRule, approverRule } from './approvers.ts'
export { checkDefinition } from './check.ts'
export {
  type ApprovalNode,
  type ExclusiveNode,
  type ProcessDefinition,
  type ProcessNode,
  processDefinition,
  processNode,
} from './definition.ts'
export type { Effect, EffectBody, Outcome } from './effect.ts'
export { type EventOf, MAX_COMMENT_LENGTH, type ProcessEvent, processEvent, URGE_COOL_DOWN_MS } from './event.ts'
export { type LookUp, type Need, needKey, type ProcessEnv } from './lookups.ts'
export { durations, handOffs, type StepDuration } from './measure.ts'
export { type ExpectedStep, previewRoute, type Route, upcomingRoute } from './preview.ts'
export {
  type Accepted,
  REFUSALS,
  type RefusalCode,
  type RefusalDetails,
  type Refused,
  type TransitionResult,
  type Wanting,
} from './result.ts'
export {
  type Incident,
  isFinished,
  type OpenTask,
  type PathEntry,
  type ProcessForm,
  type ProcessState,
  processForm,
  processState,
} from './state.ts'
export { contractApproval, DEPUTY_THRESHOLD_MINOR } from './templates/index.ts'
export { transition } from './transition.ts'
