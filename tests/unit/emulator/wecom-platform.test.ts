import { afterEach, describe, expect, test } from '@jest/globals'
import { startWeComEmulator, type WeComEmulator, type WeComEmulatorOptions } from '../../../emulator/index.ts'
import { decisionCard, handClock, sampleCompany, sampleWeComApp, startFakeService, wecomClient } from './support.ts'

let platform: WeComEmulator
let clock: ReturnType<typeof handClock>
const services: { close(): Promise<void> }[] = []

async function start(options: Partial<WeComEmulatorOptions> = {}) {
  clock = handClock()
  const settings = { ...sampleWeComApp, company: sampleCompany, clock, retryDelayMs: 5, callbackTimeoutMs: 500, ...options }
  platform = await startWeComEmulator({ callbackUrl: 'http://127.0.0.1:1/cb', ...settings })
  return wecomClient(platform.baseUrl)
}

async function startWithService() {
  await start()
  const service = await startFakeService()
  services.push(service)
  platform.setCallbackUrl(service.url)
  return service
}

afterEach(async () => {
  await platform.close()
  await Promise.all(services.splice(0).map(service => service.close()))
})

const text = (touser: string) => ({ touser, msgtype: 'text', agentid: sampleWeComApp.agentId, text: { content: '你好' } })
const contents = (service: { received: { inner: string }[] }) =>
  service.received.map(({ inner }) => /<Content><!\[CDATA\[(.*?)\]\]>/.exec(inner)?.[1] ?? '')

describe('every request is held against its page', () => {
  test.each([
    ['a field the page does not know', 'message/send', { ...text('zhang3'), urgent: true }, 0, 'unknown_field urgent'],
    ['a value of another type', 'message/send', { ...text('zhang3'), touser: ['zhang3'] }, 40058, 'wrong_type touser'],
    ['a demanded field that is not there', 'message/send', { ...text('zhang3'), text: {} }, 44004, 'missing_field text.content'],
    [
      'a text that is too long',
      'message/send',
      { ...text('zhang3'), msgtype: 'textcard', textcard: { title: 'x'.repeat(129), description: 'd', url: 'https://a.cn' } },
      40058,
      'over_length textcard.title',
    ],
    [
      'a switch with a third value',
      'message/send',
      { ...text('zhang3'), enable_id_trans: 2 },
      40058,
      'wrong_type enable_id_trans',
    ],
    ['a group without members', 'appchat/create', { name: '群' }, 86006, 'missing_field userlist'],
  ])('%s is complained of, and refused where the platform refuses it', async (_, path, body, errcode, complaint) => {
    const api = await start()
    expect(await api.post(path, body)).toMatchObject({ errcode })
    expect(platform.violations.map(({ kind, field }) => `${kind} ${field}`)).toContain(complaint)
  })
})

describe('what a platform can do to us', () => {
  test('calls from an address that is not on the list are refused with that address; getting a token is not', async () => {
    const api = await start()
    platform.setTrustedIps(['203.0.113.9'])
    expect(await api.get('tag/list')).toMatchObject({ errcode: 60020, errmsg: expect.stringContaining('127.0.0.1') })
    expect((await wecomClient(platform.baseUrl)).token).toBe(api.token)
    platform.setTrustedIps(['127.0.0.1'])
    expect(await api.get('tag/list')).toMatchObject({ errcode: 0 })
  })

  test('an app that is switched off does nothing', async () => {
    const api = await start()
    platform.setEnabled(false)
    expect(await api.post('message/send', text('zhang3'))).toMatchObject({ errcode: 50003 })
  })

  test('tickets may be asked for a hundred times an hour; then the call is blocked for an hour', async () => {
    const api = await start()
    for (let index = 0; index < 100; index += 1) expect(await api.get('get_jsapi_ticket')).toMatchObject({ errcode: 0 })
    expect(await api.get('get_jsapi_ticket')).toMatchObject({ errcode: 45009 })
    expect(await api.get('tag/list')).toMatchObject({ errcode: 0 })
    clock.advance(59 * 60_000)
    expect(await api.get('get_jsapi_ticket')).toMatchObject({ errcode: 45009 })
    clock.advance(2 * 60_000)
    expect(await api.get('get_jsapi_ticket')).toMatchObject({ errcode: 0 })
  })

  test('two hundred messages a day for each account, then none until midnight', async () => {
    const api = await start({ accountLimit: 1 })
    const people = platform.people.map(({ userId }) => userId)
    for (let sent = 0; sent + people.length <= 200; sent += people.length) {
      expect(await api.post('message/send', text(people.join('|')))).toMatchObject({ errcode: 0 })
      clock.advance(61_000)
    }
    expect(await api.post('message/send', text(people.join('|')))).toMatchObject({ errcode: 45009 })
    clock.advance(24 * 3_600_000)
    const nextDay = await wecomClient(platform.baseUrl)
    expect(await nextDay.post('message/send', text('zhang3'))).toMatchObject({ errcode: 0 })
  })

  test('an answer may leave out its empty lists', async () => {
    const api = await start({ omitEmptyLists: true })
    const answer = await api.post('message/send', text('zhang3|nobody'))
    expect(answer).toMatchObject({ errcode: 0, invaliduser: 'nobody' })
    expect(answer).not.toHaveProperty('invalidparty')
  })
})

