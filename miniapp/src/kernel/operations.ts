import type { z } from 'zod'
import type { ActivityCreated, activityCreateInput } from '../../../common/contract/activities.ts'
import type {
  ApprovalDetail,
  ApprovalLogRow,
  ApprovalResult,
  ApprovalRow,
  approvalAddSignInput,
  approvalBatchInput,
  approvalCaseInput,
  approvalCommentInput,
  approvalCopyInput,
  approvalDecideInput,
  approvalGetInput,
  approvalHandOverInput,
  approvalReassignInput,
  approvalRemoveSignInput,
  approvalRerouteInput,
  approvalResolveInput,
  approvalResubmitInput,
  approvalReturnInput,
  approvalSkipInput,
  approvalsListInput,
  approvalTerminateInput,
  approvalTransferInput,
  approvalWithdrawInput,
  BatchResult,
  HandOverResult,
  RouteStep,
  StuckCase,
} from '../../../common/contract/approvals.ts'
import type {
  CalendarChanged,
  CalendarList,
  CalendarView,
  calendarCreateInput,
  calendarGetInput,
  calendarLoadYearInput,
  calendarRemoveDayInput,
  calendarRemoveInput,
  calendarSetDayInput,
  calendarSetWeekInput,
  calendarUpdateInput,
} from '../../../common/contract/calendar.ts'
import type { ContractSubmitted, contractRouteInput, contractSubmitInput } from '../../../common/contract/contracts.ts'
import type {
  CustomerDetail,
  CustomerRow,
  customerGetInput,
  customersSearchInput,
  customerTimelineInput,
  TimelineEntry,
} from '../../../common/contract/customers.ts'
import type {
  DelegationView,
  delegationEndInput,
  delegationListInput,
  delegationSetInput,
} from '../../../common/contract/delegations.ts'
import type {
  configureNoticesInput,
  DeliveryRow,
  deliveriesListInput,
  NoticeSettingsView,
  setQuietInput,
} from '../../../common/contract/deliveries.ts'
import type {
  DraftView,
  DuplicateMatch,
  draftGetInput,
  LeadCreated,
  leadCreateInput,
  leadDuplicatesInput,
} from '../../../common/contract/leads.ts'
import type { Page } from '../../../common/contract/page.ts'
import type {
  DeadLetter,
  PersonRef,
  PersonRow,
  peopleAssignInput,
  peopleLinkInput,
  peopleListInput,
  peopleSearchInput,
  settingsUpdateInput,
  workReplayInput,
} from '../../../common/contract/people.ts'
import type { portalShareInput, ShareCreated, ShareRevoked } from '../../../common/contract/portal.ts'
import type {
  FaultView,
  MigrationResult,
  ProcessMeasureView,
  ProcessPace,
  ProcessPublished,
  ProcessVersionRow,
  processCheckInput,
  processGetInput,
  processMeasureInput,
  processMigrateInput,
  processPublishInput,
  processRehearseInput,
  RehearsalView,
} from '../../../common/contract/processes.ts'
import type { projectCompleteStepInput } from '../../../common/contract/projects.ts'
import type {
  RequestFormView,
  RequestRoute,
  RequestSubmitted,
  RequestTemplate,
  requestFormInput,
  requestRouteInput,
  requestSubmitInput,
} from '../../../common/contract/requests.ts'
import type { SpaceOpened, SpacePreview, spaceOpenInput } from '../../../common/contract/spaces.ts'
import type { TodoRow, todoCompleteInput, todosListInput } from '../../../common/contract/todos.ts'

interface Operation<Input, Output> {
  input: Input
  output: Output
}

/** `GET /api/queries/<name>`: what each takes and answers. */
export interface Queries {
  'customers.search': Operation<z.input<typeof customersSearchInput>, Page<CustomerRow>>
  'customers.get': Operation<z.input<typeof customerGetInput>, CustomerDetail>
  'customers.timeline': Operation<z.input<typeof customerTimelineInput>, Page<TimelineEntry>>
  'leads.duplicates': Operation<z.input<typeof leadDuplicatesInput>, DuplicateMatch[]>
  'drafts.get': Operation<z.input<typeof draftGetInput>, DraftView | null>
  'contracts.route': Operation<z.input<typeof contractRouteInput>, { steps: RouteStep[] }>
  'approvals.list': Operation<z.input<typeof approvalsListInput>, Page<ApprovalRow>>
  'approvals.get': Operation<z.input<typeof approvalGetInput>, ApprovalDetail>
  'approvals.log': Operation<z.input<typeof approvalGetInput>, { items: ApprovalLogRow[] }>
  'approvals.stuck': Operation<Record<string, never>, { items: StuckCase[] }>
  'requests.templates': Operation<Record<string, never>, { items: RequestTemplate[] }>
  'requests.form': Operation<z.input<typeof requestFormInput>, RequestFormView>
  'requests.route': Operation<z.input<typeof requestRouteInput>, RequestRoute>
  'processes.list': Operation<Record<string, never>, { items: ProcessVersionRow[] }>
  'processes.get': Operation<z.input<typeof processGetInput>, { definition: Record<string, unknown> }>
  'processes.check': Operation<z.input<typeof processCheckInput>, { faults: FaultView[] }>
  'processes.rehearse': Operation<z.input<typeof processRehearseInput>, RehearsalView>
  'processes.pace': Operation<Record<string, never>, { items: ProcessPace[] }>
  'processes.measure': Operation<z.input<typeof processMeasureInput>, ProcessMeasureView>
  'todos.list': Operation<z.input<typeof todosListInput>, Page<TodoRow>>
  'people.search': Operation<z.input<typeof peopleSearchInput>, { items: PersonRef[] }>
  'people.list': Operation<z.input<typeof peopleListInput>, Page<PersonRow>>
  'settings.get': Operation<Record<string, never>, { companyName: string }>
  'work.deadLetters': Operation<Record<string, never>, Page<DeadLetter>>
  'calendar.list': Operation<Record<string, never>, CalendarList>
  'calendar.get': Operation<z.input<typeof calendarGetInput>, CalendarView>
  'delegations.list': Operation<z.input<typeof delegationListInput>, Page<DelegationView>>
  'deliveries.list': Operation<z.input<typeof deliveriesListInput>, Page<DeliveryRow>>
  'notices.settings': Operation<Record<string, never>, NoticeSettingsView>
  'spaces.preview': Operation<z.input<typeof spaceOpenInput>, SpacePreview>
}

