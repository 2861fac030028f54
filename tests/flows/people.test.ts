import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Page } from '../../common/contract/page.ts'
import type { DeadLetter, Me, PersonRow } from '../../common/contract/people.ts'
import { type CompanySeed, type PersonSeed, sampleCompany } from '../../emulator/index.ts'
import type { Directory, DirectoryMember } from '../../handlers/kernel/ports.ts'
import { syncDirectory } from '../../handlers/people/index.ts'
import { openClient, refusalCode, type WebClient } from '../support/web-client.ts'
import { startWorld, type World } from '../support/world.ts'

const extra: PersonSeed[] = [
  { wecomUserId: 'noboss', name: '钱无主', mobile: '13900002001', title: '客户经理', departmentId: 3 },
  { wecomUserId: 'tagged', name: '孙标签', mobile: '13900002002', title: '职员', departmentId: 4, roles: ['法务'] },
  { wecomUserId: 'buyerhead', name: '吴采购', mobile: '13900002003', title: '主管', departmentId: 7 },
  { wecomUserId: 'twin.a', name: '郑双', mobile: '13900002004', title: '职员', departmentId: 4, directLeader: 'zhaomin' },
  { dingtalkUserId: 'u2005', name: '郑双', mobile: '13900002005', title: '职员', departmentId: 4 },
]
const company: CompanySeed = {
  ...sampleCompany,
  departments: [...sampleCompany.departments, { id: 7, name: '采购部', parentId: 1, leaderUserIds: ['buyerhead'] }],
  people: [...sampleCompany.people, ...extra],
}

let world: World
let admin: WebClient

beforeAll(async () => {
  world = await startWorld({ company, env: { ADMIN_USERS: 'wecom:ZhouJianGuo,dingtalk:u1031' } })
  admin = openClient(world)
  await admin.loginWeCom('zhoujianguo')
})
afterAll(() => world.close())

const models = () => world.service.services.models
const organisation = async () => {
  world.service.services.organisation.forget()
  return world.service.services.organisation.current()
}
const idOf = async (name: string) => (await models().people.byName(name))[0]?._id ?? ''
const rowOf = async (name: string) => (await admin.query<Page<PersonRow>>('people.list', { q: name })).body.items[0]
const assign = (personId: string, change: object) => admin.command('people.assign', { personId, ...change })
/** The platforms change, and the service reads their contacts again. */
async function contacts(people: readonly PersonSeed[]): Promise<void> {
  // DingTalk counts calls by the second.
  await world.advance(2_000)
  world.wecom.setCompany({ ...company, people: [...people] })
  world.dingtalk.setCompany({ ...company, people: [...people] })
  for (const directory of world.service.services.directories.values()) await syncDirectory(world.service.services, directory)
}
const textFrom = (userId: string, content: string) =>
  world.wecom.sendRaw({
    innerXml: `<xml><ToUserName>wwyuxin0001</ToUserName><FromUserName>${userId}</FromUserName><CreateTime>${Math.floor(world.service.services.clock.now() / 1000)}</CreateTime><MsgType>text</MsgType><Content>${content}</Content><MsgId>${Math.floor(Math.random() * 1e15)}</MsgId><AgentID>1000002</AgentID></xml>`,
  })

