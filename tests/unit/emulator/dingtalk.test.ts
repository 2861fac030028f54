import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { DWClient, EventAck } from 'dingtalk-stream'
import { WebSocket } from 'ws'
import { type DingTalkEmulator, startDingTalkEmulator } from '../../../emulator/index.ts'
import { dingtalkClient, handClock, robotCard, sampleCompany, sampleDingTalkApp } from './support.ts'

const MESSAGES = '/v1.0/im/bot/messages/get'
const CARDS = '/v1.0/card/instances/callback'

let clock: ReturnType<typeof handClock>
let platform: DingTalkEmulator
let clients: DWClient[]

beforeEach(async () => {
  // The SDK writes to the console whatever happens.
  jest.spyOn(console, 'info').mockImplementation(() => undefined)
  jest.spyOn(console, 'warn').mockImplementation(() => undefined)
  clock = handClock()
  clients = []
  const short = { messageTimeoutMs: 700, cardTimeoutMs: 700 }
  platform = await startDingTalkEmulator({ ...sampleDingTalkApp, ...short, clock, company: sampleCompany })
})

afterEach(async () => {
  for (const client of clients) client.disconnect()
  await platform.close()
  jest.restoreAllMocks()
})

type Internals = { config: { subscriptions: unknown[]; endpoint?: unknown }; dw_url?: string }

/** The unmodified SDK, pointed here by its one overridable method. */
async function connectSdk(listen: (client: DWClient) => void) {
  const { clientId, clientSecret } = sampleDingTalkApp
  const options = { clientId, clientSecret, autoReconnect: false, subscriptions: [] }
  const client = new DWClient(options)
  const internals = client as unknown as Internals
  client.getEndpoint = async () => {
    const body = JSON.stringify({ clientId, clientSecret, subscriptions: internals.config.subscriptions })
    const answer = await fetch(`${platform.baseUrl}/v1.0/gateway/connections/open`, { method: 'POST', body })
    const { endpoint, ticket } = (await answer.json()) as { endpoint: string; ticket: string }
    internals.config.endpoint = { endpoint, ticket }
    internals.dw_url = `${endpoint}?ticket=${ticket}`
    return client
  }
  listen(client)
  clients.push(client)
  await client.connect()
  return client
}

/** A client that acks every frame of a topic with the given answer and keeps what it got. */
async function listenTo(topic: string, answer: unknown = {}) {
  const got: Record<string, unknown>[] = []
  await connectSdk(client =>
    client.registerCallbackListener(topic, frame => {
      got.push(JSON.parse(frame.data))
      client.socketCallBackResponse(frame.headers.messageId, answer)
    }),
  )
  return got
}

