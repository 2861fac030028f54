import { Gauge, type Registry } from 'prom-client'
import type { Services } from '../handlers/kernel/services.ts'

type Labels = Readonly<Record<string, string>>
type Reading = readonly [labels: Labels, value: number]

/** What a gauge shows when the database does not answer: nothing, rather than a wrong number or no metrics at all. */
const quietly = (read: () => Promise<readonly Reading[]>) => read().catch(() => [])

/** State that is read when somebody looks: queues, dead letters, channels, clock and database. All labels come from closed lists. */
export function showState(registry: Registry, services: Services, brokenChannels: () => readonly string[]): void {
  const { models, clock } = services
  const { inbound, outbox, cards, steps } = models

  function gauge(name: string, help: string, labelNames: readonly string[], read: () => Promise<readonly Reading[]>): void {
    new Gauge({
      name: `kelian_${name}`,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      async collect() {
        this.reset()
        for (const [labels, value] of await quietly(read)) this.set({ ...labels }, value)
      },
    })
  }
  const single = (name: string, help: string, read: () => Promise<number>): void =>
    gauge(name, help, [], async () => [[{}, await read()]])

  single('queue_inbound', 'accepted deliveries that wait or are being worked on', inbound.countQueued)
  single('queue_outbox', 'messages that wait or are on their way', outbox.countQueued)
  single('queue_cards', 'cards that are to be sent or repainted', cards.countDue)

  gauge('queue_oldest_seconds', 'how long the item that is due longest has waited', ['queue'], async () => {
    const now = new Date(clock.now())
    const [received, message, card] = await Promise.all([inbound.oldestQueued(), outbox.oldestDue(now), cards.oldestDue(now)])
    const age = (since: Date | null, nowMs: number): number => (since ? Math.max(0, (nowMs - since.getTime()) / 1000) : 0)
    return [
      [{ queue: 'inbound' }, age(received, Date.now())],
      [{ queue: 'outbox' }, age(message, clock.now())],
      [{ queue: 'cards' }, age(card, clock.now())],
    ]
  })

  gauge('dead_letters', 'work that failed for good or whose outcome is unknown', ['queue'], async () => {
    const [events, messages, faces, unfollowed] = await Promise.all([
      inbound.countDead(),
      outbox.countTroubled(),
      cards.countTroubled(),
      steps.countStuck(),
    ])
    return [
      [{ queue: 'inbound' }, events],
      [{ queue: 'outbox' }, messages],
      [{ queue: 'cards' }, faces],
      [{ queue: 'approvals' }, unfollowed],
    ]
  })

  gauge(
    'quota_used',
    'messages of today that count against the day limit of the app, with the places that processes have reserved by the hundred',
    ['platform'],
    async () =>
      Promise.all(
        [...services.channels.values()].map(
          async channel => [{ platform: channel.platform }, await services.governor.usedToday(channel)] as const,
        ),
      ),
  )

  gauge('channel_up', '1: the channel works, 0: it is down', ['platform'], async () => {
    const broken = new Set(brokenChannels())
    return [...services.channels.keys()].map(platform => [{ platform }, broken.has(platform) ? 0 : 1] as const)
  })

  gauge('token_age_seconds', 'how old the access token is that all processes share', ['app'], async () =>
    (await models.tokens.ages()).map(({ id, fetchedAt }) => [{ app: id }, (Date.now() - fetchedAt.getTime()) / 1000] as const),
  )

  gauge('store_latency_seconds', 'how long the database took to answer just now', [], async () => {
    const { latencyMs } = await models.databaseClock.measure()
    return [[{}, latencyMs / 1000]]
  })
  gauge('clock_skew_seconds', 'our clock minus that of the database', [], async () => {
    const { skewMs } = await models.databaseClock.measure()
    return [[{}, skewMs / 1000]]
  })
}