describe('contacts', () => {
  test('everybody is known after the start, with department, title, superior', async () => {
    expect(await models().people.model.countDocuments({ active: true })).toBe(company.people.length)
    expect(await rowOf('张三')).toMatchObject({
      title: '客户经理',
      departments: ['销售一部'],
      superior: { name: '刘强', source: 'platform' },
      mobileMasked: '139****1001',
    })
  })

  test('the same mobile on both platforms is one person; the same name alone is not', async () => {
    expect((await rowOf('张三'))?.accounts.map(({ platform, userId }) => `${platform}:${userId}`).sort()).toEqual([
      'dingtalk:u1001',
      'wecom:zhang3',
    ])
    expect(await models().people.byName('郑双')).toHaveLength(2)
  })

  test('somebody who joined a minute ago is fetched when they write first', async () => {
    world.wecom.addPerson({
      wecomUserId: 'newbie',
      name: '新同事',
      mobile: '13900002010',
      title: '客户经理',
      departmentId: 3,
      directLeader: 'liuqiang',
    })
    await world.say('newbie', '新建线索 重庆新人公司 赵六 13911110001')
    await world.press('newbie', '确认')
    expect(await rowOf('新同事')).toMatchObject({ active: true, superior: { name: '刘强' }, departments: ['销售一部'] })
    expect(await models().leads.model.countDocuments({ ownerId: await idOf('新同事') })).toBe(1)
  })

  test('with a newcomer come the superiors above them, so that somebody can decide', async () => {
    const seeds = [
      {
        wecomUserId: 'newhead',
        name: '新部长',
        mobile: '13900002012',
        title: '部长',
        departmentId: 4,
        directLeader: 'zhoujianguo',
      },
      { wecomUserId: 'newlead', name: '新组长', mobile: '13900002013', title: '组长', departmentId: 4, directLeader: 'newhead' },
      {
        wecomUserId: 'newrep',
        name: '新代表',
        mobile: '13900002014',
        title: '客户经理',
        departmentId: 4,
        directLeader: 'newlead',
      },
    ]
    for (const seed of seeds) world.wecom.addPerson(seed)
    await world.say('newrep', '待办')
    expect(await rowOf('新代表')).toMatchObject({ superior: { name: '新组长', source: 'platform' } })
    expect(await rowOf('新组长')).toMatchObject({ superior: { name: '新部长', source: 'platform' } })
  })

  test('somebody whom the platform does not know is refused politely, and nothing is written', async () => {
    const before = await models().people.model.countDocuments()
    expect((await textFrom('stranger', '新建线索 黑客公司 某人 13911110002')).status).toBe(200)
    await world.settle()
    expect(await models().people.model.countDocuments()).toBe(before)
    expect(await models().talk.drafts.countDocuments({ 'values.company': '黑客公司' })).toBe(0)
  })

  test('who left is refused everywhere: chat, card, session; who comes back is served at once', async () => {
    const session = openClient(world)
    await session.loginWeCom('li4')
    await world.say('li4', '新建线索 重庆离职公司 赵七 13911110003')
    const { taskId } = world.lastCard('li4')
    await contacts(company.people.filter(person => person.name !== '李四'))

    const me = await session.go('/api/me')
    expect([me.status, refusalCode(me)]).toEqual([401, 'auth.expired'])
    expect((await session.query('customers.search')).status).toBe(401)
    const click = `<xml><ToUserName>wwyuxin0001</ToUserName><FromUserName>li4</FromUserName><CreateTime>${Math.floor(Date.now() / 1000)}</CreateTime><MsgType>event</MsgType><Event>template_card_event</Event><EventKey>confirm</EventKey><TaskId>${taskId}</TaskId><CardType>button_interaction</CardType><ResponseCode>x</ResponseCode><AgentID>1000002</AgentID></xml>`
    expect((await world.wecom.sendRaw({ innerXml: click })).status).toBe(200)
    expect((await textFrom('li4', '待办')).status).toBe(200)
    await world.settle()
    expect(await models().leads.model.countDocuments({ company: '重庆离职公司' })).toBe(0)

    // The contacts are read again only every half hour; the platform is asked at once.
    world.wecom.setCompany(company)
    world.dingtalk.setCompany(company)
    await world.say('li4', '待办')
    expect(world.lastText('li4')).toContain('待办')
    expect(world.lastText('li4')).not.toContain('person.unknown')
    expect((await rowOf('李四'))?.active).toBe(true)
  })

  test('who left one platform stays on the other, and cards follow', async () => {
    await world.say('u1002', '帮助')
    await contacts(
      company.people.map(({ dingtalkUserId, ...person }) =>
        person.name === '李四' || !dingtalkUserId ? person : { dingtalkUserId, ...person },
      ),
    )
    expect((await rowOf('李四'))?.active).toBe(true)
    await world.service.services.models.outbox.put(
      [{ _id: 'to-li4', to: { personId: await idOf('李四') }, text: '在企业微信', urgency: 'notice' }],
      new Date(world.service.services.clock.now()),
    )
    await world.settle()
    expect(world.texts('li4')).toContain('在企业微信')
    await contacts(company.people)
  })
})

