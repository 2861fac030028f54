import { activityDraft, createActivity } from './activities/index.ts'
import {
  approvalCard,
  approvalDecide,
  approvalGet,
  approvalsList,
  approvalTransfer,
  approvalUrge,
  approvalWithdraw,
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
} from './calendar/index.ts'
import { contractCase, contractDraft, contractRoute, submitContract } from './contracts/index.ts'
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
import { completeProjectStep } from './projects/index.ts'
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
  approvalDecide,
  approvalTransfer,
  approvalUrge,
  approvalWithdraw,
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
  approvalsList,
  approvalGet,
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

const TIMER_KINDS: readonly TimerKind[] = [delegationTimers]

const DRAFT_KINDS: readonly DraftKind[] = [leadDraft, activityDraft, contractDraft]

/** Records that are decided by a process, by its key. */
export const caseSubjects: CaseSubjects = new Map(contractCase.definitions.map(({ key }) => [key, contractCase]))

const byName = <Item extends { name: string }>(items: readonly Item[]): Map<string, Item> =>
  new Map(items.map(item => [item.name, item]))

export function createCatalogue(): Catalogue {
  const draftKinds = new Map(DRAFT_KINDS.map(kind => [kind.kind, kind]))
  const templates: readonly CardTemplate[] = [createDraftCard(draftKinds), approvalCard, customerCard, visitCard, pickCard]
  return {
    commands: byName(COMMANDS),
    queries: byName(QUERIES),
    templates: byName(templates),
    draftKinds,
    timerKinds: byName(TIMER_KINDS),
  }
}
