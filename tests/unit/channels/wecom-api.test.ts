import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { createWeComChannel } from '../../../bot/channels/index.ts'
import { ShiftedClock } from '../../../common/clock.ts'
import { closedCard, memoryLog, memorySink, openCard } from './support/fakes.ts'
import { type Platform, startPlatform } from './support/platform-server.ts'
import { APP } from './support/wecom.ts'

let platform: Platform
const li4 = { kind: 'person', userId: 'li4' } as const
const ok = { errcode: 0, errmsg: 'ok' }
const failure = (errcode: number, errmsg = 'no') => ({ errcode, errmsg })

const setUp = () => {
  const clock = new ShiftedClock()
  const log = memoryLog()
  return { clock, log, ...createWeComChannel({ ...APP, apiBase: platform.base }, { clock, log, sink: memorySink() }) }
}

beforeAll(async () => {
  platform = await startPlatform()
})
beforeEach(() => {
  platform.calls.length = 0
  for (const path of Object.keys(platform.routes)) delete platform.routes[path]
  let tokens = 0
  platform.routes['/cgi-bin/gettoken'] = () => ({ ...ok, access_token: `token-${++tokens}`, expires_in: 7200 })
  platform.routes['/cgi-bin/message/send'] = () => ({ ...ok, msgid: 'M1', response_code: 'RC1' })
  platform.routes['/cgi-bin/message/update_template_card'] = () => ({ ...ok, invaliduser: [] })
})
afterAll(() => platform.close())

describe('messages', () => {
  test('a long text goes out in parts of at most 2048 bytes that tear no character', async () => {
    const { channel } = setUp()
    const text = '客户😀'.repeat(300)
    expect(await channel.sendText(li4, text)).toEqual({ messageId: 'M1', handle: 'RC1' })
    const sent = platform
      .callsTo('/cgi-bin/message/send')
      .map(call => call.body as { touser: string; agentid: number; text: { content: string } })
    expect(sent.map(body => body.text.content).join('')).toBe(text)
    for (const body of sent) {
      expect(body).toMatchObject({ touser: 'li4', agentid: 1000002, msgtype: 'text' })
      expect(Buffer.byteLength(body.text.content)).toBeLessThanOrEqual(2048)
    }
    expect(platform.callsTo('/cgi-bin/gettoken')).toHaveLength(1)
  })

  test('a card carries our id and its handle comes back', async () => {
    const { channel } = setUp()
    expect(await channel.sendCard(li4, openCard, { cardId: 'card-1' })).toEqual({ messageId: 'M1', handle: 'RC1' })
    expect(platform.callsTo('/cgi-bin/message/send')[0]?.body).toMatchObject({
      msgtype: 'template_card',
      template_card: { card_type: 'button_interaction', task_id: 'card-1', sub_title_text: openCard.reason },
    })
  })

  test('a member who was not reached is named although the platform says ok, also when nobody was', async () => {
    const { channel } = setUp()
    const send = () => channel.sendText({ kind: 'person', userId: 'LI4' }, 'x')
    platform.routes['/cgi-bin/message/send'] = () => ({ ...ok, msgid: 'M1', invaliduser: 'zhang3|li4' })
    expect(await send()).toMatchObject({ notReached: true })
    platform.routes['/cgi-bin/message/send'] = () => ({ ...ok, msgid: 'M1', unlicenseduser: 'li4' })
    expect(await send()).toMatchObject({ notReached: true })
    platform.routes['/cgi-bin/message/send'] = () => failure(81013)
    expect(await send()).toEqual({ notReached: true })
    platform.routes['/cgi-bin/message/send'] = () => ({ ...ok, msgid: 'M1', invaliduser: 'li44' })
    expect(await send()).toEqual({ messageId: 'M1' })
  })

  test('nobody can be turned into everybody', async () => {
    const { channel } = setUp()
    for (const userId of ['@all', 'li4|zhang3', '', 'a b']) {
      await expect(channel.sendText({ kind: 'person', userId }, 'x')).rejects.toMatchObject({ code: 'wecom.recipient_invalid' })
    }
    await expect(channel.sendText({ kind: 'group', conversationId: 'g' }, 'x')).rejects.toMatchObject({
      code: 'wecom.recipient_invalid',
    })
    expect(platform.calls).toEqual([])
  })

  test('a repaint names the person and the handle and carries no old task id', async () => {
    const { channel } = setUp()
    await channel.updateCard(li4, closedCard, { cardId: 'card-1', handle: 'RC1' })
    const body = platform.callsTo('/cgi-bin/message/update_template_card')[0]?.body
    expect(body).toMatchObject({
      userids: ['li4'],
      agentid: 1000002,
      response_code: 'RC1',
      template_card: { card_type: 'text_notice' },
    })
    expect(JSON.stringify(body)).not.toContain('task_id')
  })

  test('a card that nothing links to is closed by greying its buttons out', async () => {
    const { channel } = setUp()
    const { link: _, ...bare } = closedCard
    await channel.updateCard(li4, bare, { cardId: 'card-1', handle: 'RC1' })
    expect(platform.callsTo('/cgi-bin/message/update_template_card')[0]?.body).toMatchObject({
      button: { replace_name: '已同意' },
    })
    await channel.sendCard(li4, bare, { cardId: 'card-2' })
    expect(platform.callsTo('/cgi-bin/message/send')[0]?.body).toMatchObject({ msgtype: 'text' })
  })

  test('a spent, missing or foreign right to repaint is told apart', async () => {
    const { channel } = setUp()
    await expect(channel.updateCard(li4, closedCard, { cardId: 'card-1' })).rejects.toMatchObject({ code: 'card.handle_spent' })
    expect(platform.calls).toEqual([])
    const update = (reply: object) => {
      platform.routes['/cgi-bin/message/update_template_card'] = () => reply as never
      return channel.updateCard(li4, closedCard, { cardId: 'card-1', handle: 'RC1' })
    }
    await expect(update(failure(60140))).rejects.toMatchObject({ code: 'card.handle_spent', retryable: false })
    await expect(update(failure(82102))).rejects.toMatchObject({ code: 'card.not_repaintable' })
    await expect(update({ ...ok, invaliduser: ['li4'] })).rejects.toMatchObject({ code: 'card.not_repaintable' })
  })
})