describe('what can happen to a callback on its way', () => {
  test('it comes twice, in another envelope', async () => {
    const service = await startWithService()
    platform.disturb({ kind: 'duplicate' })
    await platform.userSendsText('zhang3', 'A')
    expect(contents(service)).toEqual(['A', 'A'])
    expect(new Set(service.received.map(({ body }) => body)).size).toBe(2)
  })

  test('it comes late, after the next one, or never', async () => {
    const service = await startWithService()
    platform.disturb({ kind: 'reorder' })
    await platform.userSendsText('zhang3', 'A')
    await platform.userSendsText('zhang3', 'B')
    platform.disturb({ kind: 'drop' }, { kind: 'delay', ms: 40 })
    await platform.userSendsText('zhang3', 'lost')
    const { attempts } = await platform.userSendsText('zhang3', 'C')
    expect(contents(service)).toEqual(['B', 'A', 'C'])
    expect(attempts).toHaveLength(1)
  })

  test('our answer gets lost, and it comes again', async () => {
    const service = await startWithService()
    platform.disturb({ kind: 'lose_answer' })
    const delivery = await platform.userSendsText('zhang3', 'A')
    expect([contents(service), delivery.status, delivery.attempts.length]).toEqual([['A', 'A'], 200, 2])
  })
})

describe('the app menu', () => {
  const button = (name: string, more: Record<string, unknown> = {}) => ({ type: 'click', name, key: 'k', ...more })

  test('is kept, read back, and missing before it is made', async () => {
    const api = await start()
    const query = `?agentid=${sampleWeComApp.agentId}`
    expect(await api.get('menu/get', { agentid: String(sampleWeComApp.agentId) })).toMatchObject({ errcode: 46003 })
    const create = async (menu: unknown) =>
      (
        await fetch(`${platform.baseUrl}/cgi-bin/menu/create${query}&access_token=${api.token}`, {
          method: 'POST',
          body: JSON.stringify({ button: menu }),
        })
      ).json()
    const refusals = [
      [40016, Array.from({ length: 4 }, () => button('四个'))],
      [40018, [button('这个名字太长')]],
      [40019, [button('没有键', { key: '' })]],
      [40020, [{ type: 'view', name: '页面', url: 'not a url' }]],
      [40023, [{ name: '更多', sub_button: Array.from({ length: 6 }, () => button('六个')) }]],
    ] as const
    for (const [errcode, menu] of refusals) expect(await create(menu)).toMatchObject({ errcode })
    const menu = [
      button('待办'),
      { name: '更多', sub_button: [{ type: 'view', name: '打开客联', url: 'https://crm.example.com/m/' }] },
    ]
    expect(await create(menu)).toMatchObject({ errcode: 0 })
    expect(await api.get('menu/get', { agentid: String(sampleWeComApp.agentId) })).toMatchObject({ errcode: 0, button: menu })
  })
})