describe('many people of one platform alone', () => {
  test('the same person is found behind them in the end, and nobody is looked up again and again', async () => {
    const asked: string[] = []
    const directory = (platform: string, members: DirectoryMember[]): Directory => ({
      platform,
      corp: 'another',
      listDepartments: async () => [],
      listMembers: async () => members,
      getMember: async userId => members.find(member => member.userId === userId) ?? null,
      findByMobile: async mobile => {
        asked.push(mobile)
        return mobile === '13900003999' ? 'zz.twin' : null
      },
    })
    const member = (userId: string, mobile?: string): DirectoryMember => {
      return { userId, name: userId, departmentIds: [], leaderOf: [], roles: [], active: true, ...(mobile && { mobile }) }
    }
    const wecom = directory('wecom', [member('zz.twin')])
    const alone = Array.from({ length: 12 }, (_, n) => member(`alone${n}`, `1390000300${n}`))
    const dingtalk = directory('dingtalk', [...alone, member('u3999', '13900003999')])
    const services = { ...world.service.services, directories: new Map([wecom, dingtalk].map(each => [each.platform, each])) }

    await syncDirectory(services, wecom)
    for (let day = 0; day < 5; day += 1) {
      await syncDirectory(services, dingtalk)
      await syncDirectory(services, dingtalk)
      await world.advance(86_400_000)
    }
    const twin = await models().people.byAccount('dingtalk:another:u3999')
    expect(twin?.accounts.map(({ platform }) => platform).sort()).toEqual(['dingtalk', 'wecom'])
    expect(asked).toHaveLength(13)
    expect(new Set(asked).size).toBe(13)
    await models().people.model.deleteMany({ 'accounts.corp': 'another' })
  })
})

describe('superior', () => {
  test('the admin’s choice, else the platform’s, else the department head, else the one above; never oneself', async () => {
    expect((await rowOf('孙丽'))?.superior).toMatchObject({ name: '刘强', source: 'platform' })
    expect((await rowOf('钱无主'))?.superior).toMatchObject({ name: '刘强', source: 'department' })
    expect((await rowOf('吴采购'))?.superior).toMatchObject({ name: '王敏', source: 'department' })
    expect((await rowOf('王敏'))?.superior).toBeNull()
    await assign(await idOf('孙丽'), { superiorId: await idOf('赵敏') })
    expect((await rowOf('孙丽'))?.superior).toMatchObject({ name: '赵敏', source: 'assigned' })
    await assign(await idOf('孙丽'), { superiorId: null })
    expect((await rowOf('孙丽'))?.superior).toMatchObject({ name: '刘强', source: 'platform' })
    const self = await assign(await idOf('孙丽'), { superiorId: await idOf('孙丽') })
    expect([self.status, refusalCode(self)]).toEqual([400, 'person.own_superior'])
  })

  test('the assigned superior sees what the person follows, the former does not', async () => {
    await world.say('sunli', '新建线索 重庆换领导公司 周八 13911110004')
    await world.press('sunli', '确认')
    await assign(await idOf('孙丽'), { superiorId: await idOf('赵敏') })
    await world.say('zhaomin', '查 换领导')
    expect(JSON.stringify(world.lastCard('zhaomin').facts)).toContain('周八')
    await assign(await idOf('孙丽'), { superiorId: null })
    await world.say('zhaomin', '查 换领导')
    expect(world.lastText('zhaomin')).toContain('customer.not_visible')
  })
})

