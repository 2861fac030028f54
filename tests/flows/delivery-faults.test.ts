import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createTokenCache } from '../../bot/channels/shared/index.ts'
import { createInboundWork } from '../../bot/jobs/inbound.ts'
import type { Card } from '../../cards/model.ts'
import { PlatformRefused, PlatformUnreachable } from '../../common/errors.ts'
import type { CardActionEvent } from '../../common/inbound.ts'
import { createCatalogue } from '../../handlers/catalogue.ts'
import type { CardTemplate } from '../../handlers/kernel/card-template.ts'
import { paint } from '../../handlers/kernel/paint.ts'
import type { Channel } from '../../handlers/kernel/ports.ts'
import { SEND_LEASE_MS, send } from '../../handlers/kernel/send.ts'
import type { Services } from '../../handlers/kernel/services.ts'
import type { CardDoc } from '../../models/kernel/card-ledger.ts'
import { createDatabaseClock } from '../../models/kernel/database-clock.ts'
import { leaseOf } from '../../models/kernel/lease.ts'
import { startWorld, type World } from '../support/world.ts'
import { until } from '../unit/channels/support/fakes.ts'

const LEASE_MS = 30_000

let world: World
let serial = 0

beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const services = () => world.service.services
const models = () => services().models
const now = () => new Date(services().clock.now())
const idOf = async (name: string): Promise<string> => (await models().people.byName(name))[0]?._id ?? ''
const sends = () => world.wecom.calls.filter(call => call.path.endsWith('/message/send')).length

async function queue(text: string): Promise<string> {
  serial += 1
  const _id = `f-${serial}`
  // Far in the future for the running service, which must not take it; the test claims it for that time.
  await models().outbox.put([{ _id, to: { personId: await idOf('孙丽') }, text, urgency: 'urgent' }], later())
  return _id
}
const later = () => new Date(now().getTime() + 3_600_000)
const claim = async (by: string, leaseMs: number) => {
  const row = await models().outbox.claim(by, 'prompt', later(), leaseMs)
  if (!row) throw new Error('nothing to claim')
  return row
}
const stateOf = async (id: string) => (await models().outbox.model.findById(id).lean())?.status

