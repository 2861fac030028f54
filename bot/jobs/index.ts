import { randomId } from '../../common/ids.ts'
import { followPending } from '../../handlers/approvals/index.ts'
import type { Catalogue } from '../../handlers/catalogue.ts'
import { paint } from '../../handlers/kernel/paint.ts'
import { renewExpiring } from '../../handlers/kernel/renew.ts'
import { send } from '../../handlers/kernel/send.ts'
import type { Queue, Services } from '../../handlers/kernel/services.ts'
import { syncDirectory } from '../../handlers/people/index.ts'
import type { CardDoc } from '../../models/kernel/card-ledger.ts'
import type { OutboxDoc } from '../../models/kernel/outbox.ts'
import { createInboundWork, type InboundWork } from './inbound.ts'
import { createLoop, type Loop } from './loop.ts'

const LEASE_MS = 60_000
/** Work that makes work that makes work ends somewhere. */
const MAX_SETTLE_ROUNDS = 20
const IDLE_MS = 1_000
const TIDY_MS = 5_000
const CONTACTS_MS = 30 * 60_000
/** Steps younger than this are still being followed by whoever made them. */
const PENDING_GRACE_MS = 3_000

export interface Jobs {
  inbound: InboundWork
  poke(queue: Queue): void
  /** Run what is due, until nothing is. */
  settle(): Promise<void>
  stop(): Promise<void>
}

/** All background work of one process. */
export function startJobs(services: Services, catalogue: Catalogue): Jobs {
  const processId = randomId()
  const { models, log } = services
  const now = () => new Date(services.clock.now())
  const inbound = createInboundWork(services, catalogue, processId)

  const outbox = createLoop<OutboxDoc>({
    name: 'outbox',
    concurrency: 8,
    idleMs: IDLE_MS,
    claim: () => models.outbox.claim(processId, now(), LEASE_MS),
    work: message => send(services, message, processId),
    log,
  })
  const cards = createLoop<CardDoc>({
    name: 'cards',
    concurrency: 8,
    idleMs: IDLE_MS,
    claim: () => models.cards.claim(processId, now(), new Date(), LEASE_MS, inbound.answering()),
    work: card => paint(services, catalogue.templates, card, processId),
    log,
  })
  const loops: Record<Queue, Loop> = { inbound: inbound.loop, outbox, cards }

  async function tidy(graceMs: number): Promise<void> {
    await followPending(services, new Date(services.clock.now() - graceMs))
    await models.outbox.markLost(new Date())
    await renewExpiring(services)
  }
  const complain = (what: string) => (error: unknown) =>
    log.error({ code: 'job.failed', job: what, err: String(error) }, 'a background job failed')
  const tidying = setInterval(() => void tidy(PENDING_GRACE_MS).catch(complain('tidy')), TIDY_MS)
  const contacts = setInterval(() => {
    for (const directory of services.directories.values()) syncDirectory(services, directory).catch(complain('contacts'))
  }, CONTACTS_MS)
  tidying.unref()
  contacts.unref()
  tidy(0).catch(complain('tidy'))

  return {
    inbound,
    poke: queue => loops[queue].poke(),
    async settle() {
      for (let round = 0; round < MAX_SETTLE_ROUNDS; round += 1) {
        const handled = await inbound.settle()
        await tidy(0)
        const sent = (await cards.settle()) + (await outbox.settle())
        if (handled + sent === 0) return
      }
    },
    async stop() {
      clearInterval(tidying)
      clearInterval(contacts)
      await inbound.stop()
      await Promise.all([cards.stop(), outbox.stop()])
    },
  }
}
