import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { CustomerRow } from '../../common/contract/customers.ts'
import type { LeadCreated } from '../../common/contract/leads.ts'
import type { Page } from '../../common/contract/page.ts'
import type { Me } from '../../common/contract/people.ts'
import { openClient, originOf, type Refusal, refusalCode, type WebClient } from '../support/web-client.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
/** 张三 and 王五 are of different departments. */
let zhang3: WebClient
let wang5: WebClient
let visitor: WebClient

beforeAll(async () => {
  world = await startWorld()
  ;[zhang3, wang5, visitor] = [openClient(world), openClient(world), openClient(world)]
  await zhang3.loginWeCom('zhang3')
  await wang5.loginWeCom('wang5')
})
afterAll(() => world.close())

const models = () => world.service.services.models
const whoIs = async (client: WebClient) => (await client.go<Me>('/api/me')).body.person?.name
const lead = (n: number, more: object = {}) => ({
  company: `重庆接口${n}号科技`,
  contact: '钱多',
  phone: `1390002${String(n).padStart(4, '0')}`,
  ...more,
})
const upload = (client: WebClient, name: string, bytes: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  client.go<{ id: string; name: string; sizeBytes: number } & Refusal>(`/api/files?name=${encodeURIComponent(name)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/pdf', ...headers },
    body: bytes,
  })

describe('login', () => {
  test('through WeCom, and a deep link survives it', async () => {
    const client = openClient(world)
    const landed = await client.loginWeCom('li4', '/m/#/customers/abc?x=1')
    expect(landed.status).toBe(302)
    expect(landed.headers.get('location')).toBe('/m/#/customers/abc?x=1')
    expect(await whoIs(client)).toBe('李四')
  })

  test('inside DingTalk with its client code, which is good once', async () => {
    const client = openClient(world)
    const code = world.dingtalk.requestAuthCode('u1030')
    const login = () =>
      client.go('/api/auth/dingtalk', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code }),
      })
    expect((await login()).status).toBe(200)
    expect(await whoIs(client)).toBe('陈涛')
    const again = await login()
    expect([again.status, refusalCode(again)]).toEqual([401, 'auth.code_invalid'])
    expect(await whoIs(client)).toBe('陈涛')
  })

  test('in a browser through DingTalk, as the same person as on WeCom', async () => {
    const client = openClient(world)
    const away = await client.go('/api/auth/dingtalk?to=/admin/')
    const page = new URL(away.headers.get('location') ?? '')
    page.searchParams.set('as', 'u1001')
    const back = await client.go(page.href)
    const landed = await client.go(back.headers.get('location') ?? '')
    expect(landed.headers.get('location')).toBe('/admin/')
    expect((await client.go<Me>('/api/me')).body.person).toMatchObject({ name: '张三', platforms: ['wecom', 'dingtalk'] })
  })

  test('the address a browser came back with is fetched twice: the session stays, no second one arises', async () => {
    const client = openClient(world)
    const away = await client.go('/api/auth/wecom?to=/m/%23/todos')
    const page = new URL(away.headers.get('location') ?? '')
    page.searchParams.set('as', 'sunli')
    const callback = (await client.go(page.href)).headers.get('location') ?? ''
    await client.go(callback)
    const session = client.cookies.get('kelian_session')
    const again = await client.go(callback)
    expect(again.headers.get('location')).toBe('/m/#/todos')
    expect(client.cookies.get('kelian_session')).toBe(session)
    expect(await whoIs(client)).toBe('孙丽')
  })

  test('a stolen callback address opens nothing in another browser', async () => {
    const client = openClient(world)
    const away = await client.go('/api/auth/wecom')
    const page = new URL(away.headers.get('location') ?? '')
    page.searchParams.set('as', 'wangmin')
    const callback = (await client.go(page.href)).headers.get('location') ?? ''
    const thief = openClient(world)
    const stolen = await thief.go(callback)
    expect(stolen.headers.get('location')).toContain('login_error=auth.state_invalid')
    expect(thief.cookies.size).toBe(0)
    expect((await thief.go('/api/me')).status).toBe(401)
  })

  test('a used code with a state of one’s own opens nothing', async () => {
    const client = openClient(world)
    const away = await client.go('/api/auth/wecom')
    const state = new URL(away.headers.get('location') ?? '').searchParams.get('state')
    const landed = await client.go(`/api/auth/wecom/callback?code=guessed&state=${state}`)
    expect(landed.headers.get('location')).toContain('login_error=auth.code_invalid')
    expect((await client.go('/api/me')).status).toBe(401)
  })

  test.each([
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    '/m/../..//evil.example',
    '/m/%2e%2e//evil.example',
    '/m/\n/evil.example',
    'javascript:alert(1)',
    `/m/#/${'x'.repeat(5000)}`,
  ])('a login does not lead to %j', async to => {
    const client = openClient(world)
    const landed = await client.loginWeCom('li4', to)
    expect(landed.headers.get('location')).toBe('/m/')
    expect(await whoIs(client)).toBe('李四')
  })

  test('a person of WeChat who is no member is refused', async () => {
    const client = openClient(world)
    const landed = await client.loginWeCom('visitor:openid123')
    expect(landed.headers.get('location')).toContain('login_error=auth.not_member')
    expect((await client.go('/api/me')).status).toBe(401)
  })

  test('logout ends the session; another site cannot do it', async () => {
    const client = openClient(world)
    await client.loginWeCom('li4')
    const foreign = await client.go('/api/auth/logout', { method: 'POST', headers: { origin: 'https://evil.example' } })
    expect([foreign.status, refusalCode(foreign)]).toEqual([403, 'http.foreign_origin'])
    expect(await whoIs(client)).toBe('李四')
    await client.go('/api/auth/logout', { method: 'POST', headers: { origin: originOf(world) } })
    expect((await client.go('/api/me')).status).toBe(401)
  })

  test('a session cookie changed by one letter is worth nothing', async () => {
    const client = openClient(world)
    await client.loginWeCom('li4')
    const cookie = client.cookies.get('kelian_session') ?? ''
    client.cookies.set('kelian_session', cookie.replace(/.$/, last => (last === 'A' ? 'B' : 'A')).replace(/\./, '.x'))
    expect((await client.go('/api/me')).status).toBe(401)
  })
})

