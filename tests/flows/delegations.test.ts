import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { DelegationView } from '../../common/contract/delegations.ts'
import type { Page } from '../../common/contract/page.ts'
import { openClient, refusalCode, type WebAnswer, type WebClient } from '../support/web-client.ts'
import { startWorld, type World } from '../support/world.ts'

const DAY_MS = 86_400_000
let world: World
let liuqiang: WebClient
let admin: WebClient

beforeAll(async () => {
  world = await startWorld({ env: { ADMIN_USERS: 'wecom:ZhouJianGuo' } })
  liuqiang = openClient(world)
  admin = openClient(world)
  await liuqiang.loginWeCom('liuqiang')
  await admin.loginWeCom('zhoujianguo')
})
afterAll(() => world.close())

const services = () => world.service.services
const now = () => services().clock.now()
const idOf = async (name: string) => (await services().models.people.byName(name))[0]?._id ?? ''
const codeOf = async (answer: Promise<WebAnswer>): Promise<string> => refusalCode(await answer)
const standIn = async (name: string, at = now()) => {
  const organisation = await services().organisation.current()
  const id = organisation.standIn(await idOf(name), at)
  return id && organisation.name(id)
}
const list = async (client: WebClient, input: object = {}) =>
  (await client.query<Page<DelegationView>>('delegations.list', input)).body.items
const endOfDay = (days: number) => services().time.addDays(now(), days + 1)

describe('委托 from the chat', () => {
  test('begins at once, is told to the stand-in, and ends by itself when the day is over', async () => {
    await world.say('liuqiang', '委托 赵敏 2天')
    expect(world.lastText('liuqiang')).toMatch(/^已委托 赵敏 处理审批,到 .{5} 周.\(含\)。/)
    expect(world.lastText('zhaomin')).toContain('刘强 委托您代为处理审批')
    expect(await standIn('刘强')).toBe('赵敏')
    expect(await standIn('刘强', endOfDay(1) - 1)).toBe('赵敏')
    expect(await standIn('刘强', endOfDay(1))).toBeUndefined()

    await world.advance(endOfDay(1) - now() - 1000)
    expect(await standIn('刘强')).toBe('赵敏')
    await world.advance(1000)
    expect(await standIn('刘强')).toBeUndefined()
    expect(world.lastText('zhaomin')).toContain('刘强 的委托已到期')
    expect(world.lastText('liuqiang')).toContain('委托已到期')
    expect(await list(liuqiang, { open: true })).toEqual([])
  })

  test('one that begins later is told when it begins, also after a restart', async () => {
    await world.say('liuqiang', '委托 赵敏 从明天到后天')
    expect(await standIn('刘强')).toBeUndefined()
    const told = world.texts('zhaomin').length
    await world.say('liuqiang', '我的委托')
    expect(world.lastText('liuqiang')).toContain('您委托 赵敏,从 ')
    await world.restart()
    expect(world.texts('zhaomin')).toHaveLength(told)
    await world.advance(DAY_MS)
    expect(world.texts('zhaomin')).toHaveLength(told + 1)
    expect(await standIn('刘强')).toBe('赵敏')
    await world.say('liuqiang', '取消委托')
    expect(world.lastText('liuqiang')).toContain('已取消')
    expect(world.lastText('zhaomin')).toContain('不再由您代为处理')
    expect(await standIn('刘强')).toBeUndefined()
    await world.advance(3 * DAY_MS)
    expect(world.lastText('zhaomin')).toContain('不再由您代为处理')
  })

  test.each([
    ['委托', '委托谁'],
    ['委托 赵敏', '委托 赵敏 到什么时候'],
    ['委托 刘强 到 月底', 'delegation.to_self'],
    ['委托 没有人 到 月底', 'person.unknown'],
    ['委托 赵敏 到 2020-01-01', 'delegation.ends_before_start'],
    ['委托 赵敏 到 2-30', 'delegation.bad_day'],
    ['取消委托', '没有正在进行的委托'],
  ])('%s: %s', async (said, answer) => {
    await world.say('liuqiang', said)
    expect(world.lastText('liuqiang')).toContain(answer)
    expect(await list(liuqiang, { open: true })).toEqual([])
  })

  test('one stand-in at a time: a second one is refused with the first, a later one is not', async () => {
    await world.say('liuqiang', '委托 赵敏 3天')
    await world.say('liuqiang', '委托 周建国 2天')
    expect(world.lastText('liuqiang')).toContain('已委托 赵敏')
    expect(world.lastText('liuqiang')).toContain('delegation.exists')
    const later = { toPersonId: await idOf('周建国'), startsAt: endOfDay(2), endsAt: endOfDay(4) }
    expect((await liuqiang.command('delegations.set', later)).status).toBe(200)
    expect(await standIn('刘强', endOfDay(2) - 1)).toBe('赵敏')
    expect(await standIn('刘强', endOfDay(2))).toBe('周建国')
    await world.say('liuqiang', '取消委托')
    await world.say('liuqiang', '取消委托')
    expect(await list(liuqiang, { open: true })).toEqual([])
  })

  test('of two at the same moment one is set', async () => {
    const [zhao, zhou] = [await idOf('赵敏'), await idOf('周建国')]
    const answers = await Promise.all(
      [zhao, zhou, zhao, zhou].map(toPersonId => liuqiang.command('delegations.set', { toPersonId, endsAt: endOfDay(1) })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409])
    const [row] = await list(liuqiang, { open: true })
    expect((await liuqiang.command('delegations.end', { delegationId: row?.id ?? '' })).status).toBe(200)
  })
})

