import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createSmsWebhook } from '../../bot/providers/sms-webhook.ts'
import { fixedZone, isWorking, openCalendar } from '../../engine/calendar/index.ts'
import type { Viewer } from '../../engine/policy/index.ts'
import { calendarSetDay } from '../../handlers/calendar/index.ts'
import { configureNotices, deliveriesList, noticesSettings, setQuiet } from '../../handlers/deliveries/index.ts'
import { askAgain } from '../../handlers/kernel/ageing.ts'
import type { CardTemplate } from '../../handlers/kernel/card-template.ts'
import { ask, execute } from '../../handlers/kernel/execute.ts'
import { createGovernor } from '../../handlers/kernel/governor.ts'
import { deadLetters, replayWork } from '../../handlers/work/index.ts'
import { createModels } from '../../models/index.ts'
import type { NewMessage } from '../../models/kernel/outbox.ts'
import { startWorld, type World } from '../support/world.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

let world: World
let serial = 0

beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const services = () => world.service.services
const models = () => services().models
const now = () => services().clock.now()
const idOf = async (name: string): Promise<string> => (await models().people.byName(name))[0]?._id ?? ''
const viewer = async (name: string): Promise<Viewer> => (await services().organisation.current()).viewer(await idOf(name))
const admin = async (): Promise<Viewer> => ({ ...(await viewer('王敏')), isAdmin: true })
const row = (id: string) => models().outbox.model.findById(id).lean()

async function put(name: string, text: string, more: Partial<NewMessage> = {}): Promise<string> {
  serial += 1
  const _id = `d-${serial}`
  await models().outbox.put([{ _id, to: { personId: await idOf(name) }, text, urgency: 'notice', ...more }], new Date(now()))
  return _id
}

const since = (userId: string) => {
  const before = world.texts(userId).length
  return () => world.texts(userId).slice(before)
}

/** A stretch of local time that holds this moment and ends in two hours. */
function aroundNow(): { from: string; to: string; endsMs: number } {
  const endsMs = Math.floor((now() + 2 * HOUR_MS) / MINUTE_MS) * MINUTE_MS
  return { from: services().time.clock(now() - HOUR_MS), to: services().time.clock(endsMs), endsMs }
}

async function configure(input: Record<string, unknown>): Promise<void> {
  serial += 1
  const call = { actor: await admin(), commandId: `configure-${serial}`, via: 'h5', surface: 'admin' as const }
  await execute(services(), configureNotices, input, call)
}

describe('notices that wait for the same reader', () => {
  test('several become one message with a list and a link; the ledger says which one carried them', async () => {
    const heard = since('sunli')
    const ids = [await put('孙丽', '第一件事 已完成'), await put('孙丽', '第二件事 已完成'), await put('孙丽', '第三件事 已完成')]
    await world.settle()
    expect(heard()).toEqual([
      expect.stringMatching(/您有 3 条通知:\n1\. 第一件事.*\n2\. 第二件事.*\n3\. 第三件事.*\n全部查看:http/),
    ])
    const rows = await Promise.all(ids.map(row))
    expect(rows.map(found => found?.status).sort()).toEqual(['merged', 'merged', 'sent'])
    const leader = rows.find(found => found?.status === 'sent')
    expect(rows.filter(found => found?.status === 'merged').map(found => found?.into)).toEqual([leader?._id, leader?._id])
  })

  test('two are sent as they are', async () => {
    const heard = since('sunli')
    await put('孙丽', '甲')
    await put('孙丽', '乙')
    await world.settle()
    expect(heard().sort()).toEqual(['乙', '甲'])
  })

  test('of those under one merge key only the newest is sent', async () => {
    const heard = since('sunli')
    const old = await put('孙丽', '还有 3 项待办', { mergeKey: 'todo-count' })
    await world.advance(1)
    const newer = await put('孙丽', '还有 4 项待办', { mergeKey: 'todo-count' })
    await world.settle()
    expect(heard()).toContain('还有 4 项待办')
    expect((await row(newer))?.status).toBe('sent')
    expect(['merged', 'sent']).toContain((await row(old))?.status)
  })

  test('one that is no longer of use is not sent', async () => {
    const heard = since('sunli')
    const id = await put('孙丽', '会议马上开始', { expiresAt: new Date(now() - 1) })
    await world.settle()
    expect(heard()).toEqual([])
    expect((await row(id))?.status).toBe('expired')
  })

  test('a message of low urgency waits for company, and half an hour at most', async () => {
    const heard = since('sunli')
    const id = await put('孙丽', '周报已生成', { urgency: 'low' })
    await world.settle()
    expect(heard()).toEqual([])
    expect((await row(id))?.waits).toBe('company')
    await world.advance(31 * MINUTE_MS)
    expect(heard()).toEqual(['周报已生成'])
  })
})