describe('tokens', () => {
  test('a token revoked under fifty parallel sends is renewed once and every send is repeated once', async () => {
    const { channel } = setUp()
    await channel.sendText(li4, 'first')
    platform.calls.length = 0
    platform.routes['/cgi-bin/message/send'] = call =>
      call.query.get('access_token') === 'token-1' ? failure(40014) : { ...ok, msgid: 'M2' }
    const receipts = await Promise.all(Array.from({ length: 50 }, () => channel.sendText(li4, 'x')))
    expect(new Set(receipts.map(receipt => receipt.messageId))).toEqual(new Set(['M2']))
    expect(platform.callsTo('/cgi-bin/gettoken')).toHaveLength(1)
    expect(platform.callsTo('/cgi-bin/message/send').length).toBeLessThanOrEqual(100)
  })

  test('a token rejected again is reported, not asked for in a loop', async () => {
    const { channel } = setUp()
    platform.routes['/cgi-bin/message/send'] = () => failure(42001)
    await expect(channel.sendText(li4, 'x')).rejects.toMatchObject({ code: 'wecom.token_invalid', retryable: true })
    expect(platform.callsTo('/cgi-bin/gettoken')).toHaveLength(2)
    expect(platform.callsTo('/cgi-bin/message/send')).toHaveLength(2)
  })

  test('a wrong secret is told to the operator and not tried again at once', async () => {
    const { channel, log, clock } = setUp()
    platform.routes['/cgi-bin/gettoken'] = () => failure(40001, 'invalid credential')
    for (let call = 0; call < 10; call += 1)
      await expect(channel.sendText(li4, 'x')).rejects.toMatchObject({ code: 'wecom.credentials_wrong' })
    expect(platform.calls).toHaveLength(1)
    expect(log.codes()).toEqual(['wecom.credentials_wrong'])
    expect(log.text()).not.toContain(APP.secret)
    clock.advance(60_000)
    await expect(channel.sendText(li4, 'x')).rejects.toMatchObject({ code: 'wecom.credentials_wrong' })
    expect(platform.calls).toHaveLength(2)
  })

  test('when the token call is lost the message was certainly not sent', async () => {
    const { channel } = setUp()
    platform.routes['/cgi-bin/gettoken'] = () => 'drop'
    await expect(channel.sendText(li4, 'x')).rejects.toMatchObject({ code: 'channel.unreachable', applied: 'no' })
  })
})