describe('leases', () => {
  test('a row is never held by two, however many ask at once', async () => {
    for (let n = 0; n < 30; n += 1) await queue(`第 ${n} 条`)
    const got = await Promise.all([...Array(80).keys()].map(n => models().outbox.claim(`p${n % 4}`, 'prompt', later(), LEASE_MS)))
    const ids = got.flatMap(row => row?._id ?? [])
    expect(ids).toHaveLength(30)
    expect(new Set(ids).size).toBe(30)
    await models().outbox.model.deleteMany({ _id: { $in: ids } })
  })

  test('what a dead process had claimed and not yet sent is sent by another, once', async () => {
    const id = await queue('没有丢')
    await claim('dead', 0)
    const row = await claim('alive', LEASE_MS)
    expect(row._id).toBe(id)
    const before = sends()
    await send(services(), row)
    expect([await stateOf(id), sends() - before]).toEqual(['sent', 1])
  })

  test('a process that was stopped finds its lease gone and sends nothing', async () => {
    const id = await queue('只发一次')
    const stopped = await claim('stopped', 0)
    const other = await claim('other', LEASE_MS)
    const before = sends()
    await send(services(), stopped)
    expect(sends()).toBe(before)
    await send(services(), other)
    expect([await stateOf(id), sends() - before]).toEqual(['sent', 1])
    expect(await models().outbox.settle(leaseOf(stopped), { status: 'dead' })).toBe(false)
    expect(await stateOf(id)).toBe('sent')
  })

  test('what was on the wire when its sender died is unknown and not repeated; the sender, if it was only stopped, may still say how it ended', async () => {
    const id = await queue('在路上')
    const row = await claim('sender', 0)
    expect(await models().outbox.onItsWay(leaseOf(row), 'wecom')).toBe(true)
    const before = sends()
    await world.settle()
    expect([await stateOf(id), sends() - before]).toEqual(['unknown', 0])
    await models().outbox.settle(leaseOf(row), { status: 'sent', sentAt: now() })
    expect(await stateOf(id)).toBe('sent')
  })

  test('an urgent message that a killed process had in hand is sent within ten seconds, by whoever is there', async () => {
    serial += 1
    const _id = `f-${serial}`
    const before = sends()
    await models().outbox.put([{ _id, to: { personId: await idOf('孙丽') }, text: '十秒之内', urgency: 'urgent' }], now())
    const row = await models().outbox.claim('killed', 'prompt', now(), SEND_LEASE_MS)
    expect(row?._id).toBe(_id)
    await until('it is sent', async () => (await stateOf(_id)) === 'sent', 10_000)
    expect(sends()).toBe(before + 1)
  }, 20_000)

  test('two processes never run the same upkeep at once, and a dead one is followed', async () => {
    const { runners } = models()
    let running = 0
    let most = 0
    const work = async () => {
      running += 1
      most = Math.max(most, running)
      await models().settings.get('x')
      running -= 1
    }
    const ran = await Promise.all([...Array(10).keys()].map(n => runners.alone('upkeep', `p${n}`, LEASE_MS, work)))
    expect(most).toBe(1)
    expect(ran.filter(Boolean).length).toBeGreaterThan(0)
    await runners.model.updateOne({ _id: 'upkeep' }, { $set: { leaseBy: 'dead', leaseUntil: new Date(Date.now() + LEASE_MS) } })
    expect(await runners.alone('upkeep', 'p1', LEASE_MS, work)).toBe(false)
    await runners.model.updateOne({ _id: 'upkeep' }, { $set: { leaseUntil: new Date(Date.now() - 1) } })
    expect(await runners.alone('upkeep', 'p1', LEASE_MS, work)).toBe(true)
  })

  test('a platform that lets no call through turns /readyz red, with what to do, and green again when it does', async () => {
    const state = async () => {
      const ready = await fetch(`${world.service.url}/readyz`)
      const { trouble } = (await ready.json()) as { trouble: { code: string; message: string }[] }
      const metrics = await (await fetch(`${world.service.url}/metrics`)).text()
      const up = /kelian_channel_up\{platform="wecom"\} (\d)/.exec(metrics)?.[1]
      return [ready.status, trouble[0]?.code, trouble[0]?.message.includes('可信 IP'), up]
    }
    world.wecom.setTrustedIps(['203.0.113.9'])
    await world.say('zhang3', '帮助')
    expect(await state()).toEqual([503, 'channel.wecom', true, '0'])
    world.wecom.setTrustedIps(undefined)
    await world.advance(20 * 60_000)
    await world.say('zhang3', '帮助')
    expect(await state()).toEqual([200, undefined, undefined, '1'])

    world.wecom.fault({ path: '/message/send', drop: 'before', times: 4 })
    for (let minute = 0; minute < 2; minute += 1) {
      expect((await state())[0]).toBe(200)
      await world.say('li4', '帮助')
      await world.advance(40_000)
    }
    expect((await state()).slice(0, 2)).toEqual([503, 'channel.wecom'])
    await world.advance(20 * 60_000)
    expect((await state())[0]).toBe(200)
  })

  test('a clock that is off is noticed, and /readyz says so in words', async () => {
    const ahead = createDatabaseClock(models().connection, () => Date.now() + 5_000)
    const { skewMs } = await ahead.measure()
    expect(skewMs).toBeGreaterThan(4_000)
    expect(Math.abs(ahead.now() - Date.now())).toBeLessThan(1_000)

    const { databaseClock } = models()
    const { measure } = databaseClock
    const ready = () => fetch(`${world.service.url}/readyz`)
    databaseClock.measure = async () => ({ skewMs: 5_000, latencyMs: 1 })
    const red = await ready()
    expect([red.status, await red.json()]).toEqual([
      503,
      { ok: false, trouble: [{ code: 'clock.skewed', message: '本机时钟比数据库快 5.0 秒,请校准时间(NTP)。' }] },
    ])
    databaseClock.measure = async () => {
      throw new Error('away')
    }
    expect(await (await ready()).json()).toMatchObject({ ok: false, trouble: [{ code: 'store.unreachable' }] })
    databaseClock.measure = measure
    expect((await ready()).status).toBe(200)
  })
})

