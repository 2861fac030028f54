import { asAppError, PlatformRefused, PlatformUnreachable } from '../../common/errors.ts'
import { randomId } from '../../common/ids.ts'
import type { Delivery, InboundEvent } from '../../common/inbound.ts'
import type { Catalogue } from '../../handlers/catalogue.ts'
import { handleDelivery, tellFailure } from '../../handlers/dispatch.ts'
import { type Face, faceDelivered, presentFace } from '../../handlers/kernel/paint.ts'
import type { InboundSink } from '../../handlers/kernel/ports.ts'
import type { Services } from '../../handlers/kernel/services.ts'
import { personBehind } from '../../handlers/people/index.ts'
import type { InboundDoc } from '../../models/kernel/inbound.ts'
import { leaseOf } from '../../models/kernel/lease.ts'
import { createLanes } from './lanes.ts'
import { createLoop, type Loop } from './loop.ts'
import { RENEW_MS } from './renewing.ts'

/** Short, so that what a dead process held is soon taken up; whoever works on it renews it. */
const LEASE_MS = 5_000
const MAX_ATTEMPTS = 5
const IDLE_MS = 1_000
/** How far our estimate of the database's time may be off. */
const CLOCK_SLACK_MS = 5_000
/** A channel that was given a card says at once whether it could hand it over. */
const CONFIRM_MS = 1_000
/** Clicks have slots of their own; talk, where a model may be waited for, cannot take them. */
const SLOTS = { click: 32, talk: 16 } as const

export interface InboundWork extends InboundSink {
  loop: Loop
  /** Cards that are about to be answered by their own click; the painter leaves them alone. */
  answering(): string[]
  settle(): Promise<number>
  stop(): Promise<void>
}

const laneOf = (event: InboundEvent): string =>
  event.type === 'card_action' ? `card:${event.cardId}` : `talk:${event.platform}:${event.corp}:${event.userId}`

/** Accept deliveries durably and work them off: in order within a lane, side by side otherwise. */
export function createInboundWork(services: Services, catalogue: Catalogue, processId: string = randomId()): InboundWork {
  const { inbound, databaseClock } = services.models
  const lanes = createLanes(SLOTS)
  const answering = new Map<string, number>()

  async function perform(row: InboundDoc): Promise<Face | null> {
    const lease = leaseOf(row)
    try {
      const card = await handleDelivery(services, catalogue, row._id, row.event)
      await inbound.finish(lease, new Date())
      return card
    } catch (error) {
      const failure = asAppError(error)
      const passing = error instanceof PlatformUnreachable || error instanceof PlatformRefused || failure.status >= 500
      const attempts = row.attempts + 1
      const dead = attempts >= MAX_ATTEMPTS || !passing
      services.log.error(
        {
          code: failure.code,
          inboundId: row._id,
          attempts,
          dead,
          err: error instanceof Error ? (error.stack ?? error.message) : String(error),
        },
        'a delivery was not handled',
      )
      const retryAt = dead ? null : new Date(databaseClock.now() + 1_000 * 2 ** row.attempts)
      const failed = { attempts, error: { code: failure.code, message: failure.message } }
      const ours = await inbound.fail(lease, failed, retryAt).catch(() => false)
      if (!dead) services.meter.retried('inbound')
      if (dead && ours) await tellFailure(services, row._id, row.event).catch(() => undefined)
      return null
    }
  }

  /** Ours until it is done, also while it waits for its turn in the lane. Whose lease ran out meanwhile leaves it to its next owner. */
  function enqueue(row: InboundDoc): Promise<Face | null> {
    const lease = leaseOf(row)
    let heldUntilMs = performance.now() + LEASE_MS
    const renew = async (): Promise<boolean> => {
      const askedAtMs = performance.now()
      const held = await inbound.renew(lease, LEASE_MS)
      if (held) heldUntilMs = askedAtMs + LEASE_MS
      return held
    }
    const renewing = setInterval(() => void renew().catch(() => false), RENEW_MS)
    return lanes
      .run(row.workClass, row.lane, async () => {
        const sure = performance.now() < heldUntilMs - RENEW_MS || (await renew())
        return sure ? perform(row) : null
      })
      .finally(() => clearInterval(renewing))
  }

  const loop = createLoop<InboundDoc>({
    name: 'inbound',
    concurrency: 4,
    idleMs: IDLE_MS,
    claim: () => inbound.claim(processId, new Date(databaseClock.now() + CLOCK_SLACK_MS), LEASE_MS),
    work: async row => {
      await enqueue(row)
    },
    log: services.log,
  })

  async function faceFor(event: InboundEvent): Promise<Face | null> {
    if (event.type !== 'card_action') return null
    const person = await personBehind(services, event)
    const row = await services.models.cards.find(event.cardId)
    if (!person || row?.personId !== person._id) return null
    return presentFace(services, catalogue.templates, event.cardId, (await services.organisation.current()).viewer(person._id))
  }

  /** The painter may have the card again; what the click was answered with needs no call. */
  async function release(cardId: string, face: Face | null): Promise<void> {
    if (face) await faceDelivered(services, face).catch(() => undefined)
    const left = (answering.get(cardId) ?? 1) - 1
    if (left > 0) answering.set(cardId, left)
    else answering.delete(cardId)
    services.poke('cards')
  }

  return {
    loop,
    answering: () => [...answering.keys()],

    async accept(delivery: Delivery, options = {}) {
      const { key, event } = delivery
      const receivedAt = new Date()
      const row: InboundDoc = {
        _id: key,
        event,
        lane: laneOf(event),
        workClass: event.type === 'card_action' ? 'click' : 'talk',
        status: 'queued',
        attempts: 0,
        leaseBy: processId,
        leaseUntil: new Date(databaseClock.now() + LEASE_MS),
        fence: 1,
        receivedAt,
      }
      const cardId = event.type === 'card_action' && options.waitMs ? event.cardId : null
      if (!cardId || !options.waitMs) {
        const fresh = await inbound.accept(row)
        if (fresh) void enqueue(row)
        return { fresh, card: null }
      }
      answering.set(cardId, (answering.get(cardId) ?? 0) + 1)
      let face: Face | null = null
      let isOurs = true
      try {
        const fresh = await inbound.accept(row)
        face = await within(fresh ? enqueue(row) : faceFor(event), options.waitMs)
        if (!face || !options.confirms) return { fresh, card: face?.card ?? null }
        isOurs = false
        return { fresh, card: face.card, confirm: once(handed => void release(cardId, handed ? face : null), CONFIRM_MS) }
      } finally {
        if (isOurs) void release(cardId, face)
      }
    },

    async quarantine(input) {
      await inbound.putAside({ ...input, body: input.body.slice(0, 100_000), at: new Date(services.clock.now()) })
    },

    async settle() {
      await lanes.idle()
      return loop.settle()
    },
    async stop() {
      await loop.stop()
      await lanes.idle()
    },
  }
}

/** The first answer counts; none within `ms` is a no. */
function once(take: (handed: boolean) => void, ms: number): (handed: boolean) => void {
  let isOpen = true
  const answer = (handed: boolean): void => {
    clearTimeout(timer)
    if (isOpen) take(handed)
    isOpen = false
  }
  const timer = setTimeout(() => answer(false), ms)
  return answer
}

/** The result if it comes in time, else null; the work goes on. */
async function within<Result>(work: Promise<Result>, ms: number): Promise<Result | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>(resolve => {
    timer = setTimeout(() => resolve(null), ms)
  })
  try {
    return await Promise.race([work.catch(() => null), late])
  } finally {
    clearTimeout(timer)
  }
}