describe('failures of a send', () => {
  test.each([
    [45009, { code: 'wecom.rate_limited', retryable: true, details: { retryAfterMs: 60_000 } }],
    [-1, { code: 'wecom.busy', retryable: true }],
    [301002, { code: 'wecom.wrong_app', retryable: false }],
    [43012, { code: 'wecom.callback_missing', retryable: false }],
    [42014, { code: 'wecom.card_id_refused', retryable: false }],
    [99999, { code: 'wecom.refused', retryable: false, details: { errcode: 99999, call: 'message/send' } }],
  ])('errcode %i', async (errcode, expected) => {
    platform.routes['/cgi-bin/message/send'] = () => failure(errcode)
    await expect(setUp().channel.sendText(li4, 'x')).rejects.toMatchObject(expected)
  })

  test('an address that is not allowed is named to the operator', async () => {
    const { channel, log } = setUp()
    platform.routes['/cgi-bin/message/send'] = () =>
      failure(60020, 'not allow to access from your ip, from ip: 10.1.2.3, more info')
    await expect(channel.sendText(li4, 'x')).rejects.toMatchObject({
      code: 'wecom.ip_not_allowed',
      retryable: false,
      details: { ip: '10.1.2.3' },
    })
    expect(log.codes()).toEqual(['wecom.ip_not_allowed'])
  })

  test('a lost answer is unknown and the message is not repeated', async () => {
    platform.routes['/cgi-bin/message/send'] = () => 'cut'
    await expect(setUp().channel.sendText(li4, 'x')).rejects.toMatchObject({ code: 'channel.unreachable', applied: 'unknown' })
    expect(platform.callsTo('/cgi-bin/message/send')).toHaveLength(1)
  })
})

describe('contacts', () => {
  const people: Record<string, object> = {
    zhang3: {
      userid: 'zhang3',
      name: '张三',
      department: [2],
      position: '客户经理',
      is_leader_in_dept: [0],
      direct_leader: ['li4'],
      status: 1,
    },
    li4: { userid: 'li4', name: '李四', department: [1, 2], is_leader_in_dept: [0, 1], direct_leader: [], status: 1 },
    gone: { userid: 'gone', name: '离职', department: [2], status: 5 },
  }
  const inDepartment = (id: string) =>
    Object.values(people).filter(user => (user as { department: number[] }).department.includes(Number(id)))

  beforeEach(() => {
    platform.routes['/cgi-bin/department/list'] = () => ({
      ...ok,
      department: [
        { id: 1, name: '公司', parentid: 0, order: 1 },
        { id: 2, name: '财务部', parentid: 1, department_leader: ['zhang3'] },
      ],
    })
    platform.routes['/cgi-bin/user/list'] = call => ({ ...ok, userlist: inDepartment(call.query.get('department_id') ?? '') })
    platform.routes['/cgi-bin/user/get'] = call => ({ ...ok, ...(people[call.query.get('userid') ?? ''] ?? failure(60111)) })
    platform.routes['/cgi-bin/tag/list'] = () => ({
      ...ok,
      taglist: [
        { tagid: 7, tagname: '财务' },
        { tagid: 8, tagname: '总部' },
      ],
    })
    platform.routes['/cgi-bin/tag/get'] = call =>
      call.query.get('tagid') === '7'
        ? { ...ok, userlist: [{ userid: 'LI4', name: '李四' }], partylist: [] }
        : { ...ok, userlist: [], partylist: [1] }
  })

  test('departments, superiors, heads and roles are read from the platform’s fields', async () => {
    const { directory } = setUp()
    expect(await directory.listDepartments()).toEqual([
      { id: '1', name: '公司', parentId: null, leaderUserIds: [] },
      { id: '2', name: '财务部', parentId: '1', leaderUserIds: ['zhang3'] },
    ])
    const members = await directory.listMembers()
    expect(members.toSorted((a, b) => a.userId.localeCompare(b.userId))).toEqual([
      { userId: 'gone', name: '离职', departmentIds: ['2'], leaderOf: [], roles: [], active: false },
      { userId: 'li4', name: '李四', departmentIds: ['1', '2'], leaderOf: ['2'], roles: ['财务', '总部'], active: true },
      {
        userId: 'zhang3',
        name: '张三',
        title: '客户经理',
        departmentIds: ['2'],
        leaderOf: ['2'],
        superiorUserId: 'li4',
        roles: [],
        active: true,
      },
    ])
    expect(await directory.getMember('li4')).toMatchObject({ userId: 'li4', leaderOf: ['2'], roles: ['财务', '总部'] })
    expect(await directory.getMember('nobody')).toBeNull()
  })

  test('what the app may not read is replaced by what it may, and named once', async () => {
    const { directory, log } = setUp()
    for (const path of ['department/list', 'user/list', 'tag/list']) platform.routes[`/cgi-bin/${path}`] = () => failure(48009)
    platform.routes['/cgi-bin/department/simplelist'] = () => ({
      ...ok,
      department_id: [
        { id: 1, parentid: 0 },
        { id: 2, parentid: 1 },
      ],
    })
    platform.routes['/cgi-bin/department/get'] = call => ({
      ...ok,
      department: { id: Number(call.query.get('id')), name: '某部', parentid: 1 },
    })
    platform.routes['/cgi-bin/user/simplelist'] = call => ({
      ...ok,
      userlist: inDepartment(call.query.get('department_id') ?? '').map(user => ({
        userid: (user as { userid: string }).userid,
        name: '名',
      })),
    })
    const members = await directory.listMembers()
    expect(members.find(member => member.userId === 'zhang3')).toMatchObject({ name: '张三', superiorUserId: 'li4', roles: [] })
    await directory.listMembers()
    expect(log.text().match(/going on without/g)).toHaveLength(3)
  })

  test('a platform that cannot be reached ends the listing instead of emptying it', async () => {
    platform.routes['/cgi-bin/user/list'] = () => 'drop'
    await expect(setUp().directory.listMembers()).rejects.toMatchObject({ code: 'channel.unreachable' })
  })

  test('a mobile number finds a member or nobody', async () => {
    const { directory } = setUp()
    platform.routes['/cgi-bin/user/getuserid'] = call =>
      call.body.mobile === '13812345678' ? { ...ok, userid: 'zhang3' } : failure(46004)
    expect(await directory.findByMobile('13812345678')).toBe('zhang3')
    expect(await directory.findByMobile('13900000000')).toBeNull()
    platform.routes['/cgi-bin/user/getuserid'] = () => failure(48009)
    expect(await directory.findByMobile('13812345678')).toBeNull()
  })
})