describe('refusals', () => {
  test('who is not logged in learns nothing: 401 with a code, for every call', async () => {
    const answers = await Promise.all([
      visitor.go('/api/me'),
      visitor.query('customers.search', {}),
      visitor.query('no.such.query'),
      visitor.command('leads.create', lead(0)),
      visitor.command('no.such.command', {}),
      visitor.go('/api/files/abc'),
      upload(visitor, 'a.pdf', new Uint8Array([1])),
    ])
    for (const answer of answers) expect([answer.status, refusalCode(answer)]).toEqual([401, 'auth.required'])
  })

  test.each(['no.such', '__proto__', 'constructor', 'toString', 'hasOwnProperty', '$where', '%00', 'x'.repeat(3000)])(
    'an unknown name %j is 404',
    async name => {
      for (const answer of [await zhang3.go(`/api/queries/${name}`), await zhang3.command(name, {})]) {
        expect([answer.status, refusalCode(answer)]).toEqual([404, 'command.unknown'])
      }
    },
  )

  test('admin matters are refused to others', async () => {
    for (const [kind, name] of [
      ['query', 'people.list'],
      ['query', 'work.deadLetters'],
      ['query', 'settings.get'],
      ['command', 'people.assign'],
      ['command', 'people.link'],
      ['command', 'work.replay'],
      ['command', 'settings.update'],
    ] as const) {
      const answer = await zhang3[kind](name, {})
      expect([name, answer.status, refusalCode(answer)]).toEqual([name, 403, 'auth.admin_only'])
    }
  })

  test('a page of another site cannot write', async () => {
    const before = await models().leads.model.countDocuments()
    for (const origin of ['https://evil.example', 'null', originOf(world).replace('localhost', 'localhost.evil.example')]) {
      const answer = await zhang3.go('/api/commands/leads.create', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'foreign-origin', origin },
        body: JSON.stringify(lead(1)),
      })
      expect([answer.status, refusalCode(answer)]).toEqual([403, 'http.foreign_origin'])
    }
    expect(await models().leads.model.countDocuments()).toBe(before)
  })

  test('a body that is no JSON object, or none at all, is 400 and nothing is written', async () => {
    const before = await models().leads.model.countDocuments()
    for (const body of ['{', '"text"', '12', 'null', '[]', '[1,2]', '', '{"company":']) {
      const answer = await zhang3.go('/api/commands/leads.create', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'broken-body' },
        body,
      })
      expect([body, answer.status]).toEqual([body, 400])
      expect((answer.body as Refusal).error.message).toMatch(/[一-龥]/)
    }
    const form = await zhang3.go('/api/commands/leads.create', {
      method: 'POST',
      headers: { 'content-type': 'text/plain', 'idempotency-key': 'broken-body' },
      body: JSON.stringify(lead(1)),
    })
    expect(form.status).toBe(400)
    expect(await models().leads.model.countDocuments()).toBe(before)
  })

  test('a body of more than a megabyte is 413', async () => {
    const answer = await zhang3.command('leads.create', lead(1, { interest: 'x'.repeat(1_100_000) }))
    expect([answer.status, refusalCode(answer)]).toEqual([413, 'http.body_too_large'])
  })

  test('a press without Idempotency-Key is 400', async () => {
    const answer = await zhang3.go('/api/commands/leads.create', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(lead(1)),
    })
    expect([answer.status, refusalCode(answer)]).toEqual([400, 'http.idempotency_key'])
  })

  const QUERIES: Record<string, object> = {
    'customers.search': { q: '' },
    'customers.get': { customerId: 'x' },
    'customers.timeline': { customerId: 'x' },
    'leads.duplicates': { company: '', phone: '' },
    'drafts.get': { draftId: 'x' },
    'contracts.route': { type: '专线', amount: '1万' },
    'approvals.list': { box: 'waiting' },
    'approvals.get': { caseId: 'x' },
    'approvals.log': { caseId: 'x' },
    'requests.form': { key: 'x' },
    'todos.list': { state: 'open' },
    'people.search': { q: '' },
  }
  const COMMANDS: Record<string, object> = {
    'leads.create': lead(2),
    'activities.create': { customerId: 'x', text: 'y' },
    'contracts.submit': { customerId: 'x', title: 'y', type: '专线', amount: '1万' },
    'approvals.decide': { caseId: 'x', decision: 'approve' },
    'approvals.transfer': { caseId: 'x', toPersonId: 'y' },
    'approvals.return': { caseId: 'x', to: 'y', reason: 'z' },
    'approvals.resubmit': { caseId: 'x', comment: 'y' },
    'approvals.addSign': { caseId: 'x', personIds: ['y'], placement: 'before' },
    'approvals.removeSign': { caseId: 'x', personIds: ['y'] },
    'approvals.comment': { caseId: 'x', text: 'y' },
    'approvals.copy': { caseId: 'x', personIds: ['y'] },
    'approvals.retract': { caseId: 'x' },
    'approvals.batchDecide': { items: [{ caseId: 'x' }], decision: 'approve' },
    'approvals.urge': { caseId: 'x' },
    'approvals.withdraw': { caseId: 'x', reason: 'y' },
    'requests.submit': { key: 'x', form: { title: 'y' }, customerId: 'z' },
    'portal.share': { customerId: 'x' },
    'portal.revoke': { customerId: 'x' },
    'projects.completeStep': { projectId: 'x', stepId: 'y', done: true },
    'todos.complete': { todoId: 'x' },
  }
  const HOSTILE: unknown[] = [{ $gt: '' }, { $where: 'sleep(1000)' }, ['a', 'b'], 12, true, 'x'.repeat(100_000)]

  test.each([
    ...Object.entries(QUERIES).map(row => ['query', ...row] as const),
    ...Object.entries(COMMANDS).map(row => ['command', ...row] as const),
  ])('%s %s takes no operators, wrong types or huge strings', async (kind, name, right) => {
    const steady = await zhang3[kind](name, right)
    expect(steady.status).not.toBe(500)
    for (const field of Object.keys(right)) {
      if (field === 'done' || field === 'form') continue
      const isList = Array.isArray(right[field as never])
      const hostiles = HOSTILE.filter(
        value => !(isList && Array.isArray(value)) && (kind === 'command' || typeof value !== 'string'),
      )
      for (const hostile of hostiles) {
        const answer = await zhang3[kind](name, { ...right, [field]: hostile })
        expect([field, hostile, answer.status]).toEqual([field, hostile, 400])
        const { error } = answer.body as Refusal
        expect(error.code).toBe('input.invalid')
        expect(Object.keys(error.fields ?? {})[0]).toContain(field)
      }
    }
  })

  test('prototype keys in an input do nothing', async () => {
    const answer = await zhang3.go('/api/commands/leads.create', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'prototype-keys' },
      body: `{"__proto__":{"anyway":true,"company":"盗"},"constructor":{"prototype":{"polluted":1}},"contact":"钱多","phone":"13900020003"}`,
    })
    expect(answer.status).toBe(400)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    const query = await zhang3.go(`/api/queries/customers.search?input=${encodeURIComponent('{"__proto__":{"limit":5000}}')}`)
    expect(query.status).toBe(200)
  })

  test.each(['[]', '"x"', '12', 'null', '{', ''])('a query input %j is 400', async input => {
    const answer = await zhang3.go(`/api/queries/customers.search?input=${encodeURIComponent(input)}`)
    expect(answer.status).toBe(400)
  })

  test.each([
    'x',
    Buffer.from('[1e300,"a"]').toString('base64url'),
    Buffer.from('[-1e300,"a"]').toString('base64url'),
    Buffer.from('["now","a"]').toString('base64url'),
    Buffer.from('[1,{"$gt":""}]').toString('base64url'),
    Buffer.from('{"at":1}').toString('base64url'),
  ])('a made-up cursor %j is 400', async cursor => {
    for (const name of ['customers.search', 'todos.list', 'approvals.list']) {
      const answer = await zhang3.query(name, { cursor })
      expect([name, answer.status, refusalCode(answer)]).toEqual([name, 400, 'page.bad_cursor'])
    }
  })

  test('what is wrong in a form is said in Chinese, field by field', async () => {
    const answer = await zhang3.command('leads.create', { company: '', contact: 5, phone: '12' })
    const { fields = {} } = (answer.body as Refusal).error
    expect(Object.keys(fields).sort()).toEqual(['company', 'contact'])
    for (const sentence of Object.values(fields)) expect(sentence).toMatch(/[一-龥]/)
  })
})

