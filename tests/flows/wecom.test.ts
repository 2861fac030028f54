import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { jsapiSignature } from '../../bot/channels/wecom/index.ts'
import type { WeComJsapi } from '../../bot/channels/wecom/jsapi.ts'
import type { ContractRow } from '../../common/contract/contracts.ts'
import type { CustomerDetail } from '../../common/contract/customers.ts'
import { openClient, originOf, refusalCode } from '../support/web-client.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld({
    wecom: {
      customers: [{ externalId: 'wmA', name: '张伟', follows: [{ userId: 'zhang3', mobiles: ['+86 138 1234 5678'] }] }],
    },
  })
  await world.say('zhang3', '新建线索 重庆长安汽车 张伟 13812345678')
  await world.press('zhang3', '确认')
  await world.say('zhang3', '新建线索 长安福特 李福 13812345679')
  await world.press('zhang3', '确认')
})
afterAll(() => world.close())
// WeCom takes 30 messages a minute to one person; and nothing we did may be against its pages.
afterEach(async () => {
  expect(world.wecom.violations).toEqual([])
  await world.advance(60_000)
})

const models = () => world.service.services.models
const customerId = async (name: string) => (await models().customers.model.findOne({ name }).lean())?._id ?? ''

describe('the app menu', () => {
  test('is there after the start, says what it says and opens our pages', async () => {
    const [todos, approvals, more] = world.wecom.menu as {
      name: string
      key?: string
      sub_button?: { name: string; url?: string }[]
    }[]
    expect([todos?.key, approvals?.key]).toEqual(['待办', '我的审批'])
    expect(more?.sub_button?.map(({ name }) => name)).toEqual(['新建线索', '提交合同', '打开客联', '帮助'])
    for (const { url } of more?.sub_button ?? []) if (url) expect(url).toContain(`${originOf(world)}/m/#/`)
    await world.wecom.userClicksMenu('zhang3', '我的审批')
    await world.settle()
    expect(world.lastText('zhang3')).toContain('审批')
  })

  test('is not written again by a restart', async () => {
    const written = () => world.wecom.calls.filter(call => call.path.endsWith('/menu/create')).length
    const before = written()
    await world.restart()
    expect(written()).toBe(before)
  })
})

describe('a picture, a file, a voice, a place, a link', () => {
  test('a file sent while a contract is begun goes with it to the approver', async () => {
    await world.say('zhang3', '提交合同 重庆长安汽车 附件合同 专线')
    await world.wecom.userSendsFile('zhang3', '合同扫描件.pdf', Buffer.from('%PDF-1.7 something'))
    await world.settle()
    expect(world.lastText('zhang3')).toContain('已附上 合同扫描件.pdf(这份合同共 1 个附件)')
    expect(world.lastText('zhang3')).toContain('合同金额是多少')
    await world.say('zhang3', '62万')
    expect(JSON.stringify(world.lastCard('zhang3').facts)).toContain('1 个')
    await world.wecom.userSendsImage('zhang3')
    await world.settle()
    expect(world.lastText('zhang3')).toContain('共 2 个附件')
    await world.press('zhang3', '确认')
    const client = openClient(world)
    await client.loginWeCom('liuqiang')
    const contract = await models()
      .contracts.model.findOne({ title: '附件合同' })
      .lean<ContractRow & { attachmentIds: string[] }>()
    expect(contract?.attachmentIds).toHaveLength(2)
    const file = await client.go(`/api/files/${contract?.attachmentIds[0]}`)
    expect([file.status, file.text]).toEqual([200, '%PDF-1.7 something'])
    expect(file.headers.get('content-disposition')).toContain(encodeURIComponent('合同扫描件.pdf'))
  })

  test('a file that comes again in another envelope is attached once', async () => {
    await world.say('zhang3', '提交合同 重庆长安汽车 两次 专线')
    const delivery = await world.wecom.userSendsFile('zhang3', '一次.pdf', Buffer.from('%PDF-1.7 once'))
    await world.wecom.redeliver(delivery)
    await world.settle()
    expect(world.lastText('zhang3')).toContain('共 1 个附件')
    await world.say('zhang3', '取消')
  })

  test('a file that the platform has thrown away is said so, and the contract goes on', async () => {
    await world.say('zhang3', '提交合同 重庆长安汽车 过期 专线')
    world.wecom.fault({ path: '/media/get', errcode: 40007 })
    await world.wecom.userSendsFile('zhang3', '旧.pdf', Buffer.from('%PDF-1.7 old'))
    await world.settle()
    expect(world.lastText('zhang3')).toContain('media.gone')
    await world.say('zhang3', '10万')
    expect(world.lastCard('zhang3').buttons.map(({ text }) => text)).toContain('确认')
    await world.press('zhang3', '取消')
  })

  test('with nothing begun, what can be done with a picture is said', async () => {
    await world.wecom.userSendsImage('sunli')
    await world.settle()
    expect(world.lastText('sunli')).toContain('提交合同')
  })

  test('words that the client recognised in a voice count as words; other voices get a polite answer', async () => {
    await world.wecom.userSendsVoice('zhang3', '查重庆长安汽车')
    await world.settle()
    expect(world.lastCard('zhang3').description).toContain('重庆长安汽车')
    await world.wecom.userSendsVoice('zhang3')
    await world.settle()
    expect(world.lastText('zhang3')).toContain('没有转成文字')
  })

  test('a place answers the question that is open, else one hears how it becomes a visit', async () => {
    await world.wecom.userSendsLocation('zhang3', '重庆市渝北区金开大道')
    await world.settle()
    expect(world.lastText('zhang3')).toContain('写跟进 客户名 到访 重庆市渝北区金开大道')
    await world.say('zhang3', '写跟进 长安福特')
    await world.wecom.userSendsLocation('zhang3', '重庆市渝北区金开大道')
    await world.settle()
    expect(JSON.stringify(world.lastCard('zhang3').facts)).toContain('重庆市渝北区金开大道')
    await world.press('zhang3', '确认')
    expect(await models().activities.model.countDocuments({ text: '重庆市渝北区金开大道' })).toBe(1)
  })

  test('a link is offered as a follow-up', async () => {
    await world.wecom.userSendsLink('zhang3', '采购公告', 'https://example.com/n/1')
    await world.settle()
    expect(world.lastText('zhang3')).toContain('写跟进 客户名 采购公告 https://example.com/n/1')
  })
})