/** A card of the tests: what it shows is what `face` says. */
let face: Card = { kind: '测试', title: '一', status: '待处理', facts: [], buttons: [] }
const live = (title: string): Card => ({
  ...face,
  title,
  status: '待处理',
  buttons: [{ type: 'callback', id: 'go', label: '同意' }],
})
const over = (title: string): Card => ({ ...face, title, status: '已同意', note: '已同意 · 王敏', buttons: [] })
const template: CardTemplate = { name: 'tests.card', present: async () => face, actions: { go: async () => ({}) } }
const templates = new Map([[template.name, template]])

async function card(person: string): Promise<string> {
  serial += 1
  const _id = `c-${serial}`
  await models().cards.want(
    [{ _id, template: template.name, params: {}, subject: `test:${serial}`, personId: await idOf(person) }],
    later(),
  )
  return _id
}
const claimCard = async (by: string, leaseMs = LEASE_MS): Promise<CardDoc> => {
  const row = await models().cards.claim(by, later(), leaseMs, [])
  if (!row) throw new Error('no card to claim')
  return row
}
const touch = (id: string) => models().cards.touch(`test:${id.slice(2)}`, later())
const cardOf = async (id: string) => models().cards.find(id)
const onDingTalk = (id: string) => world.cards('u1030').find(view => view.taskId === id)
const repaintsWith = (handle: string) =>
  world.wecom.calls.filter(call => call.path.endsWith('/update_template_card') && JSON.stringify(call).includes(handle)).length

/** The services with one channel's ways changed. */
function withChannel(platform: string, change: Partial<Channel>): Services {
  const channel = services().channels.get(platform)
  if (!channel) throw new Error('no channel')
  return { ...services(), channels: new Map([...services().channels, [platform, { ...channel, ...change }]]) }
}

/** WeCom gets the card, something happens, and no answer comes. */
function unansweredAfter(happens: () => Promise<void>): Services {
  const wecom = services().channels.get('wecom')
  return withChannel('wecom', {
    async sendCard(to, sent, options) {
      await wecom?.sendCard(to, sent, options)
      await happens()
      throw new PlatformUnreachable('没有回音', { applied: 'unknown' })
    },
  })
}