describe('Idempotency-Key', () => {
  test('the same key gives the first result, another key another record', async () => {
    const first = await zhang3.command<LeadCreated>('leads.create', lead(10), 'one-press-0001')
    expect(first.status).toBe(200)
    const again = await zhang3.command<LeadCreated>('leads.create', lead(10), 'one-press-0001')
    expect([again.status, again.body]).toEqual([200, first.body])
    const other = await zhang3.command<LeadCreated>('leads.create', lead(10, { anyway: true }), 'one-press-0002')
    expect(other.body.leadId).not.toBe(first.body.leadId)
    expect(await models().leads.model.countDocuments({ company: lead(10).company })).toBe(2)
  })

  test('ten presses at the same moment write one record and all get its number', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => zhang3.command<LeadCreated>('leads.create', lead(11), 'ten-at-once-01')),
    )
    expect(answers.map(answer => answer.status)).toEqual(Array(10).fill(200))
    expect(new Set(answers.map(answer => answer.body.leadId)).size).toBe(1)
    expect(await models().leads.model.countDocuments({ company: lead(11).company })).toBe(1)
  })

  test('a refusal does not spend the key', async () => {
    const refused = await zhang3.command('leads.create', lead(12, { phone: '1' }), 'first-refused-1')
    expect(refused.status).toBe(400)
    const mended = await zhang3.command('leads.create', lead(12), 'first-refused-1')
    expect(mended.status).toBe(200)
  })

  test('the same key of another person is another press', async () => {
    const mine = await zhang3.command<LeadCreated>('leads.create', lead(13), 'shared-key-0001')
    const yours = await wang5.command<LeadCreated>('leads.create', lead(14), 'shared-key-0001')
    expect([mine.status, yours.status]).toEqual([200, 200])
    expect(yours.body.leadId).not.toBe(mine.body.leadId)
  })
})