describe('a list to choose from', () => {
  test('is a card; what is chosen on it goes on, and the card says what it was', async () => {
    await world.say('zhang3', '查 长安')
    const list = world.lastCard('zhang3')
    const [question] = list.questions ?? []
    expect(list.raw.card_type).toBe('vote_interaction')
    const ford = question?.options.find(({ text }) => text.includes('长安福特'))
    await world.wecom.userClicksCard('zhang3', list.taskId, 'pick', { customer: [ford?.id ?? ''] })
    await world.settle()
    expect(world.lastCard('zhang3').description).toContain('长安福特')
    const closed = world.cards('zhang3').find(card => card.taskId === list.taskId)
    expect([closed?.description, closed?.questions]).toEqual(['已选择 长安福特 · 张三', undefined])
  })

  test('a number said instead closes the card too', async () => {
    await world.say('zhang3', '查 长安')
    const { taskId } = world.lastCard('zhang3')
    await world.say('zhang3', '1')
    expect(world.cards('zhang3').find(card => card.taskId === taskId)?.questions).toBeUndefined()
  })

  test.each([
    ['nothing chosen', {}, 'pick.nothing_chosen'],
    ['somebody who is not on it', { customer: ['somebody'] }, 'pick.nothing_chosen'],
    ['another question', { __proto__x: ['a'] }, 'pick.nothing_chosen'],
  ])('%s: refused, and the card stays as it was', async (_, selected, code) => {
    await world.say('zhang3', '查 长安')
    const { taskId } = world.lastCard('zhang3')
    await world.wecom.userClicksCardRaw('zhang3', taskId, 'pick', { cardType: 'vote_interaction', selected })
    await world.settle()
    expect(world.lastText('zhang3')).toContain(code)
    expect(world.cards('zhang3').find(card => card.taskId === taskId)?.questions).toHaveLength(1)
  })

  test('another one’s list is not answered', async () => {
    await world.say('zhang3', '查 长安')
    const { taskId, questions } = world.lastCard('zhang3')
    const selected = { customer: [questions?.[0]?.options[0]?.id ?? ''] }
    await world.wecom.userClicksCardRaw('li4', taskId, 'pick', { cardType: 'vote_interaction', selected })
    await world.settle()
    expect(world.lastText('li4')).toContain('card.not_yours')
  })
})