describe('stream', () => {
  test('the unmodified SDK connects, gets a message with its reply address, and acks it', async () => {
    const got = await listenTo(MESSAGES)
    const push = await platform.userSendsText('u1001', '查 长安')
    expect(push).toMatchObject({ acked: true, response: {} })
    expect(got).toMatchObject([{ senderStaffId: 'u1001', conversationType: '1', msgtype: 'text', text: { content: '查 长安' } }])
    const webhook = String(got[0]?.sessionWebhook)
    const reply = async () =>
      (await fetch(webhook, { method: 'POST', body: JSON.stringify({ msgtype: 'text', text: { content: '好' } }) })).json()
    expect(await reply()).toMatchObject({ errcode: 0 })
    expect(platform.view('u1001').map(({ text }) => text)).toEqual(['好'])
    clock.advance(90 * 60_000 + 1)
    expect(await reply()).not.toMatchObject({ errcode: 0 })
  })

  test('a redelivered message keeps its message id', async () => {
    const got = await listenTo(MESSAGES)
    await platform.redeliver(await platform.userSendsText('u1001', '待办'))
    expect(got).toHaveLength(2)
    expect(got[0]?.msgId).toBe(got[1]?.msgId)
  })

  test('in a group the words come with a leading space and the group id', async () => {
    const got = await listenTo(MESSAGES)
    await platform.userSendsTextInGroup('u1001', 'cidG==', '查 长安')
    expect(got[0]).toMatchObject({ conversationType: '2', conversationId: 'cidG==', text: { content: ' 查 长安' } })
  })

  test('without a connection, and with a silent one, a message is not acked and the reason is told', async () => {
    expect(await platform.userSendsText('u1001', 'a')).toMatchObject({ acked: false, reason: 'no_connection' })
    await connectSdk(client => client.registerCallbackListener(MESSAGES, () => undefined))
    expect(await platform.userSendsText('u1001', 'b')).toMatchObject({ acked: false, reason: 'timeout' })
  })

  test('a frozen peer never answers; a client told to go gets nothing more', async () => {
    const got = await listenTo(MESSAGES)
    platform.freeze()
    expect(await platform.userSendsText('u1001', 'a')).toMatchObject({ acked: false, reason: 'timeout' })
    expect(await listenTo(MESSAGES)).toEqual([])
    expect(await platform.userSendsText('u1001', 'b')).toMatchObject({ acked: true })
    platform.sendDisconnect()
    expect(platform.connections()).toBe(0)
    expect(await platform.userSendsText('u1001', 'c')).toMatchObject({ reason: 'no_connection' })
    expect(got.map(({ text }) => text)).not.toContainEqual({ content: 'c' })
  })

  test('an event is answered with its status, and keeps its id when it comes again', async () => {
    const ids: (string | undefined)[] = []
    await connectSdk(client => {
      ;(client as unknown as Internals).config.subscriptions.push({ type: 'EVENT', topic: '*' })
      client.registerAllEventListener(frame => {
        ids.push(frame.headers.eventId)
        return { status: EventAck.SUCCESS }
      })
    })
    const push = await platform.sendEvent('user_modify_org', { userId: ['u1001'] })
    expect(push).toMatchObject({ acked: true, response: { status: 'SUCCESS' } })
    await platform.redeliver(push)
    expect(new Set(ids).size).toBe(1)
    expect(ids).toHaveLength(2)
  })

  test('a ticket opens one connection, and refused upgrades are counted', async () => {
    const { clientId, clientSecret } = sampleDingTalkApp
    const open = async (secret: string) => {
      const body = JSON.stringify({ clientId, clientSecret: secret, subscriptions: [] })
      return fetch(`${platform.baseUrl}/v1.0/gateway/connections/open`, { method: 'POST', body })
    }
    expect((await open('wrong')).status).toBe(401)
    const { endpoint, ticket } = (await (await open(clientSecret)).json()) as { endpoint: string; ticket: string }
    const dial = () =>
      new Promise<string>(resolve => {
        const socket = new WebSocket(`${endpoint}?ticket=${ticket}`)
        socket.on('open', () => {
          socket.close()
          resolve('open')
        })
        socket.on('error', () => resolve('refused'))
      })
    expect(await dial()).toBe('open')
    expect(await dial()).toBe('refused')
    platform.refuseUpgrades(1)
    await connectSdk(() => undefined)
    expect(clients.at(-1)?.connected).toBe(false)
  })
})