describe('roles', () => {
  const holders = async (role: string) => {
    const current = await organisation()
    const { ids, source } = current.holders(role)
    return { names: ids.map(id => current.name(id)), source }
  }

  test('the admin’s assignment, else the tag, else a title, else the head of the department of that name', async () => {
    expect(await holders('财务')).toEqual({ names: ['李静'], source: 'title' })
    expect(await holders('法务')).toEqual({ names: ['孙标签'], source: 'platform' })
    expect(await holders('采购')).toEqual({ names: ['吴采购'], source: 'department' })
    expect(await holders('副总')).toEqual({ names: ['王敏'], source: 'title' })
    await assign(await idOf('郑洁'), { roles: ['财务'] })
    expect(await holders('财务')).toEqual({ names: ['郑洁'], source: 'assigned' })
    await assign(await idOf('郑洁'), { roles: [] })
    expect(await holders('财务')).toEqual({ names: ['李静'], source: 'title' })
  })

  test('several holders: any of them', async () => {
    for (const name of ['郑洁', '李静']) await assign(await idOf(name), { roles: ['财务'] })
    expect((await holders('财务')).names.sort()).toEqual(['李静', '郑洁'].sort())
    for (const name of ['郑洁', '李静']) await assign(await idOf(name), { roles: [] })
  })

  test('none: the admin is asked, never an automatic pass', async () => {
    await contacts(company.people.filter(person => !['李静', '郑洁'].includes(person.name)))
    expect((await holders('财务')).names).toEqual([])
    await world.say('sunli', '提交合同 换领导 无财务合同 其他 1万')
    await world.press('sunli', '确认')
    await world.press('liuqiang', '同意')
    const contract = await models().contracts.model.findOne({ title: '无财务合同' }).lean()
    const head = await models().cases.byId(contract?.caseId ?? '')
    expect(contract?.status).toBe('审批中')
    expect(head?.waitingIds.sort()).toEqual([await idOf('周建国'), await idOf('吴磊')].sort())
    expect(JSON.stringify(world.lastCard('zhoujianguo'))).toContain('无财务合同')
    await world.press('zhoujianguo', '同意')
    expect((await models().contracts.byCase(contract?.caseId ?? ''))?.status).toBe('已通过')
    await contacts(company.people)
  })
})

describe('the app a card goes to', () => {
  async function decisionCardOf(wecomUser: string, dingtalkUser: string): Promise<'wecom' | 'dingtalk'> {
    const before = { wecom: world.cards(wecomUser).length, dingtalk: world.cards(dingtalkUser).length }
    await world.say('sunli', '提交合同 换领导 跟人走 其他 1万')
    await world.press('sunli', '确认')
    const went = world.cards(wecomUser).length > before.wecom ? 'wecom' : 'dingtalk'
    expect(world.cards(dingtalkUser).length - before.dingtalk).toBe(went === 'dingtalk' ? 1 : 0)
    return went
  }

  test('is the one last written or clicked in', async () => {
    await world.advance(60_000)
    await world.say('u1011', '帮助')
    expect(await decisionCardOf('liuqiang', 'u1011')).toBe('dingtalk')
    await world.say('liuqiang', '帮助')
    expect(await decisionCardOf('liuqiang', 'u1011')).toBe('wecom')
    await world.press('u1011', '同意')
    expect(await decisionCardOf('liuqiang', 'u1011')).toBe('dingtalk')
  })
})

