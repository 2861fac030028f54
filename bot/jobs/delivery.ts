import type { CardTemplates } from '../../handlers/kernel/card-template.ts'
import { PAINT_LEASE_MS, paint } from '../../handlers/kernel/paint.ts'
import { SEND_LEASE_MS, send } from '../../handlers/kernel/send.ts'
import type { Services } from '../../handlers/kernel/services.ts'
import type { CardDoc } from '../../models/kernel/card-ledger.ts'
import { leaseOf } from '../../models/kernel/lease.ts'
import type { OutboxDoc } from '../../models/kernel/outbox.ts'
import { createLoop, type Loop } from './loop.ts'
import { whileRenewing } from './renewing.ts'

const IDLE_MS = 1_000
const WORKERS = 8

/** Texts in two lanes, so that an answer never waits behind notices, and cards. */
export interface DeliveryLoops {
  prompt: Loop
  patient: Loop
  cards: Loop
}

/** @param answering cards that a click is being answered with; the painter leaves them alone */
export function startDelivery(
  services: Services,
  templates: CardTemplates,
  processId: string,
  answering: () => readonly string[],
): DeliveryLoops {
  const { models, log } = services
  const now = () => new Date(services.clock.now())

  const renewMessage = async (message: OutboxDoc): Promise<void> => {
    await models.outbox.renew(leaseOf(message), SEND_LEASE_MS)
    if (message.lane === 'patient') await models.outbox.renewGathered(message, SEND_LEASE_MS)
  }

  const prompt = createLoop<OutboxDoc>({
    name: 'prompt',
    concurrency: WORKERS,
    idleMs: IDLE_MS,
    claim: () => models.outbox.claim(processId, 'prompt', now(), SEND_LEASE_MS),
    work: message =>
      whileRenewing(
        () => renewMessage(message),
        () => send(services, message),
      ),
    log,
  })

  const readers = createReaders(busy => models.outbox.claim(processId, 'patient', now(), SEND_LEASE_MS, busy))
  const patient = createLoop<OutboxDoc>({
    name: 'patient',
    concurrency: WORKERS,
    idleMs: IDLE_MS,
    claim: readers.claim,
    work: message =>
      whileRenewing(
        () => renewMessage(message),
        () => send(services, message),
      ).finally(() => readers.release(message.toKey)),
    log,
  })

  const cards = createLoop<CardDoc>({
    name: 'cards',
    concurrency: WORKERS,
    idleMs: IDLE_MS,
    claim: () => models.cards.claim(processId, now(), PAINT_LEASE_MS, answering()),
    work: card =>
      whileRenewing(
        () => models.cards.renew(leaseOf(card), PAINT_LEASE_MS),
        () => paint(services, templates, card),
      ),
    log,
  })
  return { prompt, patient, cards }
}

/** One worker at a time for one reader's notices: the others would send singly what the first one gathers. */
function createReaders(claim: (busy: readonly string[]) => Promise<OutboxDoc | null>) {
  const busy = new Set<string>()
  let turn: Promise<unknown> = Promise.resolve()

  async function claimNow(): Promise<OutboxDoc | null> {
    const message = await claim([...busy])
    if (message) busy.add(message.toKey)
    return message
  }

  return {
    claim(): Promise<OutboxDoc | null> {
      const mine = turn.then(claimNow)
      turn = mine.catch(() => undefined)
      return mine
    },
    release: (toKey: string): boolean => busy.delete(toKey),
  }
}