describe('what belongs to somebody else', () => {
  let customerId = ''
  let caseId = ''
  let draftId = ''

  beforeAll(async () => {
    customerId = (await zhang3.command<LeadCreated>('leads.create', lead(20))).body.customerId
    const submitted = await zhang3.command<{ caseId: string }>('contracts.submit', {
      customerId,
      title: '机密合同',
      type: '其他',
      amount: '3万',
    })
    caseId = submitted.body.caseId
    await world.settle()
    await world.say('zhang3', `写跟进 ${lead(20).company} 只有我知道`)
    const draft = await models().talk.drafts.findOne({ kind: 'activity', status: 'open' }).lean()
    draftId = draft?._id ?? ''
  })

  test('a customer: owner and date, and nothing else in any byte', async () => {
    for (const answer of [
      await wang5.query('customers.get', { customerId }),
      await wang5.query('customers.timeline', { customerId }),
      await wang5.command('activities.create', { customerId, text: '越权' }),
      await wang5.command('contracts.submit', { customerId, title: '越权', type: '其他', amount: '1万' }),
      await wang5.command('portal.share', { customerId }),
      await wang5.command('portal.revoke', { customerId }),
    ]) {
      expect([answer.status, refusalCode(answer)]).toEqual([403, 'customer.not_visible'])
      expect(answer.text).toContain('张三')
      expect(answer.text).not.toMatch(/接口20|钱多|13900020020|机密/)
    }
    const found = await wang5.query('customers.search', { q: '接口20' })
    expect(found.body).toEqual({ items: [], nextCursor: null })
  })

  test('an approval: neither read nor decided', async () => {
    const answers = [
      await wang5.query('approvals.get', { caseId }),
      await wang5.command('approvals.decide', { caseId, decision: 'approve' }),
      await wang5.command('approvals.withdraw', { caseId }),
      await wang5.command('approvals.urge', { caseId }),
    ]
    for (const answer of answers) {
      expect(answer.status).toBe(403)
      expect(answer.text).not.toMatch(/机密|接口20|30000|3,000|30,000/)
    }
    expect((await models().cases.byId(caseId))?.revision).toBe(1)
  })

  test('a draft is not shown', async () => {
    expect((await zhang3.query<{ values: { text: string } }>('drafts.get', { draftId })).body.values.text).toBe('只有我知道')
    const foreign = await wang5.query('drafts.get', { draftId })
    expect(foreign.body).toBeNull()
    expect(foreign.text).toBe('null')
  })

  test('a draft is not finished by others', async () => {
    const own = (await wang5.command<LeadCreated>('leads.create', lead(21))).body.customerId
    for (const answer of [
      await wang5.command('activities.create', { customerId: own, text: '借用别人的草稿', draftId }),
      await wang5.command('leads.create', lead(22, { draftId })),
      await wang5.command('contracts.submit', { customerId: own, title: '借用', type: '其他', amount: '1万', draftId }),
    ]) {
      expect([answer.status, refusalCode(answer)]).toEqual([403, 'draft.not_yours'])
    }
    expect((await models().talk.draft(draftId))?.status).toBe('open')
    expect(await models().activities.model.countDocuments({ text: '借用别人的草稿' })).toBe(0)
  })

  test('a to-do is not ticked by others', async () => {
    const todo = await models().todos.model.findOne({ customerId, kind: 'follow_up' }).lean()
    const answer = await wang5.command('todos.complete', { todoId: todo?._id })
    expect([answer.status, refusalCode(answer)]).toEqual([403, 'todo.not_yours'])
    expect(answer.text).not.toContain('接口20')
  })

  test('a file is given only to who may see a record it hangs on', async () => {
    const bytes = new TextEncoder().encode('%PDF-1.4 机密报价')
    const file = await upload(zhang3, '报价.pdf', bytes)
    expect(file.status).toBe(200)
    expect((await wang5.go(`/api/files/${file.body.id}`)).status).toBe(404)
    const submitted = await zhang3.command<{ caseId: string }>('contracts.submit', {
      customerId,
      title: '带附件',
      type: '其他',
      amount: '2万',
      attachmentIds: [file.body.id],
    })
    expect(submitted.status).toBe(200)
    await world.settle()
    const approver = openClient(world)
    await approver.loginWeCom('liuqiang')
    const read = await approver.go(`/api/files/${file.body.id}`)
    expect([read.status, read.text]).toEqual([200, '%PDF-1.4 机密报价'])
    expect(read.headers.get('content-disposition')).toMatch(/^attachment/)
    expect((await wang5.go(`/api/files/${file.body.id}`)).status).toBe(404)
    const stolen = await wang5.command('contracts.submit', {
      customerId: (await wang5.command<LeadCreated>('leads.create', lead(23))).body.customerId,
      title: '借附件',
      type: '其他',
      amount: '1万',
      attachmentIds: [file.body.id],
    })
    expect([stolen.status, refusalCode(stolen)]).toEqual([400, 'file.unknown'])
  })
})

