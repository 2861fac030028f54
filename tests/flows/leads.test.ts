import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startWorld, type World } from '../support/world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const LEAD = '新建线索 重庆长安汽车 张伟 13812345678 专线 预算80万'
const facts = (userId: string) => Object.fromEntries(world.lastCard(userId).facts.map(({ label, value }) => [label, value]))
const labels = (userId: string) => world.lastCard(userId).buttons.map(button => button.text)

describe('新建线索 by chat', () => {
  test('the card shows exactly what will be written, and 确认 writes it once', async () => {
    await world.say('zhang3', LEAD)
    expect(facts('zhang3')).toEqual({
      公司: '重庆长安汽车',
      联系人: '张伟',
      电话: '13812345678',
      需求: '专线',
      预算: '800,000.00 元',
    })
    expect(labels('zhang3')).toEqual(['确认', '修改', '取消'])
    expect(await world.service.services.models.leads.model.countDocuments()).toBe(0)

    await world.press('zhang3', '确认')
    const leads = await world.service.services.models.leads.model.find().lean()
    expect(leads).toHaveLength(1)
    expect(leads[0]).toMatchObject({ company: '重庆长安汽车', contact: '张伟', phone: '13812345678', budgetMinor: 80_000_000 })
    const closed = JSON.stringify(world.lastCard('zhang3'))
    expect(closed).toContain(leads[0]?.number)
    expect(world.lastCard('zhang3').buttons.filter(button => button.key && button.enabled)).toEqual([])
  })

  test('查 finds customer and contact at once', async () => {
    await world.say('zhang3', '查 长安')
    const card = world.lastCard('zhang3')
    expect(JSON.stringify(card.raw)).toContain('重庆长安汽车')
    expect(JSON.stringify(card.facts)).toContain('张伟')
    expect(card.buttons.map(button => button.text)).toEqual(['写跟进', '提交合同', '分享进度'])
  })

  test('a follow-up to-do arises for its creator', async () => {
    await world.say('zhang3', '待办')
    expect(world.lastText('zhang3')).toContain('跟进线索 重庆长安汽车')
  })

  test('a second 确认 changes nothing: double click, platform retry, other device', async () => {
    const before = await world.service.services.models.leads.model.countDocuments()
    await world.say('zhang3', '新建线索 重庆赛力斯 王芳 13700001111')
    const { taskId } = world.lastCard('zhang3')
    const [first] = await Promise.all([
      world.wecom.userClicksCardRaw('zhang3', taskId, 'confirm'),
      world.wecom.userClicksCardRaw('zhang3', taskId, 'confirm'),
    ])
    await world.wecom.redeliver(first)
    await world.settle()
    await world.wecom.userClicksCardRaw('zhang3', taskId, 'confirm')
    await world.settle()
    expect(await world.service.services.models.leads.model.countDocuments()).toBe(before + 1)
    expect(await world.service.services.models.todos.model.countDocuments({ title: '跟进线索 重庆赛力斯' })).toBe(1)
  })

  test('取消 writes nothing, and a later 确认 is refused', async () => {
    const before = await world.service.services.models.leads.model.countDocuments()
    await world.say('zhang3', '新建线索 重庆啤酒 李雷 13700002222')
    const { taskId } = world.lastCard('zhang3')
    await world.press('zhang3', '取消')
    await world.wecom.userClicksCardRaw('zhang3', taskId, 'confirm')
    await world.settle()
    expect(await world.service.services.models.leads.model.countDocuments()).toBe(before)
    expect(world.lastText('zhang3')).toContain('draft.cancelled')
  })

  test('the order of fields is free', async () => {
    await world.say('zhang3', '新建线索 13700003333 预算1.2亿 集成 周杰 成都彭州石化有限公司')
    expect(facts('zhang3')).toMatchObject({ 公司: '成都彭州石化有限公司', 联系人: '周杰', 预算: '120,000,000.00 元' })
    await world.press('zhang3', '取消')
  })

  test('the bot asks for a missing company, keeps the rest, and the draft survives an interruption and a restart', async () => {
    await world.say('li4', '新建线索 陈晨 13700004444 专线 预算八十万')
    expect(world.lastText('li4')).toContain('公司叫什么')
    expect(world.lastText('li4')).toContain('陈晨')
    await world.say('li4', '待办')
    expect(world.lastText('li4')).toContain('没有未完成的待办')
    expect(world.lastText('li4')).toContain('公司叫什么')
    await world.restart()
    await world.say('li4', '重庆小康工业')
    expect(facts('li4')).toEqual({
      公司: '重庆小康工业',
      联系人: '陈晨',
      电话: '13700004444',
      需求: '专线',
      预算: '800,000.00 元',
    })
    await world.press('li4', '确认')
    expect(await world.service.services.models.leads.model.countDocuments({ company: '重庆小康工业' })).toBe(1)
  })

  test.each(['-5', '1e9', '0', '九十九亿亿'])('a budget of %s is refused with a sentence and the rest is kept', async budget => {
    await world.say('sunli', `新建线索 重庆燃气 吴敏 13700005555 专线 预算${budget}`)
    expect(world.lastText('sunli')).toContain('预算')
    expect(world.lastText('sunli')).toContain('重庆燃气')
    await world.say('sunli', '80.5 万元')
    expect(facts('sunli')).toMatchObject({ 公司: '重庆燃气', 预算: '805,000.00 元' })
    await world.press('sunli', '取消')
  })

  test('a bad optional value can be left out', async () => {
    await world.say('sunli', '新建线索 重庆燃气 吴敏 13700005555 预算-5')
    await world.say('sunli', '没有')
    expect(facts('sunli')).toEqual({ 公司: '重庆燃气', 联系人: '吴敏', 电话: '13700005555' })
    await world.press('sunli', '取消')
  })

  test('emoji and HTML in names are plain text', async () => {
    await world.say('sunli', '新建线索 <b>重庆火锅</b>🍲公司 李娜😀 13700006666')
    expect(facts('sunli').公司).toContain('重庆火锅')
    expect(facts('sunli').公司).toContain('🍲')
    await world.press('sunli', '确认')
    expect(await world.service.services.models.customers.model.countDocuments({ name: /重庆火锅/ })).toBe(1)
  })

  test('确认 by word works like the button', async () => {
    await world.say('u1023', '新建线索 重庆钢铁 郑钢 13700007777')
    expect(labels('u1023')).toEqual(['确认', '修改', '取消'])
    await world.say('u1023', '确认')
    expect(world.lastText('u1023')).toMatch(/线索 XS-\d{4}-\d{4} 已写入/)
  })
})

