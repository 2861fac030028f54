import type { Clock } from '../../common/clock.ts'
import type { LocalTime } from '../../common/time.ts'
import type { Models } from '../../models/index.ts'
import type { QuietHours } from '../../models/kernel/notice-preferences.ts'
import type { CalendarSource } from '../calendar/source.ts'
import type { OrganisationSource } from '../people/organisation-source.ts'
import type { Proposer } from '../talk/proposer.ts'
import type { CaseSubjects } from './case-subject.ts'
import type { Governor } from './governor.ts'
import type { Links } from './links.ts'
import type { Channel, Directory, ExternalContacts, Groups, TodoBoard } from './ports.ts'
import type { Secrets } from './secrets.ts'
import type { ShortMessages } from './short-message.ts'

/** A logger of pino's shape; the only place that words about running go to. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** The queues that a committed change may have filled. */
export type Queue = 'inbound' | 'outbox' | 'cards' | 'timers'

/** Counts what went out and what was tried again; shown at `/metrics`. Labels come from small closed lists. */
export interface Meter {
  sent(platform: string, kind: 'text' | 'digest' | 'card' | 'repaint' | 'sms', result: SendResult): void
  retried(queue: Queue): void
}

export type SendResult = 'sent' | 'not_reached' | 'unknown' | 'dead' | 'superseded' | 'recorded'

/** Everything a handler may use. Built once in `bot/main.ts` and handed down; two of them fit in one process. */
export interface Services {
  models: Models
  clock: Clock
  time: LocalTime
  log: Log
  links: Links
  secrets: Secrets
  channels: ReadonlyMap<string, Channel>
  directories: ReadonlyMap<string, Directory>
  /** Customers in the members' own address books, by platform. */
  externalContacts: ReadonlyMap<string, ExternalContacts>
  /** Platforms' own to-do lists that are kept equal to ours. */
  todoBoards: ReadonlyMap<string, TodoBoard>
  /** Platforms where the app may open groups. */
  groups: ReadonlyMap<string, Groups>
  organisation: OrganisationSource
  calendars: CalendarSource
  governor: Governor
  meter: Meter
  /** The company's phone message service; null: none. */
  shortMessages: ShortMessages | null
  /** When notices wait; null: never. */
  quietHours(): Promise<QuietHours | null>
  /** Records that are decided by processes. */
  caseSubjects: CaseSubjects
  proposer: Proposer | null
  /** Our company's name, as customers see it. */
  companyName(): Promise<string>
  /** Wake the workers of a queue; they find their work in the database. */
  poke(queue: Queue): void
}

/** How a platform is called in front of people. */
export const PLATFORM_NAMES: Readonly<Record<string, string>> = {
  wecom: '企业微信',
  dingtalk: '钉钉',
  h5: 'H5',
  demo: '示例数据',
}