describe('the card ledger', () => {
  test('who lost the lease before the send sends nothing; the card goes out once', async () => {
    face = live('租约')
    const id = await card('陈涛')
    const stopped = await claimCard('stopped', 0)
    const other = await claimCard('other')
    await paint(services(), templates, stopped)
    expect(onDingTalk(id)).toBeUndefined()
    await paint(services(), templates, other)
    expect(world.cards('u1030').filter(view => view.taskId === id)).toHaveLength(1)
    expect(await cardOf(id)).toMatchObject({ status: 'shown', open: true, due: false })
  })

  test('an old face that is painted late, over a newer one, is painted over', async () => {
    face = live('晚到')
    const id = await card('陈涛')
    await paint(services(), templates, await claimCard('one'))
    await touch(id)
    face = live('晚到,旧面')
    const slow = await claimCard('slow')
    let release: () => void = () => undefined
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    let entered: () => void = () => undefined
    const onTheWire = new Promise<void>(resolve => {
      entered = resolve
    })
    const original = services().channels.get('dingtalk')
    const slowly = withChannel('dingtalk', {
      async updateCard(to, old, options) {
        entered()
        await held
        await original?.updateCard(to, old, options)
      },
    })
    // What it leaves to be painted is the test's to claim, not the running service's.
    const painting = paint({ ...slowly, clock: { now: () => later().getTime() } }, templates, slow)
    await onTheWire
    await models().cards.model.updateOne({ _id: id }, { $set: { leaseUntil: new Date(0) } })
    face = over('晚到,已定')
    await touch(id)
    await paint(services(), templates, await claimCard('newer'))
    expect(onDingTalk(id)?.status).toBe('已同意')
    release()
    await painting
    expect(onDingTalk(id)?.status).toBe('待处理')
    expect((await cardOf(id))?.due).toBe(true)
    await paint(services(), templates, await claimCard('again'))
    expect(onDingTalk(id)?.status).toBe('已同意')
    expect(await cardOf(id)).toMatchObject({ due: false, open: false })
  })

  test('a card that the platform will not repaint is superseded, and a newer message says so', async () => {
    face = live('不能更新')
    const id = await card('陈涛')
    await paint(services(), templates, await claimCard('one'))
    face = over('不能更新')
    await touch(id)
    const refusing = withChannel('dingtalk', {
      async updateCard() {
        throw new PlatformRefused('card.not_repaintable', '不能更新')
      },
    })
    await paint(refusing, templates, await claimCard('two'))
    const row = await cardOf(id)
    expect(row).toMatchObject({ status: 'superseded', open: false, due: false })
    expect(await models().outbox.model.findById(row?.successor).lean()).toMatchObject({ urgency: 'urgent', topic: 'card' })
  })

  test('a click on a card that was superseded shows what is true, whatever the click leads to', async () => {
    face = live('再点')
    const id = await card('孙丽')
    await paint(services(), templates, await claimCard('one'))
    await models().cards.model.updateOne(
      { _id: id },
      { $set: { status: 'superseded', open: false, due: false }, $unset: { handle: 1 } },
    )
    face = over('再点')
    await models().cards.keepHandle(id, 'a right that the click brought', later())
    expect(await cardOf(id)).toMatchObject({ status: 'shown', open: true, due: true })
    await paint(services(), templates, await claimCard('two'))
    expect(await cardOf(id)).toMatchObject({ open: false, due: false })
  })

  test('a click that comes while the painter leaves a superseded card as it is gets the card painted', async () => {
    face = live('同时点')
    const id = await card('孙丽')
    await paint(services(), templates, await claimCard('one'))
    await models().cards.model.updateOne(
      { _id: id },
      { $set: { status: 'superseded', open: false, face: 'an older one' }, $unset: { handle: 1 } },
    )
    face = over('同时点')
    await models().cards.model.updateOne({ _id: id }, { $set: { due: true, nextAt: later() }, $inc: { wanted: 1 } })
    const claimed = await claimCard('two')
    await models().cards.keepHandle(id, 'the right of a late click', later())
    await paint({ ...services(), clock: { now: () => later().getTime() } }, templates, claimed)
    expect(await cardOf(id)).toMatchObject({ status: 'shown', due: true })
    await paint(services(), templates, await claimCard('three'))
    expect(await cardOf(id)).toMatchObject({ open: false, due: false })
    expect(repaintsWith('the right of a late click')).toBe(1)
  })

  test('a click proves that a card is there whose sending came to no answer', async () => {
    face = live('没有回音')
    const id = await card('孙丽')
    const unanswered = unansweredAfter(() => models().cards.keepHandle(id, 'the right of an unexpected click', later()))
    await paint(unanswered, templates, await claimCard('one'))
    face = over('没有回音')
    expect(await cardOf(id)).toMatchObject({ status: 'shown', due: true })
    await paint(services(), templates, await claimCard('two'))
    expect(repaintsWith('the right of an unexpected click')).toBe(1)
  })

  test('a card whose sending came to no answer is superseded when its subject changed meanwhile', async () => {
    face = live('也许到了')
    const id = await card('孙丽')
    const unanswered = unansweredAfter(() => {
      face = over('也许到了')
      return touch(id)
    })
    await paint(unanswered, templates, await claimCard('one'))
    expect(await cardOf(id)).toMatchObject({ status: 'unknown', due: true })
    await paint(services(), templates, await claimCard('two'))
    const row = await cardOf(id)
    expect(row).toMatchObject({ status: 'superseded', due: false })
    expect((await models().outbox.model.findById(row?.successor).lean())?.text).toContain('最新状态:已同意')
  })

  test('a click that comes before the answer to the sending leaves on record when it was sent', async () => {
    face = live('点得早')
    const id = await card('孙丽')
    const original = services().channels.get('wecom')
    const overtaken = withChannel('wecom', {
      async sendCard(to, sent, options) {
        const receipt = await original?.sendCard(to, sent, options)
        await models().cards.keepHandle(id, 'the right of an early click', later())
        return receipt ?? {}
      },
    })
    await paint({ ...overtaken, clock: { now: () => later().getTime() } }, templates, await claimCard('one'))
    expect(await cardOf(id)).toMatchObject({
      status: 'shown',
      due: true,
      messageId: expect.any(String),
      sentAt: expect.any(Date),
      handle: 'the right of an early click',
    })
  })

  test('a send repeated after a crash leaves the present face, not the one of the first attempt', async () => {
    face = live('第一次')
    const id = await card('陈涛')
    const original = services().channels.get('dingtalk')
    const dying = withChannel('dingtalk', {
      async sendCard(to, first, options) {
        await original?.sendCard(to, first, options)
        throw new Error('the process died')
      },
    })
    await paint(dying, templates, await claimCard('dying'))
    face = over('第二次')
    await paint(services(), templates, await claimCard('next'))
    expect(world.cards('u1030').filter(view => view.taskId === id)).toHaveLength(1)
    expect(onDingTalk(id)?.status).toBe('已同意')
  })

  test('a database that fails around a send causes no second card', async () => {
    face = live('数据库')
    const id = await card('孙丽')
    const { cards } = models()
    let failures = 2
    const flaky: Services = {
      ...services(),
      models: {
        ...models(),
        cards: {
          ...cards,
          painted: async (...given: Parameters<typeof cards.painted>) => {
            failures -= 1
            if (failures >= 0) throw new Error('the database is away')
            return cards.painted(...given)
          },
        },
      },
    }
    await paint(flaky, templates, await claimCard('flaky'))
    expect(world.cards('sunli').filter(view => view.taskId === id)).toHaveLength(1)
    expect(await cardOf(id)).toMatchObject({ status: 'shown', due: false })
    expect((await cardOf(id))?.handle).toBeTruthy()
  })
})

