import { randomId } from '../../common/ids.ts'
import type { Catalogue } from '../../handlers/catalogue.ts'
import type { Queue, Services } from '../../handlers/kernel/services.ts'
import { startDelivery } from './delivery.ts'
import { createInboundWork, type InboundWork } from './inbound.ts'
import type { Loop } from './loop.ts'
import { startTidying } from './tidy.ts'
import { createTimerWork } from './timers.ts'
import { startTodoBoard } from './todo-board.ts'

/** Work that makes work that makes work ends somewhere. */
const MAX_SETTLE_ROUNDS = 20

export interface Jobs {
  inbound: InboundWork
  poke(queue: Queue): void
  /** Run what is due, until nothing is. */
  settle(): Promise<void>
  stop(): Promise<void>
}

/** All background work of one process. */
export function startJobs(services: Services, catalogue: Catalogue, processId: string = randomId()): Jobs {
  const inbound = createInboundWork(services, catalogue, processId)
  const { prompt, patient, cards } = startDelivery(services, catalogue.templates, processId, inbound.answering)
  const tidying = startTidying(services, catalogue.templates, processId)
  const timers = createTimerWork(services, catalogue, processId)
  const board = startTodoBoard(services, processId)
  const loops: Record<Queue, readonly Loop[]> = {
    inbound: [inbound.loop],
    outbox: [prompt, patient],
    cards: [cards],
    timers: [timers],
  }

  return {
    inbound,
    poke(queue) {
      for (const loop of loops[queue]) loop.poke()
    },
    async settle() {
      for (let round = 0; round < MAX_SETTLE_ROUNDS; round += 1) {
        const handled = (await inbound.settle()) + (await timers.settle())
        await tidying.now()
        const sent = (await cards.settle()) + (await prompt.settle()) + (await patient.settle()) + (await board.settle())
        if (handled + sent === 0) return
      }
    },
    async stop() {
      await tidying.stop()
      await timers.stop()
      await inbound.stop()
      await Promise.all([cards.stop(), prompt.stop(), patient.stop(), board.stop()])
    },
  }
}