describe('files', () => {
  test('an empty one is refused', async () => {
    const answer = await upload(zhang3, 'a.pdf', new Uint8Array())
    expect([answer.status, refusalCode(answer)]).toEqual([400, 'file.empty'])
  })

  test.each([20 * 1024 * 1024 + 1, 24 * 1024 * 1024])('one of %i bytes is answered 413 and not stored', async size => {
    const answer = await upload(zhang3, 'big.bin', new Uint8Array(size))
    expect([answer.status, refusalCode(answer)]).toEqual([413, 'file.too_large'])
  })

  test('one of exactly 20 MB is taken', async () => {
    const answer = await upload(zhang3, 'full.bin', new Uint8Array(20 * 1024 * 1024))
    expect(answer.body.sizeBytes).toBe(20 * 1024 * 1024)
  })

  test.each([
    ['../../etc/passwd', '.._.._etc_passwd'],
    ['a"\r\nSet-Cookie: x=1.pdf', 'a" Set-Cookie: x=1.pdf'],
    ['😀\u202egpj.exe', '😀gpj.exe'],
    ['长'.repeat(300), '长'.repeat(120)],
  ])('the name %j is kept as %j and breaks no header', async (name, kept) => {
    const file = await upload(zhang3, name, new Uint8Array([1, 2, 3]))
    expect(file.body.name).toBe(kept)
    const read = await zhang3.go(`/api/files/${file.body.id}`)
    expect(read.status).toBe(200)
    expect(read.headers.get('set-cookie')).toBeNull()
    expect(decodeURIComponent(read.headers.get('content-disposition')?.split("''")[1] ?? '')).toBe(kept)
  })

  test('a file without a name is refused', async () => {
    const answer = await upload(zhang3, ' \u200b ', new Uint8Array([1]))
    expect([answer.status, refusalCode(answer)]).toEqual([400, 'file.no_name'])
  })

  test('the same press twice, even at the same moment, stores one file', async () => {
    const press = () => upload(zhang3, 'once.pdf', new Uint8Array([7, 7]), { 'idempotency-key': 'upload-press-1' })
    const answers = await Promise.all([press(), press(), press()])
    answers.push(await press())
    expect(answers.map(answer => answer.status)).toEqual([200, 200, 200, 200])
    expect(new Set(answers.map(answer => answer.body.id)).size).toBe(1)
  })
})

