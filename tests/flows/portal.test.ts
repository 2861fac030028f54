import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { CustomerDetail } from '../../common/contract/customers.ts'
import type { ShareCreated } from '../../common/contract/portal.ts'
import { openClient, refusalCode, type WebAnswer, type WebClient } from '../support/web-client.ts'
import { startWorld, type World } from '../support/world.ts'

const DAY_MS = 86_400_000

let world: World
/** A customer's browser: no login. */
let customer: WebClient
let owner: WebClient
let customerId = ''

beforeAll(async () => {
  world = await startWorld()
  ;[customer, owner] = [openClient(world), openClient(world)]
  await owner.loginWeCom('zhang3')
  const enter = async (text: string) => {
    await world.say('zhang3', text)
    await world.press('zhang3', '确认')
  }
  await enter('新建线索 重庆长安汽车 张伟 13812345678 专线 预算80万')
  await enter('新建线索 重庆啤酒 刘备 13812349999')
  await enter('提交合同 重庆长安汽车 机房扩容一期 专线 62万')
  for (const approver of ['liuqiang', 'u1030', 'lijing', 'wangmin']) await world.press(approver, '同意')
  await world.advance(60_000)
  await enter('提交合同 重庆长安汽车 <b>二期</b>&云 其他 3万')
  await enter('提交合同 重庆长安汽车 被拒的三期 其他 4万')
  await world.say('liuqiang', '拒绝 价格低于底线')
  await enter('提交合同 重庆长安汽车 撤回的四期 其他 5万')
  await world.say('zhang3', '撤回')
  await world.say('zhang3', '撤回 1')
  await enter('提交合同 重庆啤酒 别家的合同 其他 6万')
  await world.advance(60_000)
  customerId = (await models().customers.model.findOne({ name: '重庆长安汽车' }).lean())?._id ?? ''
})
afterAll(() => world.close())

const models = () => world.service.services.models
const linkIn = (text: string) => new URL(/https?:\/\/\S+\/s\/\S+/.exec(text)?.[0] ?? '').pathname

async function share(): Promise<string> {
  await world.say('zhang3', '分享进度 长安汽车')
  return linkIn(world.lastText('zhang3'))
}

function expectGone(page: WebAnswer): void {
  expect(page.status).toBe(410)
  expect(page.text).toContain('链接已失效')
  expect(page.text).toContain('客户经理')
  expect(page.text).not.toMatch(/张三|机房|长安|渝信/)
  expect(page.headers.get('x-robots-tag')).toBe('noindex')
  expect(page.headers.get('cache-control')).toBe('no-store')
}

describe('分享进度', () => {
  test('by word: a link for 30 days, and how to take it back', async () => {
    await world.say('zhang3', '分享进度 长安汽车')
    const words = world.lastText('zhang3')
    expect(words).toContain('30 天')
    expect(words).toContain('撤销分享 重庆长安汽车')
    expect((await customer.go(linkIn(words))).status).toBe(200)
  })

  test('by the button of the customer card', async () => {
    await world.say('zhang3', '查 长安汽车')
    await world.press('zhang3', '分享进度')
    expect((await customer.go(linkIn(world.lastText('zhang3')))).status).toBe(200)
  })

  test('by the button in DingTalk', async () => {
    await world.say('u1001', '查 长安汽车')
    await world.press('u1001', '分享进度')
    expect((await customer.go(linkIn(world.lastText('u1001')))).status).toBe(200)
  })

  test('on H5: a repeated press gives the same link, another press another', async () => {
    const first = await owner.command<ShareCreated>('portal.share', { customerId }, 'share-press-001')
    const again = await owner.command<ShareCreated>('portal.share', { customerId }, 'share-press-001')
    const other = await owner.command<ShareCreated>('portal.share', { customerId }, 'share-press-002')
    expect(again.body).toEqual(first.body)
    expect(other.body.url).not.toBe(first.body.url)
    expect((await customer.go(new URL(first.body.url).pathname)).status).toBe(200)
  })

  test('a colleague who may not see the customer gets no link', async () => {
    const before = await models().shares.model.countDocuments()
    await world.say('wang5', '分享进度 重庆长安汽车')
    expect(world.lastText('wang5')).toContain('customer.not_visible')
    const stranger = openClient(world)
    await stranger.loginWeCom('wang5')
    expect((await stranger.command('portal.share', { customerId })).status).toBe(403)
    expect(await models().shares.model.countDocuments()).toBe(before)
  })
})

