import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { createDingTalkChannel } from '../../../bot/channels/index.ts'
import { ShiftedClock } from '../../../common/clock.ts'
import { closedCard, memoryLog, memorySink, openCard } from './support/fakes.ts'
import { type Platform, startPlatform } from './support/platform-server.ts'

let platform: Platform
const u1 = { kind: 'person', userId: 'u1' } as const
const group = { kind: 'group', conversationId: 'cidAAA==' } as const

const TOKEN = '/v1.0/oauth2/accessToken'
const BATCH = '/v1.0/robot/oToMessages/batchSend'
const GROUP = '/v1.0/robot/groupMessages/send'
const CREATE = '/v1.0/card/instances/createAndDeliver'
const INSTANCES = '/v1.0/card/instances'
const SESSION = '/robot/sendBySession'
const invalidToken = [400, { code: 'InvalidAuthentication', requestid: 'r', message: '不合法的access_token' }] as [
  number,
  unknown,
]

const setUp = (settings: { cardTemplateId?: string } = { cardTemplateId: 'tpl.schema' }) => {
  const clock = new ShiftedClock()
  const log = memoryLog()
  const input = {
    clientId: 'dingapp1',
    clientSecret: 'ding-secret-1',
    corpId: 'dingcorp1',
    apiBase: platform.base,
    oapiBase: platform.base,
    ...settings,
  }
  const replyTo = () => `${clock.now() + 5_400_000}|${platform.base}${SESSION}?session=0123`
  return { clock, log, replyTo, ...createDingTalkChannel(input, { clock, log, sink: memorySink() }) }
}

beforeAll(async () => {
  platform = await startPlatform()
})
beforeEach(() => {
  platform.calls.length = 0
  for (const path of Object.keys(platform.routes)) delete platform.routes[path]
  let tokens = 0
  Object.assign(platform.routes, {
    [TOKEN]: () => ({ accessToken: `token-${++tokens}`, expireIn: 7200 }),
    [BATCH]: () => ({ processQueryKey: 'pq1', invalidStaffIdList: [], flowControlledStaffIdList: [] }),
    [GROUP]: () => ({ processQueryKey: 'pq2' }),
    [SESSION]: () => ({ errcode: 0, errmsg: 'ok' }),
    [CREATE]: () => ({ success: true, result: { outTrackId: 'card-1', deliverResults: [{ success: true, carrierId: 'cr1' }] } }),
    [INSTANCES]: () => ({ success: true, result: true }),
  })
})
afterAll(() => platform.close())