describe('pages', () => {
  test('a thousand rows come without loss or repetition, also with equal times', async () => {
    const li4 = openClient(world)
    await li4.loginWeCom('li4')
    const ownerId = (await li4.go<Me>('/api/me')).body.person.id
    const at = Date.now()
    await models().customers.model.insertMany(
      Array.from({ length: 1000 }, (_, n) => ({
        _id: `page-${n}`,
        name: `分页客户${n}`,
        nameKey: `分页客户${n}`,
        grams: [`分页客户${n}`],
        initials: [],
        stage: '潜在',
        source: '导入',
        tags: [],
        ownerId,
        ownerSince: new Date(at),
        createdAt: new Date(at),
        lastActivityAt: new Date(at - Math.floor(n / 250) * 1000),
      })),
    )
    const seen: string[] = []
    let cursor: string | null | undefined
    do {
      const page = await li4.query<Page<CustomerRow>>('customers.search', { limit: 70, ...(cursor && { cursor }) })
      seen.push(...page.body.items.map(row => row.id))
      cursor = page.body.nextCursor
    } while (cursor)
    expect(seen).toHaveLength(1000)
    expect(new Set(seen).size).toBe(1000)
  })

  test('a search for nothing that can be searched finds nothing', async () => {
    for (const q of ['.*', '***', '$', '()[]']) {
      expect((await zhang3.query<Page<CustomerRow>>('customers.search', { q })).body.items).toEqual([])
    }
    expect((await zhang3.query<Page<CustomerRow>>('customers.search', { q: '  ' })).body.items.length).toBeGreaterThan(0)
  })

  test.each([0, -1, 101, 1e9, 'all'])('a page of %j rows is refused', async limit => {
    expect((await zhang3.query('customers.search', { limit })).status).toBe(400)
  })
})