/** `POST /api/commands/<name>`: what each takes and answers. */
export interface Commands {
  'leads.create': Operation<z.input<typeof leadCreateInput>, LeadCreated>
  'activities.create': Operation<z.input<typeof activityCreateInput>, ActivityCreated>
  'contracts.submit': Operation<z.input<typeof contractSubmitInput>, ContractSubmitted>
  'approvals.decide': Operation<z.input<typeof approvalDecideInput>, ApprovalResult>
  'approvals.batchDecide': Operation<z.input<typeof approvalBatchInput>, BatchResult>
  'approvals.return': Operation<z.input<typeof approvalReturnInput>, ApprovalResult>
  'approvals.resubmit': Operation<z.input<typeof approvalResubmitInput>, ApprovalResult>
  'approvals.transfer': Operation<z.input<typeof approvalTransferInput>, ApprovalResult>
  'approvals.addSign': Operation<z.input<typeof approvalAddSignInput>, ApprovalResult>
  'approvals.removeSign': Operation<z.input<typeof approvalRemoveSignInput>, ApprovalResult>
  'approvals.comment': Operation<z.input<typeof approvalCommentInput>, ApprovalResult>
  'approvals.copy': Operation<z.input<typeof approvalCopyInput>, ApprovalResult>
  'approvals.retract': Operation<z.input<typeof approvalCaseInput>, ApprovalResult>
  'approvals.urge': Operation<z.input<typeof approvalCaseInput>, ApprovalResult>
  'approvals.withdraw': Operation<z.input<typeof approvalWithdrawInput>, ApprovalResult>
  'approvals.reassign': Operation<z.input<typeof approvalReassignInput>, ApprovalResult>
  'approvals.skip': Operation<z.input<typeof approvalSkipInput>, ApprovalResult>
  'approvals.reroute': Operation<z.input<typeof approvalRerouteInput>, ApprovalResult>
  'approvals.terminate': Operation<z.input<typeof approvalTerminateInput>, ApprovalResult>
  'approvals.resolve': Operation<z.input<typeof approvalResolveInput>, ApprovalResult>
  'approvals.handOver': Operation<z.input<typeof approvalHandOverInput>, HandOverResult>
  'requests.submit': Operation<z.input<typeof requestSubmitInput>, RequestSubmitted>
  'processes.publish': Operation<z.input<typeof processPublishInput>, ProcessPublished>
  'processes.migrate': Operation<z.input<typeof processMigrateInput>, MigrationResult>
  'portal.share': Operation<z.input<typeof portalShareInput>, ShareCreated>
  'portal.revoke': Operation<z.input<typeof portalShareInput>, ShareRevoked>
  'projects.completeStep': Operation<z.input<typeof projectCompleteStepInput>, unknown>
  'todos.complete': Operation<z.input<typeof todoCompleteInput>, unknown>
  'people.assign': Operation<z.input<typeof peopleAssignInput>, unknown>
  'people.link': Operation<z.input<typeof peopleLinkInput>, unknown>
  'settings.update': Operation<z.input<typeof settingsUpdateInput>, unknown>
  'work.replay': Operation<z.input<typeof workReplayInput>, unknown>
  'calendar.create': Operation<z.input<typeof calendarCreateInput>, CalendarChanged>
  'calendar.update': Operation<z.input<typeof calendarUpdateInput>, CalendarChanged>
  'calendar.remove': Operation<z.input<typeof calendarRemoveInput>, { calendarId: string }>
  'calendar.setWeek': Operation<z.input<typeof calendarSetWeekInput>, CalendarChanged>
  'calendar.setDay': Operation<z.input<typeof calendarSetDayInput>, CalendarChanged>
  'calendar.removeDay': Operation<z.input<typeof calendarRemoveDayInput>, CalendarChanged>
  'calendar.loadYear': Operation<z.input<typeof calendarLoadYearInput>, { year: number; days: number }>
  'delegations.set': Operation<z.input<typeof delegationSetInput>, { delegationId: string; message: string }>
  'delegations.end': Operation<z.input<typeof delegationEndInput>, { delegationId: string; message: string }>
  'notices.setQuiet': Operation<z.input<typeof setQuietInput>, unknown>
  'notices.configure': Operation<z.input<typeof configureNoticesInput>, unknown>
  'spaces.open': Operation<z.input<typeof spaceOpenInput>, SpaceOpened>
}

export type QueryName = keyof Queries
export type CommandName = keyof Commands