describe('texts', () => {
  test('an answer goes through the session of its message, which costs no call of the API', async () => {
    const { channel, replyTo } = setUp()
    await channel.sendText(u1, '您好', { replyTo: replyTo() })
    expect(platform.calls.map(call => [call.path, call.query.get('session'), call.body])).toEqual([
      [SESSION, '0123', { msgtype: 'text', text: { content: '您好' } }],
    ])
  })

  test('without a session, or after its end, the message goes to the person', async () => {
    const { channel, clock, replyTo } = setUp()
    const token = replyTo()
    clock.advance(5_400_000)
    for (const options of [{}, { replyTo: token }, { replyTo: 'garbage' }]) {
      expect(await channel.sendText(u1, '您好', options)).toEqual({ messageId: 'pq1' })
    }
    const call = platform.callsTo(BATCH)[0]
    expect(call?.headers['x-acs-dingtalk-access-token']).toBe('token-1')
    expect(call?.body).toEqual({ robotCode: 'dingapp1', msgKey: 'sampleText', msgParam: '{"content":"您好"}', userIds: ['u1'] })
    expect(platform.callsTo(SESSION)).toEqual([])
  })

  test('a session that refuses, or fails as expired ones do, is replaced by a direct message', async () => {
    const { channel, replyTo } = setUp()
    for (const reply of [{ errcode: 400102, errmsg: 'stopped' }, [500, 'oops'], [500, { code: 'x' }]] as const) {
      platform.routes[SESSION] = () => reply as never
      expect(await channel.sendText(u1, 'x', { replyTo: replyTo() })).toEqual({ messageId: 'pq1' })
    }
  })

  test('a lost answer of the session is unknown and nothing is sent twice', async () => {
    const { channel, replyTo } = setUp()
    platform.routes[SESSION] = () => 'cut'
    await expect(channel.sendText(u1, 'x', { replyTo: replyTo() })).rejects.toMatchObject({ applied: 'unknown' })
    expect(platform.callsTo(BATCH)).toEqual([])
  })

  test('a group is answered in the group', async () => {
    const { channel } = setUp()
    expect(await channel.sendText(group, 'x')).toEqual({ messageId: 'pq2' })
    expect(platform.callsTo(GROUP)[0]?.body).toMatchObject({ openConversationId: 'cidAAA==', msgKey: 'sampleText' })
  })

  test('success with a name on the lists is no success', async () => {
    const { channel } = setUp()
    platform.routes[BATCH] = () => ({ processQueryKey: 'pq1', invalidStaffIdList: ['u1'] })
    expect(await channel.sendText(u1, 'x')).toEqual({ messageId: 'pq1', notReached: true })
    platform.routes[BATCH] = () => ({ processQueryKey: 'pq1', flowControlledStaffIdList: ['u1'] })
    await expect(channel.sendText(u1, 'x')).rejects.toMatchObject({ code: 'dingtalk.flow_controlled', retryable: true })
  })

  test('the same words to many people are one call for each twenty, and each hears of their own', async () => {
    const { channel } = setUp()
    platform.routes[BATCH] = () => ({ processQueryKey: 'pq1', invalidStaffIdList: ['u3'], flowControlledStaffIdList: ['u4'] })
    const people = Array.from({ length: 25 }, (_, index) => ({ kind: 'person', userId: `u${index}` }) as const)
    const receipts = await Promise.allSettled(people.map(person => channel.sendText(person, '催办')))
    expect(platform.callsTo(BATCH).map(call => (call.body.userIds as string[]).length)).toEqual([20, 5])
    expect(receipts[0]).toEqual({ status: 'fulfilled', value: {} })
    expect(receipts[3]).toMatchObject({ value: { notReached: true } })
    expect(receipts[4]).toMatchObject({ reason: { code: 'dingtalk.flow_controlled' } })
  })

  test('other words, and the same words to one person twice, are calls of their own', async () => {
    const { channel } = setUp()
    await Promise.all([channel.sendText(u1, 'a'), channel.sendText(u1, 'b'), channel.sendText(u1, 'a')])
    expect(platform.callsTo(BATCH).map(call => call.body.userIds)).toEqual([['u1'], ['u1'], ['u1']])
  })

  test('a guest without an account, or an id with a second address in it, is refused before anything is sent', async () => {
    const { channel } = setUp()
    for (const userId of ['', 'u1;dtv1.card//IM_GROUP.x']) {
      await expect(channel.sendText({ kind: 'person', userId }, 'x')).rejects.toMatchObject({
        code: 'dingtalk.recipient_invalid',
      })
      await expect(channel.sendCard({ kind: 'person', userId }, openCard, { cardId: 'c' })).rejects.toMatchObject({
        code: 'dingtalk.recipient_invalid',
      })
    }
    expect(platform.calls).toEqual([])
  })
})

