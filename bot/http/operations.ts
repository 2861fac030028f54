import Router from '@koa/router'
import type { Registry } from 'prom-client'
import { PLATFORM_NAMES, type Services } from '../../handlers/kernel/services.ts'
import { showState } from '../state-gauges.ts'

export interface OperationsOptions {
  services: Services
  registry: Registry
  brokenChannels(): BrokenChannel[]
}

/** A platform whose channel is down. */
export interface BrokenChannel {
  platform: string
  /** Why, for people; absent: its connection is lost and being made anew. */
  why?: string
}

/** Why the service cannot work; `message` is for the person who is called. */
export interface Trouble {
  code: string
  message: string
}

/** Leases hold whatever the clocks say; deadlines and signatures do not. */
const MOST_SKEW_MS = 1_000

/** `/healthz` (the process lives), `/readyz` (it can work), `/metrics` (Prometheus). */
export function operationsRoutes({ services, registry, brokenChannels }: OperationsOptions): Router {
  const router = new Router()
  showState(registry, services, () => brokenChannels().map(({ platform }) => platform))

  router.get('/healthz', ctx => {
    ctx.body = { ok: true }
  })
  router.get('/readyz', async ctx => {
    const trouble = [...brokenChannels().map(channelDown), ...(await databaseTrouble(services))]
    ctx.status = trouble.length > 0 ? 503 : 200
    ctx.set('cache-control', 'no-store')
    ctx.body = { ok: trouble.length === 0, trouble }
  })
  router.get('/metrics', async ctx => {
    ctx.type = registry.contentType
    ctx.body = await registry.metrics()
  })
  return router
}

const channelDown = ({ platform, why }: BrokenChannel): Trouble => ({
  code: `channel.${platform}`,
  message: why ?? `${PLATFORM_NAMES[platform] ?? platform}的连接断开了,正在重连。请检查网络和应用设置。`,
})

async function databaseTrouble({ models }: Services): Promise<Trouble[]> {
  const reading = await models.databaseClock.measure().catch(() => null)
  if (!reading) return [{ code: 'store.unreachable', message: '连不上数据库,请检查数据库和网络。' }]
  if (Math.abs(reading.skewMs) - reading.latencyMs / 2 <= MOST_SKEW_MS) return []
  const seconds = (Math.abs(reading.skewMs) / 1000).toFixed(1)
  const which = reading.skewMs > 0 ? '快' : '慢'
  return [{ code: 'clock.skewed', message: `本机时钟比数据库${which} ${seconds} 秒,请校准时间(NTP)。` }]
}