describe('quiet hours', () => {
  test('hold a notice until they end; what is urgent passes', async () => {
    const { endsMs, ...quiet } = aroundNow()
    await configure({ quiet })
    const heard = since('sunli')
    const id = await put('孙丽', '不急的事')
    await put('孙丽', '急事', { urgency: 'urgent' })
    await world.settle()
    expect(heard()).toEqual(['急事'])
    expect(await row(id)).toMatchObject({ status: 'queued', waits: 'quiet', attempts: 0 })
    await world.advance(endsMs - now() - 1_000)
    expect(heard()).toEqual(['急事'])
    await world.advance(1_500)
    expect(heard()).toEqual(['急事', '不急的事'])
    await configure({ quiet: null })
  })

  test('somebody may have their own, and may have none', async () => {
    const { endsMs: _ends, ...quiet } = aroundNow()
    const call = async (id: string) => ({ actor: await viewer('孙丽'), commandId: id, via: 'h5', surface: 'h5' as const })
    await execute(services(), setQuiet, { quiet }, await call('own-1'))
    const heard = since('sunli')
    await put('孙丽', '自己的免打扰')
    await world.settle()
    expect(heard()).toEqual([])
    expect(await ask(services(), noticesSettings, {}, await viewer('孙丽'), 'h5')).toMatchObject({ own: { quiet } })
    await configure({ quiet })
    await execute(services(), setQuiet, { quiet: null }, await call('own-2'))
    await put('孙丽', '从不免打扰')
    await world.settle()
    expect(heard()).toEqual(['从不免打扰'])
    await configure({ quiet: null })
    await execute(services(), setQuiet, {}, await call('own-3'))
    await world.advance(3 * HOUR_MS)
    expect(heard()).toHaveLength(2)
  })

  test('a time that is none is refused in words', async () => {
    const call = { actor: await viewer('孙丽'), commandId: 'own-bad', via: 'h5', surface: 'h5' as const }
    const bad = execute(services(), setQuiet, { quiet: { from: '25:00', to: '08:00' } }, call)
    await expect(bad).rejects.toMatchObject({
      code: 'input.invalid',
      details: { fields: { 'quiet.from': '时间写成 21:00 的样子' } },
    })
  })
})

describe('the platform drops nothing of ours', () => {
  test('forty urgent messages to one person are spread over two minutes, and all arrive', async () => {
    await world.advance(2 * MINUTE_MS)
    const heard = since('machao')
    const dropped = world.wecom.dropped.length
    for (let n = 0; n < 40; n += 1) await put('马超', `急 ${n}`, { urgency: 'urgent' })
    await world.settle()
    expect(heard().length).toBeLessThanOrEqual(28)
    expect(heard().length).toBeGreaterThan(20)
    await world.advance(63_000)
    expect(new Set(heard()).size).toBe(40)
    expect(heard()).toHaveLength(40)
    expect(world.wecom.dropped).toHaveLength(dropped)
  })

  test('two processes together stay below what one person may get in a minute and in an hour', async () => {
    const channel = services().channels.get('wecom')
    if (!channel) throw new Error('no channel')
    const needs = {
      ...models(),
      clock: { now: () => 1_800_000_000_000 },
      time: services().time,
      countAccounts: async () => 1_000,
    }
    const [one, other] = [createGovernor(needs), createGovernor(needs)]
    const waits = await Promise.all(
      [...Array(60).keys()].map(n => (n % 2 ? one : other).take(channel, 'somebody', 'reply', `claim-${n}`)),
    )
    expect(waits.filter(waitMs => waitMs === 0)).toHaveLength(28)
    expect(Math.max(...waits)).toBeLessThanOrEqual(62_000)

    let granted = 0
    for (let minute = 0; minute < 57; minute += 1) {
      const later = createGovernor({ ...needs, clock: { now: () => 1_900_000_000_000 + minute * 62_001 } })
      const found = await Promise.all(
        [...Array(28).keys()].map(n => later.take(channel, 'another', 'reply', `hour-${minute}-${n}`)),
      )
      granted += found.filter(waitMs => waitMs === 0).length
    }
    expect(granted).toBe(950)
  })

  test('the day limit of the app stops notices before it stops answers', async () => {
    const wecom = services().channels.get('wecom')
    if (!wecom) throw new Error('no channel')
    const channel = { ...wecom, app: 'small', abilities: { ...wecom.abilities, perAccountPerDay: 10 } }
    const at = 1_800_100_000_000
    const governor = createGovernor({
      ...models(),
      clock: { now: () => at },
      time: services().time,
      countAccounts: async () => 10,
    })
    const take = async (urgency: 'notice' | 'urgent' | 'reply', count: number) => {
      let granted = 0
      for (let n = 0; n < count; n += 1)
        if ((await governor.take(channel, `day-${urgency}-${n}`, urgency, `${urgency}-${n}`)) === 0) granted += 1
      return granted
    }
    expect(await take('notice', 120)).toBe(70)
    expect(await take('urgent', 1)).toBe(1)
    expect(await take('notice', 10)).toBe(0)
    expect(await take('urgent', 30)).toBe(19)
    expect(await take('reply', 120)).toBe(10)
    expect(await governor.take(channel, 'somebody', 'reply', 'last')).toBe(services().time.addDays(at, 1) - at)
  })
})

