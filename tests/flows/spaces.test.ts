import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { CustomerDetail } from '../../common/contract/customers.ts'
import type { SpaceOpened, SpacePreview } from '../../common/contract/spaces.ts'
import { openClient, refusalCode } from '../support/web-client.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let number = ''

beforeAll(async () => {
  world = await startWorld()
  for (const lead of ['重庆长安汽车 张伟 13812345678', '重庆赛力斯 王塞 13812345670', '重庆小康 李康 13812345671']) {
    await world.say('zhang3', `新建线索 ${lead}`)
    await world.press('zhang3', '确认')
  }
  await world.say('zhang3', '提交合同 重庆长安汽车 专线扩容 专线 62万')
  await world.press('zhang3', '确认')
  number = (await models().contracts.model.findOne({ title: '专线扩容' }).lean())?.number ?? ''
})
afterAll(async () => {
  expect(world.wecom.violations).toEqual([])
  await world.close()
})

const models = () => world.service.services.models
const groups = () => world.wecom.groups()
const cardsIn = (name: string) =>
  groups()
    .find(group => group.name === name)
    ?.messages.filter(({ msgtype }) => msgtype === 'textcard') ?? []
const customerId = async (name: string) => (await models().customers.model.findOne({ name }).lean())?._id ?? ''

describe('建群', () => {
  test('opens a group with owner, superior and whoever has a running approval, and says who is in it', async () => {
    await world.say('zhang3', '建群 重庆长安汽车')
    expect(world.lastText('zhang3')).toContain('已在企业微信建群:重庆长安汽车 · 协作群')
    const group = groups().find(({ name }) => name === '重庆长安汽车 · 协作群')
    expect(group?.userlist.sort()).toEqual(['liuqiang', 'zhang3'])
  })

  test('its first card shows what every member may see: no amount, no telephone number', async () => {
    const [card, ...more] = cardsIn('重庆长安汽车 · 协作群')
    expect(more).toEqual([])
    const text = JSON.stringify(card)
    for (const words of ['重庆长安汽车', '负责人:张三', '发起人:张三']) expect(text).toContain(words)
    expect(text).not.toMatch(/620,000|62 ?万|13812345678|138\*/)
  })

  test('the record shows the group and its history tells of it', async () => {
    const client = openClient(world)
    await client.loginWeCom('zhang3')
    const id = await customerId('重庆长安汽车')
    const { spaces } = (await client.query<CustomerDetail>('customers.get', { customerId: id })).body
    expect(spaces).toMatchObject([{ name: '重庆长安汽车 · 协作群', platform: '企业微信', status: '已建立' }])
    expect(spaces[0]?.members.map(({ name }) => name).sort()).toEqual(['刘强', '张三'])
    const events = await models().timeline.page(id, 'all', [], 20)
    expect(events.filter(({ title }) => title === '建立协作群')).toHaveLength(1)
  })

  test('a second wish for the same record is refused; the number of a contract makes one for the contract', async () => {
    await world.say('zhang3', '建群 重庆长安汽车')
    expect(world.lastText('zhang3')).toContain('space.exists')
    await world.say('zhang3', `建群 ${number}`)
    const name = `重庆长安汽车 · ${number} 专线扩容`
    expect(groups().map(group => group.name)).toContain(name)
    const text = JSON.stringify(cardsIn(name))
    expect(text).toContain(number)
    expect(text).toContain('审批中')
    expect(text).not.toMatch(/620,000|62 ?万/)
  })

  test('without a name it asks; for a colleague’s customer it tells who has it', async () => {
    await world.say('zhang3', '建群')
    expect(world.lastText('zhang3')).toContain('为哪个客户或合同建群')
    await world.say('wang5', '建群 重庆长安汽车')
    expect(world.lastText('wang5')).toContain('customer.not_visible')
    await world.say('wang5', `建群 ${number}`)
    expect(world.lastText('wang5')).toContain('contract.unknown')
  })

  test('in DingTalk the group is one of DingTalk', async () => {
    await world.say('u1001', '建群 重庆小康')
    expect(world.lastText('u1001')).toContain('已在钉钉建群:重庆小康 · 协作群')
    expect(groups().map(({ name }) => name)).not.toContain('重庆小康 · 协作群')
    expect(
      await models()
        .spaces.model.findById(`dingtalk:customer:${await customerId('重庆小康')}`)
        .lean(),
    ).toMatchObject({
      status: 'open',
    })
  })
})