describe('cards with a template', () => {
  test('a card is created and delivered to one person, clicks on stream, forwarding off', async () => {
    const { channel } = setUp()
    expect(await channel.sendCard(u1, openCard, { cardId: 'card-1' })).toEqual({ messageId: 'cr1' })
    const body = platform.callsTo(CREATE)[0]?.body
    expect(body).toMatchObject({
      cardTemplateId: 'tpl.schema',
      outTrackId: 'card-1',
      callbackType: 'STREAM',
      userIdType: 1,
      openSpaceId: 'dtv1.card//IM_ROBOT.u1',
      imRobotOpenSpaceModel: { supportForward: false },
      imRobotOpenDeliverModel: { spaceType: 'IM_ROBOT', robotCode: 'dingapp1' },
      cardData: { cardParamMap: { status: '待处理' } },
    })
    expect(channel.abilities).toEqual({
      cardCallbacks: true,
      cardUpdate: 'always',
      handleLifeMs: Number.MAX_SAFE_INTEGER,
      answersClicks: true,
    })
  })

  test('a delivery that failed under a success is named; a repetition of a known card is a success', async () => {
    const { channel } = setUp()
    platform.routes[CREATE] = () => ({
      success: true,
      result: { deliverResults: [{ success: false, errorMsg: 'not in scope' }] },
    })
    expect(await channel.sendCard(u1, openCard, { cardId: 'card-1' })).toEqual({ notReached: true })
    platform.routes[CREATE] = () => [400, { code: 'param.cardAlreadyExist', message: 'exists' }]
    expect(await channel.sendCard(u1, openCard, { cardId: 'card-1' })).toEqual({})
  })

  test('a repaint changes our keys only', async () => {
    const { channel } = setUp()
    await channel.updateCard(u1, closedCard, { cardId: 'card-1' })
    const call = platform.callsTo(INSTANCES)[0]
    expect([call?.method, call?.body]).toMatchObject([
      'PUT',
      {
        outTrackId: 'card-1',
        cardUpdateOptions: { updateCardDataByKey: true },
        cardData: { cardParamMap: { status: '已同意', buttons: '[]' } },
      },
    ])
    platform.routes[INSTANCES] = () => [400, { code: 'param.cardNotExist' }]
    await expect(channel.updateCard(u1, closedCard, { cardId: 'x' })).rejects.toMatchObject({ code: 'card.not_repaintable' })
  })

  test('a group gets its card in the group’s space', async () => {
    const { channel } = setUp()
    await channel.sendCard(group, openCard, { cardId: 'card-1' })
    expect(platform.callsTo(CREATE)[0]?.body).toMatchObject({
      openSpaceId: 'dtv1.card//IM_GROUP.cidAAA==',
      imGroupOpenDeliverModel: { robotCode: 'dingapp1' },
    })
  })
})

describe('cards without a template', () => {
  test('link buttons become an ActionCard, by session or directly', async () => {
    const { channel, replyTo } = setUp({})
    expect(channel.abilities).toMatchObject({ cardCallbacks: false, cardUpdate: 'never', answersClicks: false })
    await channel.sendCard(u1, openCard, { cardId: 'card-1', replyTo: replyTo() })
    expect(platform.callsTo(SESSION)[0]?.body).toMatchObject({
      msgtype: 'actionCard',
      actionCard: { btns: [{ title: '同意' }, { title: '拒绝' }, { title: '详情' }] },
    })
    await channel.sendCard(u1, openCard, { cardId: 'card-1' })
    await channel.sendCard(u1, closedCard, { cardId: 'card-2' })
    const [two, one] = platform.callsTo(BATCH).map(call => [call.body.msgKey, JSON.parse(String(call.body.msgParam))])
    expect(two).toMatchObject([
      'sampleActionCard3',
      { actionTitle1: '同意', actionTitle2: '拒绝', actionTitle3: '详情', actionURL3: 'https://crm.example.com/m/#/a/1' },
    ])
    expect(one).toMatchObject(['sampleActionCard', { singleTitle: '详情', singleURL: 'https://crm.example.com/m/#/a/1' }])
    await expect(channel.updateCard(u1, closedCard, { cardId: 'card-1' })).rejects.toMatchObject({ code: 'card.not_repaintable' })
  })
})