describe('the day limit', () => {
  test('is not eaten by places that were reserved: with some of each kind a minute, answers go out all day', async () => {
    const wecom = services().channels.get('wecom')
    if (!wecom) throw new Error('no channel')
    const { perPersonPerMinute: _minute, perPersonPerHour: _hour, ...abilities } = wecom.abilities
    const channel = { ...wecom, app: 'all day', abilities: { ...abilities, perAccountPerDay: 200 } }
    let at = 1_800_200_000_000
    const { quotas } = createModels(models().connection)
    const governor = createGovernor({
      ...models(),
      quotas,
      clock: { now: () => at },
      time: services().time,
      countAccounts: async () => 4,
    })
    const refused: string[] = []
    for (let minute = 0; minute < 240; minute += 1) {
      for (const urgency of ['reply', 'urgent', 'notice'] as const)
        if ((await governor.take(channel, 'somebody', urgency, `${urgency}-${minute}`)) > 0) refused.push(urgency)
      at += 60_000
    }
    expect(refused.filter(urgency => urgency !== 'notice')).toEqual([])
    // 720 are asked for of 800; notices may use 560 of them together with the others.
    expect(refused.length).toBeLessThan(80)
  }, 60_000)
})

test('a small company may use its day limit to the last place, however many processes send', async () => {
  const wecom = services().channels.get('wecom')
  if (!wecom) throw new Error('no channel')
  const { perPersonPerMinute: _minute, perPersonPerHour: _hour, ...abilities } = wecom.abilities
  const channel = { ...wecom, app: 'small and many', abilities: { ...abilities, perAccountPerDay: 10 } }
  const processes = [1, 2, 3].map(() =>
    createGovernor({
      ...models(),
      quotas: createModels(models().connection).quotas,
      clock: { now: () => 1_800_300_000_000 },
      time: services().time,
      countAccounts: async () => 3,
    }),
  )
  const granted = [0, 0, 0]
  for (let round = 0; round < 12; round += 1)
    for (const [n, governor] of processes.entries())
      if ((await governor.take(channel, 'somebody', 'notice', `${n}-${round}`)) === 0) granted[n] = (granted[n] ?? 0) + 1
  expect(granted).toEqual([7, 7, 7])
})