describe('a platform that does not answer', () => {
  test('a lost answer makes no second group; the first card follows, once', async () => {
    await world.advance(60_000)
    world.wecom.fault({ path: '/appchat/create', closeAfterApply: true })
    world.wecom.fault({ path: '/appchat/send', errcode: -1 })
    await world.say('zhang3', '建群 重庆赛力斯')
    expect(world.lastText('zhang3')).toContain('正在企业微信建群')
    for (let times = 0; times < 4; times += 1) await world.advance(10_000)
    expect(groups().filter(({ name }) => name === '重庆赛力斯 · 协作群')).toHaveLength(1)
    expect(cardsIn('重庆赛力斯 · 协作群')).toHaveLength(1)
    expect(await models().spaces.ofCustomer(await customerId('重庆赛力斯'))).toMatchObject([{ status: 'open' }])
  })

  test('a refusal is told with its reason, and the wish may be repeated', async () => {
    await world.say('zhang3', '新建线索 重庆被拒公司 李拒 13812345672')
    await world.press('zhang3', '确认')
    world.wecom.fault({ path: '/appchat/create', errcode: 48002 })
    await world.say('zhang3', '建群 重庆被拒公司')
    expect(world.lastText('zhang3')).toContain('没有建成')
    expect(world.lastText('zhang3')).toContain('wecom.not_permitted')
    await world.say('zhang3', '建群 重庆被拒公司')
    expect(world.lastText('zhang3')).toContain('已在企业微信建群')
  })
})

describe('spaces.open by H5', () => {
  test('the same press twice is one group; a stranger’s record is refused', async () => {
    await world.say('li4', '新建线索 重庆两江产业 周两 13812345673')
    await world.press('li4', '确认')
    const client = openClient(world)
    await client.loginWeCom('li4')
    const input = { subject: 'customer', id: await customerId('重庆两江产业') }
    const [first, second] = [
      await client.command<SpaceOpened>('spaces.open', input, 'press-0001'),
      await client.command<SpaceOpened>('spaces.open', input, 'press-0001'),
    ]
    expect([first.status, second.body.spaceId]).toEqual([200, first.body.spaceId])
    await world.settle()
    expect(groups().filter(({ name }) => name === '重庆两江产业 · 协作群')).toHaveLength(1)
    expect(cardsIn('重庆两江产业 · 协作群')).toHaveLength(1)
    const other = { subject: 'customer', id: await customerId('重庆长安汽车') }
    expect(refusalCode(await client.command('spaces.open', other))).toBe('customer.not_visible')
    expect(refusalCode(await client.command('spaces.open', { subject: 'project', id: 'none' }))).toBe('project.unknown')
  })

  test('before it is opened it is shown who will be in it; afterwards that it is there, and a member can open it', async () => {
    await world.say('li4', '新建线索 重庆预览公司 郑三 13812345674')
    await world.press('li4', '确认')
    const client = openClient(world)
    await client.loginWeCom('li4')
    const input = { subject: 'customer', id: await customerId('重庆预览公司') }
    const before = (await client.query<SpacePreview>('spaces.preview', input)).body
    expect(before).toMatchObject({ name: '重庆预览公司 · 协作群', platform: '企业微信', exists: false })
    const opened = (await client.command<SpaceOpened>('spaces.open', input)).body
    expect(before.members.map(({ name }) => name)).toEqual(opened.memberNames)
    expect(before.leftOut.map(({ name }) => name)).toEqual(opened.leftOutNames)
    await world.settle()
    expect((await client.query<SpacePreview>('spaces.preview', input)).body.exists).toBe(true)
    const seen = (await client.query<CustomerDetail>('customers.get', { customerId: input.id })).body.spaces
    expect(seen).toMatchObject([{ status: '已建立', chat: { platform: 'wecom' } }])
    const other = { subject: 'customer', id: await customerId('重庆长安汽车') }
    expect(refusalCode(await client.query('spaces.preview', other))).toBe('customer.not_visible')
  })
})
