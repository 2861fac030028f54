export { type ApproverRule, approverRule } from './approvers.ts'
export { checkDefinition, type Known } from './check/index.ts'
export { initiatorChoices, previousChoices } from './choices.ts'
export {
  exitsOf,
  type FieldRight,
  findNode,
  isManned,
  type MannedNode,
  type NodeOf,
  type Operation,
  type ProcessDefinition,
  type ProcessDraft,
  type ProcessNode,
  processDefinition,
  processNode,
} from './definition.ts'
export type { Effect, EffectBody, Outcome } from './effect.ts'
export { type EventOf, MAX_COMMENT_LENGTH, type ProcessEvent, processEvent, URGE_COOL_DOWN_MS } from './event.ts'
export { fieldRightAt, fits, isFilled, isForLater } from './form.ts'
export { runningTimers } from './ladder.ts'
export { type LookUp, type Need, needKey, type PersonNeed, type ProcessEnv, type StateNeed } from './lookups.ts'
export {
  durations,
  type Elapsed,
  handOffs,
  measureProcess,
  type NodeMeasure,
  type ProcessMeasure,
  type StepDuration,
} from './measure.ts'
export { type MigrationReport, type NodeMapping, reportMigration } from './migration.ts'
export { outline } from './outline.ts'
export { type ExpectedStep, previewRoute, type Route, upcomingRoute } from './preview.ts'
export { type Rehearsal, type RehearsalResult, type RehearsedCase, rehearse } from './rehearsal.ts'
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
  type Remark,
  type Seat,
} from './state.ts'
export { isOfFirstVersion, readState } from './stored.ts'
export { rerouteTargets, returnTargets } from './targets.ts'
export { contractProcess, DEPUTY_THRESHOLD_MINOR, PROCESS_TEMPLATES, type ProcessTemplate } from './templates/index.ts'
export { transition } from './transition.ts'
