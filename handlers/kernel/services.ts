import type { Clock } from '../../common/clock.ts'
import type { LocalTime } from '../../common/time.ts'
import type { Models } from '../../models/index.ts'
import type { OrganisationSource } from '../people/organisation-source.ts'
import type { Proposer } from '../talk/proposer.ts'
import type { CaseSubjects } from './case-subject.ts'
import type { Governor } from './governor.ts'
import type { Links } from './links.ts'
import type { Channel, Directory } from './ports.ts'
import type { Secrets } from './secrets.ts'

/** A logger of pino's shape; the only place that words about running go to. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** The queues that a committed change may have filled. */
export type Queue = 'inbound' | 'outbox' | 'cards'

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
  organisation: OrganisationSource
  governor: Governor
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
