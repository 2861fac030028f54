import Router from '@koa/router'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Services } from '../../handlers/kernel/services.ts'

export interface OperationsOptions {
  services: Services
  /** Platforms whose channel is down, by name. */
  brokenChannels(): string[]
}

/** `/healthz` (the process lives), `/readyz` (it can work), `/metrics` (Prometheus). */
export function operationsRoutes({ services, brokenChannels }: OperationsOptions): Router {
  const router = new Router()
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const { inbound, outbox, cards } = services.models
  const queue = (name: string, count: () => Promise<number>) =>
    new Gauge({
      name: `kelian_queue_${name}`,
      help: `waiting items in ${name}`,
      registers: [registry],
      async collect() {
        this.set(await count())
      },
    })
  queue('inbound', inbound.countQueued)
  queue('outbox', outbox.countQueued)
  queue('cards', cards.countDue)

  router.get('/healthz', ctx => {
    ctx.body = { ok: true }
  })
  router.get('/readyz', async ctx => {
    const trouble = brokenChannels()
    const store = await services.models.connection.db?.command({ ping: 1 }).then(
      () => true,
      () => false,
    )
    if (!store) trouble.push('store')
    ctx.status = trouble.length > 0 ? 503 : 200
    ctx.body = { ok: trouble.length === 0, trouble }
  })
  router.get('/metrics', async ctx => {
    ctx.type = registry.contentType
    ctx.body = await registry.metrics()
  })
  return router
}