describe('login', () => {
  test('the address keeps the platform’s order of parameters and its fragment', () => {
    const { login } = setUp()
    expect(login.authorizeUrl({ redirectUri: 'https://crm.example.com/cb?to=/m/#/x', state: 'abc123' })).toBe(
      'https://open.weixin.qq.com/connect/oauth2/authorize?appid=wwdemo0001&redirect_uri=https%3A%2F%2Fcrm.example.com%2Fcb%3Fto%3D%2Fm%2F%23%2Fx&response_type=code&scope=snsapi_base&state=abc123&agentid=1000002#wechat_redirect',
    )
    expect(() => login.authorizeUrl({ redirectUri: 'https://x', state: 'a-b' })).toThrow(
      expect.objectContaining({ code: 'auth.state_invalid' }),
    )
  })

  test('a member is identified; used codes and outsiders are refused', async () => {
    const { login } = setUp()
    const replies: Record<string, object> = {
      good: { ...ok, userid: 'zhang3', user_ticket: 't' },
      used: failure(40029),
      old: failure(42003),
      visitor: { ...ok, openid: 'o1', external_userid: 'wm1' },
      foreign: { ...ok, userid: 'wwother/zhang3' },
    }
    platform.routes['/cgi-bin/auth/getuserinfo'] = call => (replies[call.query.get('code') ?? ''] ?? failure(1)) as never
    expect(await login.exchange('good', 'redirect')).toEqual({ platform: 'wecom', corp: 'wwdemo0001', userId: 'zhang3' })
    for (const code of ['used', 'old', ''])
      await expect(login.exchange(code, 'redirect')).rejects.toMatchObject({ code: 'auth.code_invalid' })
    for (const code of ['visitor', 'foreign'])
      await expect(login.exchange(code, 'redirect')).rejects.toMatchObject({ code: 'auth.not_member' })
    await expect(login.exchange('else', 'redirect')).rejects.toMatchObject({ code: 'wecom.refused' })
  })
})