describe("the customer's page", () => {
  test('shows company, contract titles, status, steps, dates and the owner', async () => {
    const { text } = await customer.go(await share())
    for (const shown of ['渝信通信', '机房扩容一期', '交付中', '合同审批', '资源勘察', '设备采购', '开通验收', '客户经理 张三']) {
      expect(text).toContain(shown)
    }
    expect(text).toContain('&lt;b&gt;二期&lt;/b&gt;&amp;云')
    expect(text).toContain('合同审批中')
    expect(text).toMatch(/\d\d-\d\d 完成/)
    expect(text).not.toContain('<script')
  })

  test('shows nothing else in any byte: no customer, amount, phone, number, approver, node, reason, id', async () => {
    const page = await customer.go(await share())
    const bytes = page.text + JSON.stringify([...page.headers])
    for (const name of ['重庆长安汽车', '长安', '张伟', '13812345678', '620', '62万', '30,000', '3万', 'HT-', 'XS-']) {
      expect([name, bytes.includes(name)]).toEqual([name, false])
    }
    for (const name of ['刘强', '陈涛', '李静', '王敏', '直属上级', '财务', '副总', '技术审批', '价格低于底线', '专线', '预算']) {
      expect([name, bytes.includes(name)]).toEqual([name, false])
    }
    expect(bytes).not.toMatch(/别家的合同|重庆啤酒|撤回的四期|liuqiang|zhang3|u1001/)
    const ids = [
      customerId,
      ...(await models().people.everybody()).map(person => person._id),
      ...(await models().contracts.model.find().lean()).flatMap(row => [row._id, row.caseId, row.number]),
      ...(await models().shares.model.find().lean()).map(row => row._id),
      ...(await models().projects.model.find().lean()).map(row => row._id),
    ]
    for (const id of ids) expect([id, bytes.includes(id)]).toEqual([id, false])
    expect(page.headers.get('set-cookie')).toBeNull()
  })

  test('is not indexed, not kept and tells no other site where it came from', async () => {
    const { headers } = await customer.go(await share())
    expect(headers.get('x-robots-tag')).toBe('noindex')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('content-security-policy')).toContain("default-src 'self'")
  })

  test('moves with the work: a step done on H5 shows at once', async () => {
    const path = await share()
    const detail = (await owner.query<CustomerDetail>('customers.get', { customerId })).body
    const [project] = detail.projects
    const before = (await customer.go(path)).text
    const done = await owner.command('projects.completeStep', {
      projectId: project?.id,
      stepId: project?.steps[0]?.id,
      done: true,
    })
    expect(done.status).toBe(200)
    const after = (await customer.go(path)).text
    expect(before).toContain('第 2 步 / 共 6 步 · 资源勘察')
    expect(after).toContain('第 3 步 / 共 6 步 · 设备采购')
  })

  test('a step marked done twice keeps its first time and is told once', async () => {
    const [project] = (await owner.query<CustomerDetail>('customers.get', { customerId })).body.projects
    const input = { projectId: project?.id, stepId: project?.steps[1]?.id, done: true }
    await owner.command('projects.completeStep', input)
    const first = (await models().projects.byId(project?.id ?? ''))?.steps[1]?.doneAt
    await world.advance(60_000)
    expect((await owner.command('projects.completeStep', input)).status).toBe(200)
    expect((await models().projects.byId(project?.id ?? ''))?.steps[1]?.doneAt).toEqual(first)
    expect(await models().timeline.model.countDocuments({ title: '设备采购已完成' })).toBe(1)
  })

  test('views are counted for the owner', async () => {
    const path = await share()
    for (let view = 0; view < 3; view += 1) await customer.go(path)
    const { shares } = (await owner.query<CustomerDetail>('customers.get', { customerId })).body
    expect(shares.map(row => row.views)).toContain(3)
    const newest = [...shares].sort((a, b) => b.createdAt - a.createdAt)[0]
    expect(newest).toMatchObject({ views: 3, createdBy: { name: '张三' } })
    expect(newest?.lastViewedAt).toBeGreaterThan(0)
  })

  test('opening it decides nothing', async () => {
    const path = await share()
    const before = [await models().steps.model.countDocuments(), await models().commandLog.model.countDocuments()]
    await customer.go(path)
    await customer.go(`${path}?decision=approve`)
    for (const method of ['POST', 'PUT', 'DELETE']) {
      expect((await customer.go(path, { method })).status).toBeGreaterThanOrEqual(400)
    }
    await world.settle()
    expect([await models().steps.model.countDocuments(), await models().commandLog.model.countDocuments()]).toEqual(before)
  })

  test('a customer without contracts gets a kind page', async () => {
    await world.say('zhang3', '新建线索 重庆空白公司 关羽 13812348888')
    await world.press('zhang3', '确认')
    await world.say('zhang3', '分享进度 重庆空白公司')
    const page = await customer.go(linkIn(world.lastText('zhang3')))
    expect(page.status).toBe(200)
    expect(page.text).toContain('目前还没有可以展示的项目')
    expect(page.text).not.toMatch(/空白|关羽/)
  })

  test('the database holds no token: whoever reads it cannot open pages', async () => {
    const token = (await share()).split('/').at(-1) ?? ''
    const { db } = models().connection
    for (const { name } of (await db?.listCollections().toArray()) ?? []) {
      const rows = JSON.stringify(await db?.collection(name).find().toArray())
      expect([name, rows.includes(token)]).toEqual([name, false])
    }
  })
})