describe('ADMIN_USERS', () => {
  test('names admins of either platform, in any spelling of case, and no one-time link is made', async () => {
    expect((await admin.go<Me>('/api/me')).body.person.isAdmin).toBe(true)
    expect((await rowOf('吴磊'))?.isAdmin).toBe(true)
    expect((await rowOf('张三'))?.isAdmin).toBe(false)
    expect(world.service.setupLink).toBeNull()
  })

  test('an admin cannot take the right from themselves, and administration shows no data', async () => {
    const self = await assign(await idOf('周建国'), { isAdmin: false })
    expect([self.status, refusalCode(self)]).toEqual([400, 'person.own_admin'])
    await world.say('zhaomin', '新建线索 重庆赵敏的客户 吴十 13911110005')
    await world.press('zhaomin', '确认')
    const secondAdmin = openClient(world)
    await secondAdmin.loginDingTalk('u1031')
    const customer = await models().customers.model.findOne({ name: '重庆赵敏的客户' }).lean()
    expect((await secondAdmin.query('customers.get', { customerId: customer?._id })).status).toBe(403)
  })

  test('another admin may be named, and has the right at once', async () => {
    const client = openClient(world)
    await client.loginWeCom('yangfan')
    expect((await client.query('people.list')).status).toBe(403)
    await assign(await idOf('杨帆'), { isAdmin: true })
    expect((await client.query('people.list')).status).toBe(200)
    await assign(await idOf('杨帆'), { isAdmin: false })
    expect((await client.query('people.list')).status).toBe(403)
  })
})

describe('the admin page', () => {
  test('lists people page by page, each once', async () => {
    const seen: string[] = []
    let cursor: string | null | undefined
    do {
      const page = await admin.query<Page<PersonRow>>('people.list', { limit: 4, ...(cursor && { cursor }) })
      seen.push(...page.body.items.map(row => row.id))
      cursor = page.body.nextCursor
    } while (cursor)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toHaveLength(await models().people.count())
  })

  test('searches names as plain text', async () => {
    expect((await admin.query<Page<PersonRow>>('people.list', { q: '.*' })).body.items).toEqual([])
    expect((await admin.query<Page<PersonRow>>('people.list', { q: '张' })).body.items.map(row => row.name)).toEqual(['张三'])
  })

  test('unknown people are 404, wrong input is 400', async () => {
    for (const answer of [
      await assign('nobody', { roles: ['财务'] }),
      await assign(await idOf('孙丽'), { superiorId: 'nobody' }),
      await admin.command('people.link', { personId: 'nobody', otherId: await idOf('孙丽') }),
    ]) {
      expect([answer.status, refusalCode(answer)]).toEqual([404, 'person.unknown'])
    }
    expect((await assign(await idOf('孙丽'), { roles: 'x' })).status).toBe(400)
    expect((await assign(await idOf('孙丽'), { roles: ['x'.repeat(21)] })).status).toBe(400)
  })

  test('linking two accounts makes them one person who keeps what both did', async () => {
    await world.say('twin.a', '新建线索 重庆甲双公司 冯甲 13911110006')
    await world.press('twin.a', '确认')
    await world.say('u2005', '新建线索 重庆乙双公司 冯乙 13911110007')
    await world.press('u2005', '确认')
    const people = await models().people.byName('郑双')
    const [first, other] = ['wecom', 'dingtalk'].map(
      platform => people.find(person => person.accounts.some(account => account.platform === platform))?._id ?? '',
    )
    const both = await admin.command('people.link', { personId: first, otherId: await idOf('张三') })
    expect([both.status, refusalCode(both)]).toEqual([409, 'person.both_have_account'])
    expect((await admin.command('people.link', { personId: first, otherId: other })).status).toBe(200)

    expect((await rowOf('郑双'))?.accounts).toHaveLength(2)
    for (const user of ['twin.a', 'u2005']) {
      await world.say(user, '查 双公司')
      expect(world.lastList(user)).toContain('找到 2 位客户')
      expect(world.lastList(user)).not.toContain('已离开')
      await world.say(user, '待办')
      expect(world.lastText(user)).toContain('待办 2 条')
    }
    const again = await admin.command('people.link', { personId: first, otherId: other })
    expect([again.status, refusalCode(again)]).toEqual([404, 'person.unknown'])
  })

  test('a message that failed for good is seen, tried once more and then gone from the list', async () => {
    world.wecom.fault({ path: '/message/send', errcode: 48002 })
    await world.say('machao', '帮助')
    expect(world.texts('machao')).toEqual([])
    const list = async () =>
      (await admin.query<Page<DeadLetter>>('work.deadLetters')).body.items.filter(row => row.kind === 'effect')
    const [dead] = await list()
    expect(dead?.error.code).toBe('wecom.not_permitted')
    const replay = await admin.command('work.replay', { id: dead?.id, kind: 'effect' })
    expect(replay.status).toBe(200)
    await world.settle()
    expect(world.texts('machao')).toHaveLength(1)
    expect((await list()).map(row => row.id)).not.toContain(dead?.id)
    const again = await admin.command('work.replay', { id: dead?.id, kind: 'effect' })
    expect([again.status, refusalCode(again)]).toEqual([404, 'work.unknown'])
  })
})

