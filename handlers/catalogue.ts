import { activityDraft, createActivity } from './activities/index.ts'
import {
  approvalAddSign,
  approvalBatch,
  approvalCard,
  approvalComment,
  approvalCopy,
  approvalDecide,
  approvalGet,
  approvalHandOver,
  approvalLog,
  approvalReassign,
  approvalRemoveSign,
  approvalReroute,
  approvalResolve,
  approvalResubmit,
  approvalRetract,
  approvalReturn,
  approvalSkip,
  approvalsList,
  approvalsStuck,
  approvalTerminate,
  approvalTransfer,
  approvalUrge,
  approvalWithdraw,
  raiseTimeout,
} from './approvals/index.ts'
import {
  calendarCreate,
  calendarGet,
  calendarList,
  calendarLoadYear,
  calendarRemove,
  calendarRemoveDay,
  calendarSetDay,
  calendarSetWeek,
  calendarUpdate,
  processTimers,
} from './calendar/index.ts'
import { CONTRACT_PROCESS, contractCase, contractDraft, contractRoute, submitContract } from './contracts/index.ts'
import { customerCard, customerGet, customersSearch, customerTimeline, pickCard, visitCard } from './customers/index.ts'
import { delegationEnd, delegationSet, delegationsList, delegationTimers } from './delegations/index.ts'
import { configureNotices, deliveriesList, noticesSettings, setQuiet } from './deliveries/index.ts'
import type { CardTemplate, CardTemplates } from './kernel/card-template.ts'
import type { CaseSubjects } from './kernel/case-subject.ts'
import type { Command, Query } from './kernel/command.ts'
import type { TimerKind, TimerKinds } from './kernel/timer-kind.ts'
import { createLead, leadDraft, leadDuplicates } from './leads/index.ts'
import { me, peopleAssign, peopleLink, peopleList, peopleSearch, settingsGet, settingsUpdate } from './people/index.ts'
import { revokeShares, shareProgress } from './portal/index.ts'
import {
  migrateProcess,
  processCheck,
  processesList,
  processesPace,
  processGet,
  processMeasure,
  processRehearse,
  publishProcess,
  saveProcessDraft,
} from './processes/index.ts'
import { completeProjectStep } from './projects/index.ts'
import {
  requestCase,
  requestDraftKind,
  requestFormQuery,
  requestRoute,
  requestTemplates,
  submitRequest,
} from './requests/index.ts'
import { openSpace, spacePreview } from './spaces/index.ts'
import { createDraftCard } from './talk/draft-card.ts'
import { draftGet } from './talk/draft-get.ts'
import type { DraftKind, DraftKinds } from './talk/draft-kinds.ts'
import { completeTodo, todosList } from './todos/index.ts'
import { deadLetters, replayWork } from './work/index.ts'

/** Everything the product can do, by name. A new capability adds its lines here. */
export interface Catalogue {
  commands: ReadonlyMap<string, Command>
  queries: ReadonlyMap<string, Query>
  templates: CardTemplates
  draftKinds: DraftKinds
  /** Who is told when a timer fires. */
  timerKinds: TimerKinds
}

const COMMANDS = [
  createLead,
  createActivity,
  submitContract,
  submitRequest,
  approvalDecide,
  approvalBatch,
  approvalReturn,
  approvalResubmit,
  approvalTransfer,
  approvalAddSign,
  approvalRemoveSign,
  approvalComment,
  approvalCopy,
  approvalRetract,
  approvalUrge,
  approvalWithdraw,
  approvalReassign,
  approvalSkip,
  approvalReroute,
  approvalTerminate,
  approvalResolve,
  approvalHandOver,
  saveProcessDraft,
  publishProcess,
  migrateProcess,
  shareProgress,
  revokeShares,
  openSpace,
  completeProjectStep,
  completeTodo,
  peopleAssign,
  peopleLink,
  settingsUpdate,
  delegationSet,
  delegationEnd,
  calendarCreate,
  calendarUpdate,
  calendarRemove,
  calendarSetWeek,
  calendarSetDay,
  calendarRemoveDay,
  calendarLoadYear,
  replayWork,
  setQuiet,
  configureNotices,
] as unknown as readonly Command[]

const QUERIES = [
  me,
  customersSearch,
  customerGet,
  customerTimeline,
  leadDuplicates,
  draftGet,
  contractRoute,
  requestTemplates,
  requestFormQuery,
  requestRoute,
  approvalsList,
  approvalGet,
  approvalLog,
  approvalsStuck,
  processesList,
  processGet,
  processCheck,
  processRehearse,
  processMeasure,
  processesPace,
  todosList,
  peopleSearch,
  peopleList,
  settingsGet,
  delegationsList,
  calendarList,
  calendarGet,
  deadLetters,
  deliveriesList,
  noticesSettings,
  spacePreview,
] as unknown as readonly Query[]

const TIMER_KINDS: readonly TimerKind[] = [delegationTimers, processTimers(raiseTimeout)]

const DRAFT_KINDS: readonly DraftKind[] = [leadDraft, activityDraft, contractDraft]

const byName = <Item extends { name: string }>(items: readonly Item[]): Map<string, Item> =>
  new Map(items.map(item => [item.name, item]))

/** A process decides about records, not about processes; and nobody rules people or settings by one. */
const isForProcesses = ({ name, surfaces }: Command): boolean =>
  !/^(?:approvals|processes)\./.test(name) && !surfaces.every(surface => surface === 'admin')

/** Records that are decided by a process: contracts by theirs, requests by any other. */
export const caseSubjects: CaseSubjects = {
  get: key => (key === CONTRACT_PROCESS ? contractCase : requestCase),
  commands: byName(COMMANDS.filter(isForProcesses)),
}

/** What a request asks for is data: its draft is made from its process. */
const draftKinds: DraftKinds = {
  async of(services, draft) {
    return draft.kind === 'request'
      ? requestDraftKind(services, draft)
      : (DRAFT_KINDS.find(({ kind }) => kind === draft.kind) ?? null)
  },
}

export function createCatalogue(): Catalogue {
  const templates: readonly CardTemplate[] = [createDraftCard(draftKinds), approvalCard, customerCard, visitCard, pickCard]
  return {
    commands: byName(COMMANDS),
    queries: byName(QUERIES),
    templates: byName(templates),
    draftKinds,
    timerKinds: byName(TIMER_KINDS),
  }
}
