import { followPending } from '../../handlers/approvals/index.ts'
import { syncAllExternalContacts } from '../../handlers/external-contacts/index.ts'
import { askAgain } from '../../handlers/kernel/ageing.ts'
import type { CardTemplates } from '../../handlers/kernel/card-template.ts'
import { remindAfterHours } from '../../handlers/kernel/notice-settings.ts'
import { renewExpiring } from '../../handlers/kernel/renew.ts'
import type { Services } from '../../handlers/kernel/services.ts'
import { syncDirectory } from '../../handlers/people/index.ts'
import { advanceSpaces } from '../../handlers/spaces/index.ts'

const TIDY_MS = 5_000
/** How long a dead process keeps the others from tidying. */
const TIDY_LEASE_MS = 5_000
const CONTACTS_MS = 30 * 60_000
const CONTACTS_LEASE_MS = 60_000
/** Steps younger than this are still being followed by whoever made them. */
const PENDING_GRACE_MS = 3_000

export interface Tidying {
  /** Run it now, also over what is only just left behind. */
  now(): Promise<void>
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>
}

/** What is looked after from time to time, by one process for all. */
export function startTidying(services: Services, templates: CardTemplates, processId: string): Tidying {
  const { models, log } = services
  let turn: Promise<unknown> = Promise.resolve()

  /** What a process does for itself, then what one does for all. */
  async function tidy(graceMs: number): Promise<void> {
    await models.databaseClock.measure()
    await models.outbox.markLost()
    await models.runners.alone('tidy', processId, TIDY_LEASE_MS, async () => {
      await followPending(services, new Date(services.clock.now() - graceMs))
      await renewExpiring(services)
      await advanceSpaces(services)
      await askAgain(services, templates, await remindAfterHours(services))
    })
  }

  function inTurn(graceMs: number): Promise<void> {
    const mine = turn.then(() => tidy(graceMs))
    turn = mine.catch(() => undefined)
    return mine
  }

  async function contacts(): Promise<void> {
    for (const directory of services.directories.values()) {
      const since = new Date(Date.now() - CONTACTS_MS / 2)
      const sync = async (): Promise<void> => void (await syncDirectory(services, directory))
      await models.runners.alone(`contacts:${directory.platform}`, processId, CONTACTS_LEASE_MS, sync, since)
    }
    await models.runners.alone('contacts:external', processId, CONTACTS_LEASE_MS, () => syncAllExternalContacts(services))
  }

  const complain = (what: string) => (error: unknown) =>
    log.error({ code: 'job.failed', job: what, err: String(error) }, 'a background job failed')
  const timers = [
    setInterval(() => void inTurn(PENDING_GRACE_MS).catch(complain('tidy')), TIDY_MS),
    setInterval(() => void contacts().catch(complain('contacts')), CONTACTS_MS),
  ]
  for (const timer of timers) timer.unref()
  inTurn(0).catch(complain('tidy'))

  return {
    now: () => inTurn(0),
    async stop() {
      for (const timer of timers) clearInterval(timer)
      await turn
    },
  }
}