describe('customers in the members’ address books', () => {
  const linked = async (externalId: string) => (await models().externalContacts.ofExternal('wecom', 'wwyuxin0001', externalId))[0]
  const histories = async (name: string) =>
    (await models().timeline.page(await customerId(name), 'all', [], 20)).filter(({ title }) => title === '微信联系人')

  test('one who is added with a telephone number of ours is linked, once, in the history', async () => {
    const added = await world.wecom.customerAdded('zhang3', {
      externalId: 'wmB',
      name: '李福',
      corpName: '长安福特',
      follows: [{ userId: 'zhang3', mobiles: ['13812345679'] }],
    })
    await world.wecom.redeliver(added)
    await world.settle()
    expect(await linked('wmB')).toMatchObject({ name: '李福', customerId: await customerId('长安福特'), status: 'active' })
    expect((await histories('长安福特')).map(({ text }) => text)).toEqual(['李福(长安福特) 就是联系人 李福'])
  })

  test('a number that is noted later links as well; who leaves is remembered as gone', async () => {
    await world.wecom.customerAdded('li4', { externalId: 'wmC', name: '微信好友' })
    await world.settle()
    expect(await linked('wmC')).toMatchObject({ customerId: null })
    await world.wecom.customerEdited('li4', 'wmC', { mobiles: ['138-1234-5678'] })
    await world.settle()
    expect(await linked('wmC')).toMatchObject({ customerId: await customerId('重庆长安汽车') })
    await world.wecom.customerGone('li4', 'wmC')
    await world.settle()
    expect(await linked('wmC')).toMatchObject({ status: 'gone' })
  })

  test('those who were there before the start are taken over', async () => {
    await world.restart()
    await world.service.ready
    expect(await linked('wmA')).toMatchObject({ name: '张伟', mobiles: ['13812345678'], status: 'active' })
    expect(await linked('wmA')).toMatchObject({ customerId: await customerId('重庆长安汽车') })
  })
})

describe('contacts that change', () => {
  test('a new title and superior are known at once; who left is known to have left', async () => {
    world.wecom.addPerson({ wecomUserId: 'newbie', name: '新人', mobile: '13900009999', title: '实习生', departmentId: 3 })
    await world.wecom.contactChanges('create_user', { UserID: 'newbie' })
    await world.settle()
    expect(await models().people.byName('新人')).toHaveLength(1)
    const company = world.wecom.people.map(({ userId }) => userId)
    expect(company).toContain('newbie')
    await world.wecom.contactChanges('delete_user', { UserID: 'nobody-there' })
    await world.settle()
    expect(await models().inbound.model.countDocuments({ status: { $ne: 'done' } })).toBe(0)
  })

  test('departments are read anew', async () => {
    const before = world.wecom.calls.filter(call => call.path.endsWith('/department/list')).length
    await world.wecom.contactChanges('update_party', { Id: '3', Name: '销售一部' })
    await world.settle()
    expect(world.wecom.calls.filter(call => call.path.endsWith('/department/list')).length).toBe(before + 1)
  })
})

describe('signatures for pages', () => {
  test('a page of ours is signed with both tickets; a foreign one is not', async () => {
    const client = openClient(world)
    const url = `${originOf(world)}/m/?a=1`
    const signed = await client.go<WeComJsapi>(`/api/jsapi/wecom?url=${encodeURIComponent(`${url}#/todos`)}`)
    const { nonceStr = '', timestamp = 0, signature } = signed.body?.agentConfig ?? {}
    expect(signature).toBe(jsapiSignature(world.wecom.jsTicket('agent'), url, nonceStr, timestamp).signature)
    for (const foreign of ['https://evil.example.com/m/', `${originOf(world)}.evil.com/`, 'javascript:alert(1)', ''])
      expect(refusalCode(await client.go(`/api/jsapi/wecom?url=${encodeURIComponent(foreign)}`))).toBe('jsapi.foreign_page')
  })
})

describe('what happens on the way', () => {
  test('doubled, late and swapped callbacks, and an answer that got lost, have one effect each', async () => {
    world.wecom.disturb({ kind: 'duplicate' })
    await world.say('zhang3', '写跟进 长安福特 第一次')
    await world.press('zhang3', '确认')
    world.wecom.disturb({ kind: 'lose_answer' })
    await world.say('zhang3', '写跟进 长安福特 第二次')
    await world.press('zhang3', '确认')
    world.wecom.disturb({ kind: 'delay', ms: 30 })
    await world.say('zhang3', '写跟进 长安福特 第三次')
    world.wecom.disturb({ kind: 'duplicate' })
    await world.press('zhang3', '确认')
    for (const text of ['第一次', '第二次', '第三次']) expect(await models().activities.model.countDocuments({ text })).toBe(1)
  })
})

describe('the customer page', () => {
  test('does not show what a colleague keeps in the address book beyond the link', async () => {
    const client = openClient(world)
    await client.loginWeCom('zhang3')
    const detail = (await client.query<CustomerDetail>('customers.get', { customerId: await customerId('长安福特') })).body
    expect(detail.contacts.map(({ name }) => name)).toEqual(['李福'])
  })
})
