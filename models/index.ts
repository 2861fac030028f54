import type { ClientSession, Connection } from 'mongoose'
import { createActivities } from './activities/index.ts'
import { createCases } from './approvals/index.ts'
import { createCalendars } from './calendar/index.ts'
import { createCalls } from './calls/index.ts'
import { createContacts } from './contacts/index.ts'
import { createContracts } from './contracts/index.ts'
import { createCustomers } from './customers/index.ts'
import { createDelegations } from './delegations/index.ts'
import { createExternalContacts } from './external-contacts/index.ts'
import { createCardLedger } from './kernel/card-ledger.ts'
import { createCommandLog } from './kernel/command-log.ts'
import { createDatabaseClock } from './kernel/database-clock.ts'
import { createFiles } from './kernel/files.ts'
import { createInboundQueue } from './kernel/inbound.ts'
import { createNoticePreferences } from './kernel/notice-preferences.ts'
import { createOutbox } from './kernel/outbox.ts'
import { createQuotas } from './kernel/quotas.ts'
import { createReservations } from './kernel/reservations.ts'
import { createRunners } from './kernel/runner.ts'
import { createSendBudget } from './kernel/send-budget.ts'
import { createSettings } from './kernel/settings.ts'
import { createSteps } from './kernel/steps.ts'
import { createTimers } from './kernel/timers.ts'
import { createTokens } from './kernel/tokens.ts'
import { createLeads } from './leads/index.ts'
import { createPeople } from './people/index.ts'
import { createShares } from './portal/index.ts'
import { createProcesses } from './processes/index.ts'
import { createProjects } from './projects/index.ts'
import { createRequests } from './requests/index.ts'
import { createSpaces } from './spaces/index.ts'
import { createTalk } from './talk/index.ts'
import { createTimeline } from './timeline/index.ts'
import { createTodos } from './todos/index.ts'

/** Every collection of the product, on one connection. Nobody else writes a query. */
export function createModels(connection: Connection) {
  return {
    connection,
    // kernel
    databaseClock: createDatabaseClock(connection),
    runners: createRunners(connection),
    sendBudget: createSendBudget(connection),
    quotas: createQuotas(connection),
    noticePreferences: createNoticePreferences(connection),
    tokens: createTokens(connection),
    inbound: createInboundQueue(connection),
    commandLog: createCommandLog(connection),
    steps: createSteps(connection),
    timers: createTimers(connection),
    outbox: createOutbox(connection),
    cards: createCardLedger(connection),
    reservations: createReservations(connection),
    settings: createSettings(connection),
    files: createFiles(connection),
    // capabilities
    calendars: createCalendars(connection),
    calls: createCalls(connection),
    people: createPeople(connection),
    delegations: createDelegations(connection),
    customers: createCustomers(connection),
    contacts: createContacts(connection),
    externalContacts: createExternalContacts(connection),
    leads: createLeads(connection),
    activities: createActivities(connection),
    timeline: createTimeline(connection),
    contracts: createContracts(connection),
    cases: createCases(connection),
    processes: createProcesses(connection),
    requests: createRequests(connection),
    projects: createProjects(connection),
    todos: createTodos(connection),
    shares: createShares(connection),
    spaces: createSpaces(connection),
    talk: createTalk(connection),

    /** One transaction over several collections, run again by the driver after a write conflict. */
    transaction<Result>(work: (session: ClientSession) => Promise<Result>): Promise<Result> {
      return connection.transaction(work) as Promise<Result>
    },

    /** Make collections and indexes before the first transaction needs them. */
    async prepare(): Promise<void> {
      await Promise.all(Object.values(connection.models).map(model => model.init()))
    },
  }
}

export type Models = ReturnType<typeof createModels>