describe('cards', () => {
  test.each([
    ['merged', true, '合同审批'],
    ['replaced', false, ''],
  ])('the answer to a click is %s as its options say', async (_how, updateCardDataByKey, title) => {
    const api = await dingtalkClient(platform.baseUrl)
    const cardData = { cardParamMap: { status: '已同意', buttons: '[]' } }
    const got = await listenTo(CARDS, { cardUpdateOptions: { updateCardDataByKey }, cardData })
    await api.fresh('POST', '/v1.0/card/instances/createAndDeliver', robotCard('o1', 'u1001'))
    expect(platform.view('u1001')[0]?.card).toMatchObject({
      facts: [{ label: '金额', value: '620,000.00 元' }],
      buttons: [{ key: 'agree' }, {}],
    })
    expect(await platform.userClicksCard('u1001', 'o1', 'agree')).toMatchObject({ acked: true })
    expect(JSON.parse(String(got[0]?.content))).toMatchObject({ cardPrivateData: { params: { action: 'agree' } } })
    expect(platform.view('u1001')[0]?.card).toMatchObject({ title, status: '已同意', buttons: [] })
  })

  test('only a live callback button on one’s own card can be clicked', async () => {
    const api = await dingtalkClient(platform.baseUrl)
    await listenTo(CARDS)
    await api.fresh('POST', '/v1.0/card/instances/createAndDeliver', robotCard('o1', 'u1001'))
    for (const [userId, button] of [
      ['u1001', 'detail'],
      ['u1001', 'reject'],
      ['u1002', 'agree'],
    ] as const) {
      await expect(platform.userClicksCard(userId, 'o1', button)).rejects.toMatchObject({ code: 'card.no_live_button' })
    }
    expect(await platform.userClicksCardRaw('u1002', 'o1', 'agree')).toMatchObject({ acked: true })
  })

  test('a card without callbackType never calls back', async () => {
    const api = await dingtalkClient(platform.baseUrl)
    const { callbackType: _omitted, ...silent } = robotCard('o1', 'u1001')
    await api.fresh('POST', '/v1.0/card/instances/createAndDeliver', silent)
    expect(await platform.userClicksCard('u1001', 'o1', 'agree')).toMatchObject({ acked: false, reason: 'no_callback' })
  })

  test('a used outTrackId makes no second card; an update replaces unless told to merge', async () => {
    const api = await dingtalkClient(platform.baseUrl)
    await api.fresh('POST', '/v1.0/card/instances/createAndDeliver', robotCard('o1', 'u1001'))
    await api.fresh('POST', '/v1.0/card/instances/createAndDeliver', robotCard('o1', 'u1001', { title: '别的' }))
    expect(platform.view('u1001').map(({ card }) => card?.title)).toEqual(['合同审批'])
    const cardData = { cardParamMap: { status: '已撤回' } }
    const merge = { updateCardDataByKey: true }
    await api.fresh('PUT', '/v1.0/card/instances', { outTrackId: 'o1', cardData, cardUpdateOptions: merge })
    expect(platform.view('u1001')[0]?.card).toMatchObject({ title: '合同审批', status: '已撤回' })
    await api.fresh('PUT', '/v1.0/card/instances', { outTrackId: 'o1', cardData })
    expect(platform.view('u1001')[0]?.card).toMatchObject({ title: '', status: '已撤回' })
  })

  test.each([
    ['a number among the values', { cardData: { cardParamMap: { amount: 1 } } }, 'param.invalid'],
    ['no delivery model', { imRobotOpenDeliverModel: undefined }, 'param.openDeliverModelEmpty'],
    ['another template', { cardTemplateId: 'x.schema' }, 'param.templateNotExist'],
    ['a malformed space', { openSpaceId: 'IM_ROBOT.u1001' }, 'param.openSpaceIdInvalid'],
  ])('a card with %s is refused', async (_what, more, code) => {
    const api = await dingtalkClient(platform.baseUrl)
    const answer = await api.fresh('POST', '/v1.0/card/instances/createAndDeliver', robotCard('o1', 'u1001', {}, more))
    expect(answer).toMatchObject({ status: 400, code })
    expect(platform.view('u1001')).toEqual([])
  })

  test('an unknown person fails inside a successful answer, an unknown card outright', async () => {
    const api = await dingtalkClient(platform.baseUrl)
    const answer = await api.fresh('POST', '/v1.0/card/instances/createAndDeliver', robotCard('o1', 'u9999'))
    expect(answer).toMatchObject({ success: true, result: { deliverResults: [{ success: false }] } })
    const update = { outTrackId: 'nope', cardData: { cardParamMap: {} } }
    expect(await api.fresh('PUT', '/v1.0/card/instances', update)).toMatchObject({ status: 400, code: 'param.cardNotExist' })
  })
})