describe('without an admin', () => {
  let bare: World

  beforeAll(async () => {
    bare = await startWorld({
      company: { ...sampleCompany, people: sampleCompany.people.filter(({ name }) => !/李静|郑洁/.test(name)) },
    })
  })
  afterAll(() => bare.close())

  test('a role nobody holds makes a visible incident, never an automatic pass', async () => {
    await bare.say('zhang3', '新建线索 重庆停住公司 卫一 13911110008')
    await bare.press('zhang3', '确认')
    await bare.say('zhang3', '提交合同 停住 谁来批 其他 1万')
    await bare.press('zhang3', '确认')
    await bare.press('liuqiang', '同意')
    const contract = await bare.service.services.models.contracts.model.findOne({ title: '谁来批' }).lean()
    expect(contract?.status).toBe('审批中')
    expect((await bare.service.services.models.cases.byId(contract?.caseId ?? ''))?.status).toBe('incident')
    const client = openClient(bare)
    await client.loginWeCom('zhang3')
    const detail = await client.query<{ incidents: { why: string }[] }>('approvals.get', { caseId: contract?.caseId })
    expect(detail.body.incidents[0]?.why).toMatch(/财务/)
  })

  test('the one-time link opens the admin page once; looking at it spends nothing', async () => {
    const link = new URL(bare.service.setupLink ?? '')
    const path = link.pathname + link.search
    const token = link.searchParams.get('setup') ?? ''
    const scanner = openClient(bare)
    for (let look = 0; look < 2; look += 1) {
      const page = await scanner.go(path)
      expect(page.status).toBe(200)
      expect(page.headers.get('cache-control')).toBe('no-store')
    }
    expect(scanner.cookies.size).toBe(0)
    const press = (client: WebClient, given: string) =>
      client.go('/admin/setup', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `token=${encodeURIComponent(given)}`,
      })
    for (const wrong of ['', 'x', token.slice(1), `${token}0`, '$gt', 'x'.repeat(50_000)]) {
      expect((await press(scanner, wrong)).status).toBe(410)
    }
    const clients = [openClient(bare), openClient(bare), openClient(bare)]
    const answers = await Promise.all(clients.map(client => press(client, token)))
    expect(answers.map(answer => answer.status).sort()).toEqual([302, 410, 410])
    expect((await scanner.go(path)).status).toBe(410)

    const holder = clients.find(client => client.cookies.size > 0)
    expect((await holder?.query('people.list'))?.status).toBe(200)
    const written = await holder?.command('leads.create', { company: '无主公司', contact: '某', phone: '13911110009' })
    expect([written?.status, written && refusalCode(written)]).toEqual([403, 'auth.setup_only'])
    const [boss] = await bare.service.services.models.people.byName('王敏')
    expect((await holder?.command('people.assign', { personId: boss?._id, isAdmin: true }))?.status).toBe(200)
    await bare.restart()
    expect(bare.service.setupLink).toBeNull()
  })
})