describe('when the chat does not reach somebody', () => {
  test('a card becomes words, and words become a short message that is recorded', async () => {
    await world.advance(2 * MINUTE_MS)
    world.wecom.fault({ path: '/message/send', errcode: 81013 })
    const reader = await idOf('周建国')
    await models().cards.want(
      [
        {
          _id: 'card-lost',
          template: 'customers.card',
          params: { customerId: 'none' },
          subject: 'customer:none',
          personId: reader,
        },
      ],
      new Date(now()),
    )
    await world.settle()
    const told = await models()
      .outbox.model.find({ toKey: { $in: [reader, `sms:${reader}`] } })
      .sort({ createdAt: 1 })
      .lean()
    expect(told.map(({ status }) => status)).toContain('recorded')
    const short = told.find(message => 'mobile' in message.to)
    expect(short?.text).toMatch(/^【客联】/)
    expect(short?.text).not.toMatch(/https?:/)
  })

  test('a short message goes to the web address, signed, once for its id', async () => {
    const got: { headers: Record<string, unknown>; body: string }[] = []
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', chunk => chunks.push(chunk))
      request.on('end', () => {
        got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
        response.end('{"messageId":"sms-1"}')
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sms`
    const webhook = createSmsWebhook({ url, secret: 'a secret of the tests' }, { clock: { now: () => 1_800_000_000_000 } })
    expect(await webhook.send({ id: 'one', mobile: '13900001000', text: '你好' })).toEqual({ messageId: 'sms-1' })
    await new Promise(resolve => server.close(resolve))
    const [request] = got
    expect(JSON.parse(request?.body ?? '')).toEqual({ id: 'one', mobile: '13900001000', text: '你好' })
    const signature = createHmac('sha256', 'a secret of the tests').update(`1800000000.${request?.body}`).digest('hex')
    expect(request?.headers['x-kelian-signature']).toBe(signature)
    await expect(webhook.send({ id: 'two', mobile: '1', text: '' })).rejects.toMatchObject({ applied: 'no' })
  })

  test('a platform that is away for a quarter of an hour loses nothing', async () => {
    await world.advance(2 * MINUTE_MS)
    world.wecom.fault({ path: '/message/send', errcode: -1, times: 9 })
    const heard = since('machao')
    await put('马超', '停机期间的通知', { urgency: 'urgent' })
    for (let minute = 0; minute < 30 && heard().length === 0; minute += 1) await world.advance(MINUTE_MS)
    expect(heard()).toEqual(['停机期间的通知'])
  })
})

describe('the ledger', () => {
  test('an admin sees who was told; others see it for cases they submitted, and for nothing else', async () => {
    const page = await ask(services(), deliveriesList, { personId: await idOf('马超') }, await admin(), 'h5')
    expect(page.items[0]).toMatchObject({ kind: 'text', told: 'yes', state: '已送达', via: '企业微信', person: { name: '马超' } })
    const refused = ask(services(), deliveriesList, { personId: await idOf('马超') }, await viewer('孙丽'), 'h5')
    await expect(refused).rejects.toMatchObject({ code: 'deliveries.not_visible' })

    await world.advance(2 * MINUTE_MS)
    await world.say('zhang3', '新建线索 重庆送达公司 张伟 13812340001')
    await world.press('zhang3', '确认')
    const drafts = await ask(services(), deliveriesList, { personId: await idOf('张三') }, await admin(), 'h5')
    expect(drafts.items[0]).toMatchObject({ kind: 'card', title: expect.stringContaining('重庆送达公司') })
    await world.say('zhang3', '提交合同 重庆送达公司 送达合同 其他 3万')
    await world.press('zhang3', '确认')
    await world.press('liuqiang', '同意')
    const contract = await models().contracts.model.findOne({ title: '送达合同' }).lean()
    const mine = await ask(services(), deliveriesList, { caseId: contract?.caseId }, await viewer('张三'), 'h5')
    expect(mine.items.filter(item => item.kind === 'card').map(item => item.person?.name)).toContain('刘强')
    const card = mine.items.find(item => item.kind === 'card' && item.person?.name === '刘强')
    expect(card).toMatchObject({ title: expect.stringMatching(/^合同审批 HT-\d{4}-\d{4} 送达合同/) })
    expect(mine.items.some(item => item.kind === 'text' && item.person?.name === '张三' && item.told === 'yes')).toBe(true)
    await expect(ask(services(), deliveriesList, { caseId: contract?.caseId }, await viewer('孙丽'), 'h5')).rejects.toMatchObject(
      {
        code: 'deliveries.not_visible',
      },
    )
  })

  test('pages follow on without gap or repetition', async () => {
    const all: string[] = []
    let cursor: string | undefined
    do {
      const input = { limit: 7, ...(cursor && { cursor }) }
      const page = await ask(services(), deliveriesList, input, await admin(), 'h5')
      all.push(...page.items.map(item => `${item.kind}:${item.id}`))
      cursor = page.nextCursor ?? undefined
    } while (cursor)
    expect(new Set(all).size).toBe(all.length)
    expect(all).toHaveLength((await models().outbox.model.countDocuments()) + (await models().cards.model.countDocuments()))
  })

  test('a message that was given up is a dead letter, and replaying sends it', async () => {
    await world.advance(2 * MINUTE_MS)
    world.wecom.fault({ path: '/message/send', errcode: 40058 })
    const heard = since('machao')
    const id = await put('马超', '没有送出的通知')
    await world.settle()
    expect(heard()).toEqual([])
    const dead = await ask(services(), deadLetters, {}, await admin(), 'admin')
    expect(dead.items.find(item => item.id === id)).toMatchObject({ kind: 'effect', error: { code: 'wecom.refused' } })
    const call = { actor: await admin(), commandId: 'replay-1', via: 'h5', surface: 'admin' as const }
    await execute(services(), replayWork, { id, kind: 'effect' }, call)
    await world.settle()
    expect(heard()).toEqual(['没有送出的通知'])
  })
})

/** `2026-11-24`, of a local midnight. */
const formatDay = (midnight: number): string => new Date(midnight + services().time.offsetMs(midnight)).toISOString().slice(0, 10)

describe('an unanswered decision', () => {
  test('is brought up again for who is at work, however many lie before those who are not', async () => {
    await toWorkingAfternoon()
    const [day, night] = await Promise.all(['刘强', '孙丽'].map(idOf))
    const calendars = await services().calendars.current()
    const usual = calendars.byId('default')
    const elsewhere = openCalendar(usual.calendar, fixedZone(-4 * 60))
    const ofPerson: typeof calendars.ofPerson = (_, personId) => (personId === night ? elsewhere : usual)
    const cardOf = (personId: string, n: number) => ({
      _id: `aged-${n}`,
      template: 'tests.aged',
      params: {},
      subject: `aged:${n}`,
      personId,
      wanted: 1,
      shown: 1,
      open: true,
      status: 'shown' as const,
      attempts: 0,
      nextAt: new Date(now()),
      due: false,
      leaseBy: null,
      leaseUntil: new Date(0),
      fence: 1,
      createdAt: new Date(now()),
      sentAt: new Date(now() - (n === 0 ? 14 : 15) * 24 * HOUR_MS),
    })
    await models().cards.model.insertMany([...Array(1200).keys()].map(n => cardOf((n === 0 ? day : night) ?? '', n)))
    const template: CardTemplate = { name: 'tests.aged', asksDecision: true, present: async () => ({}) as never, actions: {} }
    const there = { ...services(), calendars: { ...services().calendars, current: async () => ({ ...calendars, ofPerson }) } }
    expect(await askAgain(there, new Map([[template.name, template]]), 2)).toBe(1)
    expect(await models().cards.find('aged-0')).toMatchObject({ agedAt: expect.any(Date) })
    await models().cards.model.deleteMany({ template: template.name })
  }, 60_000)

  /** Three o'clock of the first working day that is to come with another one two days after it. */
  async function toWorkingAfternoon(): Promise<{ dayAfter: string }> {
    const time = (await services().calendars.current()).byId('default')
    const { addDays } = services().time
    for (let day = 1; day < 60; day += 1) {
      const midnight = addDays(now(), day)
      const [at, next] = [midnight + 15 * HOUR_MS, addDays(midnight, 1)]
      if (!isWorking(time, at) || !isWorking(time, addDays(midnight, 2) + 15 * HOUR_MS)) continue
      await world.advance(at - now())
      return { dayAfter: formatDay(next) }
    }
    throw new Error('no two working days')
  }

  test('comes up once more after the working hours that the admin set, in working time, and only once', async () => {
    await configure({ remindAfterHours: 2 })
    const { dayAfter } = await toWorkingAfternoon()
    const call = { actor: await admin(), commandId: 'day-off', via: 'h5', surface: 'admin' as const }
    await execute(services(), calendarSetDay, { calendarId: 'default', date: dayAfter, kind: 'holiday', name: '司庆' }, call)
    await world.say('zhang3', '新建线索 重庆再问公司 张伟 13812340002')
    await world.press('zhang3', '确认')
    await world.say('zhang3', '提交合同 重庆再问公司 再问合同 其他 3万')
    await world.press('zhang3', '确认')
    const first = world.lastCard('liuqiang')
    // Three working hours have passed by the evening: not at night, and not on a day off.
    for (const hours of [5, 14, 5]) {
      await world.advance(hours * HOUR_MS)
      expect(world.lastCard('liuqiang').taskId).toBe(first.taskId)
    }
    await world.advance(19 * HOUR_MS)
    const again = world.lastCard('liuqiang')
    expect(again.taskId).not.toBe(first.taskId)
    expect(
      world
        .cards('liuqiang')
        .find(card => card.taskId === first.taskId)
        ?.buttons.every(button => !button.key || !button.enabled),
    ).toBe(true)
    expect((await models().cards.find(first.taskId))?.successor).toBe(again.taskId)
    await world.advance(24 * HOUR_MS)
    expect(world.lastCard('liuqiang').taskId).toBe(again.taskId)
    await world.press('liuqiang', '同意')
    const contract = await models().contracts.model.findOne({ title: '再问合同' }).lean()
    expect(contract?.status).not.toBe('已撤回')
  })
})