describe('calls', () => {
  const text = (userIds: string[], msgParam: unknown = '{"content":"你好"}') => ({
    robotCode: sampleDingTalkApp.clientId,
    userIds,
    msgKey: 'sampleText',
    msgParam,
  })
  const SEND = '/v1.0/robot/oToMessages/batchSend'

  test('a batch takes twenty people and a JSON text, and names those it did not reach', async () => {
    const api = await dingtalkClient(platform.baseUrl)
    expect(await api.fresh('POST', SEND, text(['u1001', 'u9']))).toMatchObject({ status: 200, invalidStaffIdList: ['u9'] })
    const many = Array.from({ length: 21 }, (_, index) => `u${index}`)
    expect(await api.fresh('POST', SEND, text(many))).toMatchObject({ code: 'invalidParameter.userIds.overMax' })
    expect(await api.fresh('POST', SEND, text(['u1001'], { content: 'x' }))).toMatchObject({
      code: 'invalidParameter.msgParam.invalid',
    })
    expect(await api.fresh('POST', SEND, text(['u1001'], '{}'))).toMatchObject({ code: 'miss.param.content' })
    expect(platform.view('u1001')).toHaveLength(1)
    expect(platform.usage.api).toBe(4)
  })

  test('link buttons of an action card show as buttons that open pages', async () => {
    const api = await dingtalkClient(platform.baseUrl)
    const param = {
      title: '合同审批',
      text: '金额 620,000.00 元',
      actionTitle1: '同意',
      actionURL1: 'https://a/',
      actionTitle2: '详情',
      actionURL2: 'https://b/',
    }
    await api.fresh('POST', SEND, { ...text(['u1001'], JSON.stringify(param)), msgKey: 'sampleActionCard2' })
    const shown = [
      { text: '同意', url: 'https://a/', enabled: true },
      { text: '详情', url: 'https://b/', enabled: true },
    ]
    expect(platform.view('u1001')[0]?.card).toMatchObject({ title: '合同审批', buttons: shown })
  })

  test('a dead token is refused in the way of each API generation', async () => {
    const api = await dingtalkClient(platform.baseUrl)
    platform.expireTokens()
    expect(await api.fresh('POST', SEND, text(['u1001']))).toMatchObject({ status: 400, code: 'InvalidAuthentication' })
    expect(await api.old('/topapi/v2/user/get', { userid: 'u1001' })).toMatchObject({ status: 200, errcode: 40014 })
  })

  test('more than twenty calls a second to one API are refused', async () => {
    const api = await dingtalkClient(platform.baseUrl)
    const answers = await Promise.all(Array.from({ length: 60 }, () => api.old('/topapi/v2/user/get', { userid: 'u1001' })))
    expect(answers.filter(({ errcode }) => errcode === 0).length).toBeGreaterThanOrEqual(20)
    expect(answers.filter(({ errcode }) => errcode === 90018).length).toBeGreaterThan(0)
  })

  test('people carry mobile, title, superior and department', async () => {
    const api = await dingtalkClient(platform.baseUrl)
    const details = { mobile: '13900001001', title: '客户经理', manager_userid: 'u1011', dept_id_list: [3] }
    expect(await api.old('/topapi/v2/user/get', { userid: 'u1001' })).toMatchObject({ result: details })
    expect(await api.old('/topapi/v2/department/get', { dept_id: 5 })).toMatchObject({
      result: { dept_manager_userid_list: ['u1030'] },
    })
    const page = await api.old('/topapi/v2/user/list', { dept_id: 3, cursor: 0, size: 2 })
    expect(page).toMatchObject({ result: { has_more: true, next_cursor: 2 } })
  })

  test('an in-app code logs in once; a web login ends at the person’s union id', async () => {
    const api = await dingtalkClient(platform.baseUrl)
    const code = platform.requestAuthCode('u1001')
    expect(await api.old('/topapi/v2/user/getuserinfo', { code })).toMatchObject({ result: { userid: 'u1001' } })
    expect(await api.old('/topapi/v2/user/getuserinfo', { code })).toMatchObject({ errcode: 40078 })
    const { clientId, clientSecret } = sampleDingTalkApp
    const query = new URLSearchParams({
      client_id: clientId,
      redirect_uri: 'http://127.0.0.1/cb',
      response_type: 'code',
      scope: 'openid',
      state: 's',
      as: 'u1001',
    })
    const answer = await fetch(`${platform.baseUrl}/oauth2/auth?${query}`, { redirect: 'manual' })
    const authCode = new URL(answer.headers.get('location') ?? '').searchParams.get('authCode')
    const exchange = { clientId, clientSecret, code: authCode, grantType: 'authorization_code' }
    const { accessToken } = await api.bare('POST', '/v1.0/oauth2/userAccessToken', exchange)
    const me = await fetch(`${platform.baseUrl}/v1.0/contact/users/me`, {
      headers: { 'x-acs-dingtalk-access-token': String(accessToken) },
    })
    expect(await me.json()).toMatchObject({ nick: '张三', unionId: 'union-u1001' })
    expect(await api.bare('POST', '/v1.0/oauth2/userAccessToken', exchange)).toMatchObject({ status: 400 })
  })
})
