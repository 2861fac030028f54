import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { connected } from '../support/dingtalk.ts'
import { startWorld, type World } from '../support/world.ts'

const LIMIT = 100
const ADMIN = 'lijing'
let world: World

beforeAll(async () => {
  world = await startWorld({
    env: { DINGTALK_MONTHLY_CALLS: String(LIMIT), ADMIN_USERS: `wecom:${ADMIN}`, QUIET_HOURS: 'off' },
  })
  await world.say('zhang3', '新建线索 重庆长安汽车 张伟 13812345678')
  await world.press('zhang3', '确认')
  await connected(world.dingtalk)
})
afterAll(() => world.close())

const ledger = () => {
  const { models } = world.service.services
  const { clientId, corpId } = world.dingtalk
  return models.calls.of({ platform: 'dingtalk', corp: corpId, app: clientId })
}
const month = () => new Date(world.service.services.clock.now() + 8 * 3_600_000).toISOString().slice(0, 7)
const alarms = () => world.texts(ADMIN).filter(text => text.includes('接口调用'))
const used = async () =>
  Number(/^kelian_dingtalk_api_calls_month (\d+)/m.exec(await (await fetch(`${world.service.url}/metrics`)).text())?.[1])
/** Another process of ours has made calls: the ledger knows before this process does. */
const useUpTo = async (share: number) =>
  void (await ledger().reserve(month(), Math.round(share * LIMIT) - (await ledger().total(month()))))
/** Enough calls for this process to ask the ledger again: each draft is a card. */
async function draft(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    drafts += 1
    await world.say('u1023', `新建线索 重庆次数${drafts}公司 赵六 139${String(10_000_000 + drafts)}`)
  }
}
let serial = 0
let drafts = 0
async function contractForChenTao(): Promise<string> {
  serial += 1
  await world.advance(60_000)
  await world.say('zhang3', `提交合同 长安 次数${serial}号 专线 ${serial}万`)
  await world.press('zhang3', '确认')
  await world.press('liuqiang', '同意')
  return `次数${serial}号`
}

describe('as the calls of the month run out', () => {
  test('nothing is said in the beginning, and the to-do list is kept', async () => {
    const title = await contractForChenTao()
    expect(alarms()).toEqual([])
    expect(world.dingtalk.todoList('u1030').map(({ subject }) => subject)).toEqual([`审批 ${title}`])
    await world.press('u1030', '同意')
    await world.press('lijing', '同意')
  })

  test('at 80 % the admin hears it once, and no more to-dos are copied', async () => {
    await useUpTo(0.8)
    await draft(12)
    expect(alarms()).toEqual([expect.stringContaining('80%')])
    await contractForChenTao()
    expect(world.lastCard('u1030').status).toBe('待处理')
    expect(world.dingtalk.todoList('u1030')).toEqual([])
    await world.press('u1030', '同意')
    await world.press('lijing', '同意')
    expect(alarms()).toHaveLength(1)
  })

  test('at 95 % notices wait; cards that ask for a decision and answers still come', async () => {
    await useUpTo(0.96)
    await draft(12)
    expect(alarms()).toEqual([expect.stringContaining('80%'), expect.stringContaining('95%')])
    const notices = () => world.texts('u1030').filter(text => text.includes('提醒测试'))
    const { models, clock } = world.service.services
    const [chenTao] = await models.people.byName('陈涛')
    await models.outbox.put(
      [{ _id: 'notice-of-the-test', to: { personId: chenTao?._id ?? '' }, text: '提醒测试', urgency: 'notice' }],
      new Date(clock.now()),
    )
    await contractForChenTao()
    await world.say('u1030', '待办')
    expect(world.lastCard('u1030').status).toBe('待处理')
    expect(world.lastText('u1030')).toContain('待办')
    expect(notices()).toEqual([])
    await world.press('u1030', '同意')
    await world.press('lijing', '同意')
  })

  test('with the next month everything is sent again, what waited included', async () => {
    await world.advance(31 * 24 * 3_600_000)
    await world.advance(3_600_000)
    expect(world.texts('u1030').filter(text => text.includes('提醒测试'))).toHaveLength(1)
    expect(await used()).toBeLessThan(LIMIT / 2)
    const title = await contractForChenTao()
    expect(world.dingtalk.todoList('u1030').map(({ subject }) => subject)).toContain(`审批 ${title}`)
    await world.press('u1030', '同意')
    await world.press('lijing', '同意')
  })

  test('when the platform itself says that nothing is left, the admin hears it and answers through messages go on', async () => {
    world.dingtalk.setUsage({ api: 1_000_000 })
    const before = alarms().length
    await draft(1)
    await world.say('u1031', '帮助')
    expect(world.lastText('u1031')).toContain('我能帮您')
    world.dingtalk.setUsage({ api: 0 })
    await world.advance(3_600_000)
    expect(alarms().slice(before)).toEqual([expect.stringContaining('已用完')])
  })
})

test('a second service counts on the same row, and unused calls are given back when one stops', async () => {
  const before = await used()
  await world.restart()
  await connected(world.dingtalk)
  expect(await ledger().total(month())).toBe(before)
  await draft(1)
  expect(await used()).toBe(before + 1)
})