describe('customers in the members’ address books', () => {
  const customers = [
    { externalId: 'wmA', name: '张伟', follows: [{ userId: 'zhang3', remark: '长安张总', mobiles: ['13812345678'] }] },
    { externalId: 'wmB', name: '王芳', corpName: '长安福特', follows: [{ userId: 'zhang3' }, { userId: 'li4' }] },
  ]

  test('are listed, read with remark and mobiles, and remarked upon', async () => {
    const api = await start({ customers })
    expect(await api.get('externalcontact/list', { userid: 'zhang3' })).toMatchObject({ external_userid: ['wmA', 'wmB'] })
    expect(await api.get('externalcontact/list', { userid: 'sunli' })).toMatchObject({ errcode: 84061 })
    const body = { userid: 'zhang3', external_userid: 'wmA', remark_mobiles: ['13900000000'] }
    expect(await api.post('externalcontact/remark', body)).toMatchObject({ errcode: 0 })
    expect(await api.get('externalcontact/get', { external_userid: 'wmA' })).toMatchObject({
      external_contact: { name: '张伟', type: 1 },
      follow_user: [{ userid: 'zhang3', remark: '长安张总', remark_mobiles: ['13900000000'] }],
    })
    const all = await api.post('externalcontact/batch/get_by_user', { userid_list: ['zhang3', 'li4'], limit: 2 })
    expect(all).toMatchObject({ errcode: 0, external_contact_list: { length: 2 }, next_cursor: '2' })
  })

  test('are nobody’s business without the permission', async () => {
    const api = await start({ customers, canCustomer: false })
    expect(await api.get('externalcontact/get_follow_user_list')).toMatchObject({ errcode: 48002 })
  })

  test('a visitor of our pages who is a customer comes with that id', async () => {
    const api = await start({ customers })
    const query = new URLSearchParams({
      appid: sampleWeComApp.corpId,
      redirect_uri: 'http://127.0.0.1/cb',
      response_type: 'code',
      state: 'a',
      as: 'visitor:o-wmA',
    })
    const page = await fetch(`${platform.baseUrl}/connect/oauth2/authorize?${query}`, { redirect: 'manual' })
    const code = new URL(page.headers.get('location') ?? '').searchParams.get('code') ?? ''
    expect(await api.get('auth/getuserinfo', { code })).toMatchObject({ openid: 'o-wmA', external_userid: 'wmA' })
  })
})

describe('groups of the app', () => {
  test('only an app that everybody may see has them, and no interactive card goes there', async () => {
    const narrow = await start({ seesEverybody: false })
    expect(await narrow.post('appchat/create', { name: '群', userlist: ['zhang3', 'li4'] })).toMatchObject({ errcode: 48002 })
    await platform.close()
    const api = await start()
    const chat = { name: '群', userlist: ['zhang3', 'li4'], chatid: 'kelian1' }
    expect(await api.post('appchat/create', chat)).toMatchObject({ errcode: 0, chatid: 'kelian1' })
    expect(await api.post('appchat/create', chat)).toMatchObject({ errcode: 86215 })
    const { template_card } = decisionCard('c1') as { template_card: unknown }
    const card = { chatid: 'kelian1', msgtype: 'template_card', template_card }
    expect(await api.post('appchat/send', card)).toMatchObject({ errcode: 40008 })
  })
})

describe('choices on a card', () => {
  test('what a person chose comes with the click', async () => {
    const service = await startWithService()
    const api = await wecomClient(platform.baseUrl)
    const card = {
      card_type: 'vote_interaction',
      task_id: 'v1',
      main_title: { title: '选择客户' },
      checkbox: {
        question_key: 'customer',
        mode: 0,
        option_list: [
          { id: 'a', text: '甲' },
          { id: 'b', text: '乙' },
        ],
      },
      submit_button: { text: '选好了', key: 'pick' },
    }
    const body = { touser: 'zhang3', msgtype: 'template_card', agentid: sampleWeComApp.agentId, template_card: card }
    expect(await api.post('message/send', body)).toMatchObject({ errcode: 0, response_code: expect.any(String) })
    expect(platform.view('zhang3')[0]?.card?.questions).toEqual([
      {
        key: 'customer',
        title: '',
        many: false,
        options: [
          { id: 'a', text: '甲' },
          { id: 'b', text: '乙' },
        ],
      },
    ])
    await platform.userClicksCard('zhang3', 'v1', 'pick', { customer: ['b'] })
    expect(service.received.at(-1)?.inner).toContain('<OptionId><![CDATA[b]]></OptionId>')
  })
})