describe('tokens and failures', () => {
  test('a token that stopped working under thirty parallel calls is renewed once', async () => {
    const { channel } = setUp()
    await channel.sendText(u1, 'first')
    platform.calls.length = 0
    platform.routes[BATCH] = call =>
      call.headers['x-acs-dingtalk-access-token'] === 'token-1' ? invalidToken : { processQueryKey: 'pq9' }
    const receipts = await Promise.all(Array.from({ length: 30 }, () => channel.sendText(u1, 'x')))
    expect(new Set(receipts.map(receipt => receipt.messageId))).toEqual(new Set(['pq9']))
    expect(platform.callsTo(TOKEN)).toHaveLength(1)
  })

  test('wrong credentials are told to the operator and not tried again at once', async () => {
    const { channel, log } = setUp()
    platform.routes[TOKEN] = () => [400, { code: 'invalidClientIdOrSecret', message: 'no' }]
    for (let call = 0; call < 5; call += 1)
      await expect(channel.sendText(u1, 'x')).rejects.toMatchObject({ code: 'dingtalk.credentials_wrong' })
    expect(platform.calls).toHaveLength(1)
    expect(log.codes()).toEqual(['dingtalk.credentials_wrong'])
    expect(log.text()).not.toContain('ding-secret-1')
  })

  test.each([
    [[403, { code: 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi' }], { code: 'dingtalk.rate_limited', retryable: true }],
    [[400, { code: 'send.too.fast' }], { code: 'dingtalk.rate_limited', retryable: true }],
    [[403, { code: 'Forbidden.AccessDenied.ApiCountLimitForOrg' }], { code: 'dingtalk.quota_exhausted', retryable: false }],
    [
      [
        403,
        {
          code: 'Forbidden.AccessDenied.AccessTokenPermissionDenied',
          accessdenieddetail: { requiredScopes: ['Card.Instance.Write'] },
        },
      ],
      { code: 'dingtalk.not_permitted', details: { scopes: ['Card.Instance.Write'] } },
    ],
    [[400, { code: 'robot.oto.notExist' }], { code: 'dingtalk.person_unknown' }],
    [
      [400, { code: 'invalidParameter.msgKey.invalid' }],
      { code: 'dingtalk.refused', details: { platformCode: 'invalidParameter.msgKey.invalid' } },
    ],
    [[200, { status: 1111, wait: 5, source: 'x5', punish: 'deny' }], { code: 'dingtalk.banned', retryable: true }],
    [[429, { code: 'systemBusy' }], { code: 'dingtalk.busy', retryable: true }],
    [[504, '<html>'], { code: 'channel.unreachable', applied: 'unknown' }],
    [[500, {}], { code: 'channel.unreachable', applied: 'unknown' }],
  ])('%j', async (reply, expected) => {
    platform.routes[BATCH] = () => reply as never
    await expect(setUp().channel.sendText(u1, 'x')).rejects.toMatchObject(expected)
  })
})

describe('contacts', () => {
  const people: Record<string, object> = {
    u1: {
      userid: 'u1',
      name: '张三',
      title: '客户经理',
      mobile: '13812345678',
      manager_userid: 'u2',
      dept_id_list: [2],
      leader_in_dept: [{ dept_id: 2, leader: false }],
      role_list: [{ id: 1, name: '财务', group_name: '职务' }],
      active: true,
    },
    u2: {
      userid: 'u2',
      name: '李四',
      dept_id_list: [1, 2],
      leader_in_dept: [
        { dept_id: 1, leader: false },
        { dept_id: 2, leader: true },
      ],
    },
  }
  const ok = (result: unknown) => ({ errcode: 0, errmsg: 'ok', result })
  const failure = (errcode: number) => ({ errcode, errmsg: 'no' })

  beforeEach(() => {
    Object.assign(platform.routes, {
      '/topapi/v2/department/get': () => failure(60011),
      '/topapi/v2/department/listsub': (call: { body: { dept_id?: unknown } }) =>
        ok(call.body.dept_id === 1 ? [{ dept_id: 2, name: '财务部', parent_id: 1 }] : []),
      '/topapi/v2/user/list': (call: { body: { dept_id?: unknown; cursor?: unknown } }) => {
        const cursor = Number(call.body.cursor)
        if (call.body.dept_id === 1) return ok({ has_more: false, list: [{ userid: 'u2', name: '李四' }] })
        return ok({ has_more: cursor === 0, next_cursor: cursor + 1, list: [{ userid: cursor === 0 ? 'u1' : 'u2', name: '名' }] })
      },
      '/topapi/v2/user/get': (call: { body: { userid?: unknown } }) => {
        const found = people[String(call.body.userid)]
        return found ? ok(found) : failure(60121)
      },
      '/topapi/v2/user/getbymobile': (call: { body: { mobile?: unknown } }) =>
        call.body.mobile === '13812345678' ? ok({ userid: 'u1' }) : failure(40103),
    })
  })

  test('departments are walked, pages are turned, and superiors, heads and roles come from the details', async () => {
    const { directory } = setUp()
    expect(await directory.listDepartments()).toEqual([
      { id: '1', name: '', parentId: null, leaderUserIds: [] },
      { id: '2', name: '财务部', parentId: '1', leaderUserIds: [] },
    ])
    const members = await directory.listMembers()
    expect(members.toSorted((a, b) => a.userId.localeCompare(b.userId))).toEqual([
      {
        userId: 'u1',
        name: '张三',
        title: '客户经理',
        mobile: '13812345678',
        departmentIds: ['2'],
        leaderOf: [],
        superiorUserId: 'u2',
        roles: ['财务'],
        active: true,
      },
      { userId: 'u2', name: '李四', departmentIds: ['1', '2'], leaderOf: ['2'], roles: [], active: true },
    ])
    expect(await directory.getMember('u2')).toMatchObject({ userId: 'u2' })
    expect(await directory.getMember('nobody')).toBeNull()
    expect([await directory.findByMobile('13812345678'), await directory.findByMobile('1')]).toEqual(['u1', null])
  })

  test('the new token serves the old API, and the old one takes over when it is refused there', async () => {
    const { directory } = setUp()
    const get = platform.routes['/topapi/v2/user/get']
    platform.routes['/gettoken'] = () => ({ errcode: 0, access_token: 'old-1', expires_in: 7200 })
    platform.routes['/topapi/v2/user/get'] = call =>
      call.query.get('access_token') === 'old-1' ? (get?.(call) ?? {}) : { errcode: 88, sub_code: '40014', errmsg: 'no' }
    expect(await directory.getMember('u1')).toMatchObject({ name: '张三' })
    expect(await directory.getMember('u2')).toMatchObject({ name: '李四' })
    expect(platform.callsTo('/gettoken')).toHaveLength(1)
  })

  test('a platform that cannot be reached ends the listing instead of emptying it', async () => {
    platform.routes['/topapi/v2/user/list'] = () => 'drop'
    await expect(setUp().directory.listMembers()).rejects.toMatchObject({ code: 'channel.unreachable' })
  })
})

describe('login', () => {
  const ok = (result: unknown) => ({ errcode: 0, errmsg: 'ok', result })

  test('the browser is sent to the platform’s page', () => {
    expect(setUp().login.authorizeUrl({ redirectUri: 'https://crm.example.com/cb', state: 'abc' })).toBe(
      'https://login.dingtalk.com/oauth2/auth?client_id=dingapp1&redirect_uri=https%3A%2F%2Fcrm.example.com%2Fcb&response_type=code&scope=openid%20corpid&state=abc&prompt=consent',
    )
  })

  test('inside the client a code names a member once', async () => {
    const { login } = setUp()
    platform.routes['/topapi/v2/user/getuserinfo'] = call =>
      call.body.code === 'good' ? ok({ userid: 'u1' }) : { errcode: 40078, errmsg: 'used' }
    expect(await login.exchange('good', 'client')).toEqual({ platform: 'dingtalk', corp: 'dingcorp1', userId: 'u1' })
    await expect(login.exchange('used', 'client')).rejects.toMatchObject({ code: 'auth.code_invalid' })
    await expect(login.exchange('', 'client')).rejects.toMatchObject({ code: 'auth.code_invalid' })
  })

  test('from a browser the person is found by union id; outsiders and other organisations are refused', async () => {
    const { login } = setUp()
    platform.routes['/v1.0/oauth2/userAccessToken'] = call =>
      call.body.code === 'used'
        ? [400, { code: 'invalidCode' }]
        : { accessToken: `ut-${call.body.code}`, corpId: call.body.code === 'other' ? 'dingother' : 'dingcorp1' }
    platform.routes['/v1.0/contact/users/me'] = call => ({
      unionId: String(call.headers['x-acs-dingtalk-access-token']).slice(3),
      nick: '张三',
    })
    platform.routes['/topapi/user/getbyunionid'] = call => {
      if (call.body.unionid === 'stranger') return { errcode: 60121, errmsg: 'no' }
      return ok({ contact_type: call.body.unionid === 'external' ? 1 : 0, userid: 'u1' })
    }
    expect(await login.exchange('good', 'redirect')).toMatchObject({ userId: 'u1' })
    await expect(login.exchange('used', 'redirect')).rejects.toMatchObject({ code: 'auth.code_invalid' })
    for (const code of ['other', 'stranger', 'external'])
      await expect(login.exchange(code, 'redirect')).rejects.toMatchObject({ code: 'auth.not_member' })
  })
})