describe('someone follows this customer already', () => {
  test.each([
    ['the same phone', '新建线索 重庆另一家公司 张伟 13812345678'],
    ['the same company under another legal form', '新建线索 重庆长安汽车股份有限公司 刘洋 13700008888'],
  ])('%s: the card says who and since when before anything is written', async (_, text) => {
    const before = await world.service.services.models.leads.model.countDocuments()
    await world.say('wang5', text)
    const card = world.lastCard('wang5')
    expect(JSON.stringify(card.raw)).toMatch(/张三 自 \d\d-\d\d 起跟进/)
    expect(card.buttons.map(button => button.text)).toEqual(['仍然创建', '取消'])
    expect(await world.service.services.models.leads.model.countDocuments()).toBe(before)
    await world.press('wang5', '取消')
    expect(await world.service.services.models.leads.model.countDocuments()).toBe(before)
  })

  test('仍然创建 writes the lead on the one customer record, and its creator still may not see the customer', async () => {
    await world.say('wang5', '新建线索 重庆长安汽车 刘洋 13700009999 云')
    await world.press('wang5', '仍然创建')
    const { models } = world.service.services
    expect(await models.customers.model.countDocuments({ name: '重庆长安汽车' })).toBe(1)
    expect(await models.leads.model.countDocuments({ company: '重庆长安汽车' })).toBe(2)
    await world.say('wang5', '查 重庆长安汽车')
    expect(world.lastText('wang5')).toContain('张三')
    expect(world.lastText('wang5')).toContain('刘洋')
    expect(world.lastText('wang5')).not.toContain('张伟')
  })

  test('two people who enter the same company at the same moment: one record, the other is told', async () => {
    const name = '重庆同时科技'
    await world.say('zhang3', `新建线索 ${name} 甲乙 13711110001`)
    await world.say('wang5', `新建线索 ${name} 丙丁 13711110002`)
    await Promise.all([
      world.wecom.userClicksCard('zhang3', world.lastCard('zhang3').taskId, 'confirm'),
      world.wecom.userClicksCard('wang5', world.lastCard('wang5').taskId, 'confirm'),
    ])
    await world.settle()
    const { models } = world.service.services
    expect(await models.customers.model.countDocuments({ name })).toBe(1)
    expect(await models.leads.model.countDocuments({ company: name })).toBe(1)
    const loser = ['zhang3', 'wang5'].find(user => world.lastCard(user).buttons.some(button => button.text === '仍然创建'))
    expect(loser).toBeDefined()
  })

  test("a stranger's click on a forwarded card writes nothing", async () => {
    await world.say('zhang3', '新建线索 重庆转发测试 赵云 13711110003')
    const { taskId } = world.lastCard('zhang3')
    await world.wecom.userClicksCardRaw('li4', taskId, 'confirm')
    await world.settle()
    expect(await world.service.services.models.leads.model.countDocuments({ company: '重庆转发测试' })).toBe(0)
    expect(world.lastText('li4')).toContain('draft.not_yours')
  })
})