describe('委托 on H5 and by the admin', () => {
  test('an admin sets one for somebody who is away; nobody else can, nor end it', async () => {
    const input = { fromPersonId: await idOf('李静'), toPersonId: await idOf('赵敏'), reason: '产假' }
    expect(await codeOf(liuqiang.command('delegations.set', input))).toBe('delegation.not_yours')
    const { body } = await admin.command<{ delegationId: string }>('delegations.set', input)
    await world.settle()
    expect(await standIn('李静')).toBe('赵敏')
    expect(await codeOf(liuqiang.command('delegations.end', body))).toBe('delegation.not_yours')
    expect(await list(liuqiang, { open: true })).toEqual([])
    expect(await codeOf(liuqiang.query('delegations.list', { everybody: true }))).toBe('auth.admin_only')
    const [row] = await list(admin, { everybody: true, open: true })
    expect(row).toMatchObject({
      from: { name: '李静' },
      to: { name: '赵敏' },
      endsAt: null,
      state: 'active',
      reason: '产假',
      setBy: { name: '周建国' },
      can: { end: true },
    })
    expect((await admin.command('delegations.end', body)).status).toBe(200)
    expect(await codeOf(admin.command('delegations.end', body))).toBe('delegation.ended')
  })

  test('spans that make no sense are refused', async () => {
    const toPersonId = await idOf('赵敏')
    const set = (span: object) => codeOf(liuqiang.command('delegations.set', { toPersonId, ...span }))
    expect(await set({ startsAt: now() - DAY_MS, endsAt: now() + DAY_MS })).toBe('delegation.in_the_past')
    expect(await set({ startsAt: now() + DAY_MS, endsAt: now() + DAY_MS })).toBe('delegation.ends_before_start')
    expect(await set({ endsAt: now() + 400 * DAY_MS })).toBe('delegation.too_long')
    expect(await set({ startsAt: now() + 400 * DAY_MS })).toBe('delegation.too_far')
    expect(await set({ startsAt: 1.5 })).toBe('input.invalid')
    expect(await codeOf(liuqiang.command('delegations.set', { toPersonId: 'nobody' }))).toBe('person.unknown')
    expect(await codeOf(liuqiang.command('delegations.end', { delegationId: 'none' }))).toBe('delegation.unknown')
  })

  test('an account that turns out to be a colleague’s second one takes its delegations along', async () => {
    const { models } = services()
    const zhao = await idOf('赵敏')
    await models.people.insert({
      _id: 'second',
      name: '赵小敏',
      accounts: [
        {
          key: 'dingtalk:x:u9',
          platform: 'dingtalk',
          corp: 'x',
          userId: 'u9',
          departmentIds: [],
          leaderOf: [],
          roles: [],
          active: true,
        },
      ],
      assigned: { roles: [] },
      active: true,
      createdAt: new Date(now()),
    })
    services().organisation.forget()
    await admin.command('delegations.set', { fromPersonId: await idOf('李静'), toPersonId: 'second' })
    expect(await standIn('李静')).toBe('赵小敏')
    expect((await admin.command('people.link', { personId: zhao, otherId: 'second' })).status).toBe(200)
    expect(await standIn('李静')).toBe('赵敏')
    expect((await models.delegations.page(zhao, true, 10)).map(({ toId }) => toId)).toEqual([zhao])
  })

  test('a stand-in who left stands in for nobody', async () => {
    const people = services().models.people
    await liuqiang.command('delegations.set', { toPersonId: await idOf('赵敏') })
    expect(await standIn('刘强')).toBe('赵敏')
    await people.model.updateOne({ _id: await idOf('赵敏') }, { $set: { active: false } })
    services().organisation.forget()
    expect(await standIn('刘强')).toBeUndefined()
  })
})