describe('a link that is good no more', () => {
  test('撤销分享: 410 at once, for every link of that customer and no other', async () => {
    const [first, second] = [await share(), await share()]
    await world.say('zhang3', '分享进度 重庆啤酒')
    const other = linkIn(world.lastText('zhang3'))
    await world.say('zhang3', '撤销分享 长安汽车')
    expect(world.lastText('zhang3')).toContain('已撤销')
    expectGone(await customer.go(first))
    expectGone(await customer.go(second))
    expect((await customer.go(other)).status).toBe(200)
    await world.say('zhang3', '撤销分享 长安汽车')
    expect(world.lastText('zhang3')).toContain('没有有效的进度链接')
  })

  test('revoked on H5', async () => {
    const path = await share()
    const revoked = await owner.command<{ revoked: number }>('portal.revoke', { customerId })
    expect(revoked.body.revoked).toBe(1)
    expectGone(await customer.go(path))
  })

  test('a view of a revoked link is not counted', async () => {
    const path = await share()
    await customer.go(path)
    await world.say('zhang3', '撤销分享 长安汽车')
    await customer.go(path)
    const [newest] = await models().shares.ofCustomer(customerId)
    expect(newest?.views).toBe(1)
  })

  test('guessed, cut, prolonged or odd: the same page', async () => {
    const path = await share()
    const token = path.split('/').at(-1) ?? ''
    for (const wrong of [
      token.slice(0, -1),
      `${token}A`,
      token.replace(/./, first => (first === 'A' ? 'B' : 'A')),
      token.split('').reverse().join(''),
      'A'.repeat(43),
      'x',
      '__proto__',
      '$where',
      '%00',
      '..%2f..%2fetc%2fpasswd',
      '%E0%A4%A',
      '<script>',
      'x'.repeat(5000),
    ]) {
      expectGone(await customer.go(`/s/${wrong}`))
    }
    expect((await customer.go(path)).status).toBe(200)
  })

  test('one minute before 30 days it opens, then 410', async () => {
    const path = await share()
    await world.advance(30 * DAY_MS - 60_000)
    expect((await customer.go(path)).status).toBe(200)
    await world.advance(60_000)
    expectGone(await customer.go(path))
  })
})

test('an unknown customer is 404', async () => {
  const answer = await owner.command('portal.share', { customerId: 'nobody' })
  expect([answer.status, refusalCode(answer)]).toEqual([404, 'customer.unknown'])
})