describe('a click that is answered with the card', () => {
  const click = (cardId: string): CardActionEvent => ({
    type: 'card_action',
    platform: 'dingtalk',
    corp: services().channels.get('dingtalk')?.corp ?? '',
    app: services().channels.get('dingtalk')?.app ?? '',
    userId: 'u1030',
    conversation: { kind: 'single' },
    at: now().getTime(),
    cardId,
    action: 'go',
  })

  test('counts as painted only when the answer was there in time', async () => {
    face = live('点击')
    const id = await card('陈涛')
    await paint(services(), templates, await claimCard('one'))
    let release: () => void = () => undefined
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    const deciding: CardTemplate = {
      ...template,
      actions: {
        async go() {
          await held
          face = over('点击')
          await models().cards.touch(`test:${id.slice(2)}`, later())
          return {}
        },
      },
    }
    const catalogue = { ...createCatalogue(), templates: new Map([[template.name, deciding]]) }
    const work = createInboundWork({ ...services(), poke: () => undefined }, catalogue, 'another process')
    const late = await work.accept({ key: 'late-click', event: click(id) }, { waitMs: 50 })
    expect(late.card).toBeNull()
    release()
    await work.settle()
    expect(await cardOf(id)).toMatchObject({ open: true, due: true })

    await paint(services(), templates, await claimCard('two'))
    face = live('点击')
    await touch(id)
    await paint(services(), templates, await claimCard('three'))
    const timely = await work.accept({ key: 'timely-click', event: click(id) }, { waitMs: 5_000 })
    expect(timely.card?.status).toBe('已同意')
    await work.settle()
    let row = await cardOf(id)
    while (row?.open) row = await cardOf(id)
    expect(row).toMatchObject({ open: false, due: false })
    await work.stop()
  })
})

describe('the access token', () => {
  test('is fetched by one of several processes, kept sealed, and fetched anew once when it was rejected', async () => {
    const { tokens } = models()
    const key = services().secrets.derive('tests')
    let fetched = 0
    const cacheOf = (by: string) =>
      createTokenCache({
        clock: services().clock,
        isMisconfigured: () => false,
        fetchToken: async () => {
          fetched += 1
          return { value: `token-${fetched}`, lifeMs: 7_200_000 }
        },
        shared: {
          read: () => tokens.read(key, 'tests:app'),
          fetchAlone: (isUsable, fetchToken) => tokens.fetchAlone(key, 'tests:app', { by, leaseMs: 5_000 }, isUsable, fetchToken),
          forget: value => tokens.forget(key, 'tests:app', value),
        },
      })
    const caches = ['a', 'b', 'c', 'd'].map(cacheOf)
    expect(await Promise.all(caches.map(cache => cache.get()))).toEqual(['token-1', 'token-1', 'token-1', 'token-1'])
    expect(JSON.stringify(await tokens.model.find().lean())).not.toContain('token-1')
    for (const cache of caches) cache.reject('token-1')
    expect(new Set(await Promise.all(caches.map(cache => cache.get())))).toEqual(new Set(['token-2']))
    expect(fetched).toBe(2)
    expect(await tokens.read(services().secrets.derive('another secret'), 'tests:app')).toBeNull()
  })
})
