import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { createDingTalkChannel, createWeComChannel } from '../../../bot/channels/index.ts'
import { systemClock } from '../../../common/clock.ts'
import type { Channel, Directory, LoginProvider } from '../../../handlers/kernel/ports.ts'
import { closedCard, memoryLog, memorySink, openCard } from '../../unit/channels/support/fakes.ts'
import { type Platform, type PlatformReply, startPlatform } from '../../unit/channels/support/platform-server.ts'
import { APP } from '../../unit/channels/support/wecom.ts'

interface Subject {
  channel: Channel
  directory: Directory
  login: LoginProvider
}

interface Candidate {
  name: string
  make(base: string): Subject
  /** Routes of a platform to which everything is fine. */
  fine: Record<string, PlatformReply>
  /** Where texts and cards arrive, and how a refusal that may be tried again looks. */
  sendPaths: string[]
  tooFast: PlatformReply
  repaintPath: string
}

const deps = () => ({ clock: systemClock, log: memoryLog(), sink: memorySink() })
const ok = { errcode: 0, errmsg: 'ok' }
const person = { kind: 'person', userId: 'u1' } as const

const CANDIDATES: Candidate[] = [
  {
    name: 'wecom',
    make: base => createWeComChannel({ ...APP, apiBase: base, oauthBase: base }, deps()),
    fine: {
      '/cgi-bin/gettoken': { ...ok, access_token: 't', expires_in: 7200 },
      '/cgi-bin/message/send': { ...ok, msgid: 'm', response_code: 'rc' },
      '/cgi-bin/message/update_template_card': { ...ok, invaliduser: [] },
      '/cgi-bin/department/list': { ...ok, department: [{ id: 1, name: '公司', parentid: 0 }] },
      '/cgi-bin/user/list': { ...ok, userlist: [{ userid: 'u1', name: '张三', department: [1], is_leader_in_dept: [1] }] },
      '/cgi-bin/user/get': { ...ok, userid: 'u1', name: '张三', department: [1] },
      '/cgi-bin/tag/list': { ...ok, taglist: [] },
      '/cgi-bin/auth/getuserinfo': { ...ok, userid: 'u1' },
    },
    sendPaths: ['/cgi-bin/message/send'],
    tooFast: { errcode: 45009, errmsg: 'too fast' },
    repaintPath: '/cgi-bin/message/update_template_card',
  },
  {
    name: 'dingtalk',
    make: base => {
      const input = {
        clientId: 'a',
        clientSecret: 's',
        corpId: 'c',
        cardTemplateId: 't.schema',
        apiBase: base,
        oapiBase: base,
        loginBase: base,
      }
      return createDingTalkChannel(input, deps())
    },
    fine: {
      '/v1.0/oauth2/accessToken': { accessToken: 't', expireIn: 7200 },
      '/v1.0/robot/oToMessages/batchSend': { processQueryKey: 'm' },
      '/v1.0/card/instances/createAndDeliver': { success: true, result: { deliverResults: [{ success: true, carrierId: 'm' }] } },
      '/v1.0/card/instances': { success: true },
      '/topapi/v2/department/get': { ...ok, result: { dept_id: 1, name: '公司' } },
      '/topapi/v2/department/listsub': { ...ok, result: [] },
      '/topapi/v2/user/list': { ...ok, result: { has_more: false, list: [{ userid: 'u1', name: '张三' }] } },
      '/topapi/v2/user/get': {
        ...ok,
        result: { userid: 'u1', name: '张三', dept_id_list: [1], leader_in_dept: [{ dept_id: 1, leader: true }] },
      },
      '/topapi/v2/user/getuserinfo': { ...ok, result: { userid: 'u1' } },
    },
    sendPaths: ['/v1.0/robot/oToMessages/batchSend', '/v1.0/card/instances/createAndDeliver'],
    tooFast: [403, { code: 'Forbidden.AccessDenied.QpsLimitForApi' }],
    repaintPath: '/v1.0/card/instances',
  },
]

describe.each(CANDIDATES)('the channel $name', ({ name, make, fine, sendPaths, tooFast, repaintPath }) => {
  let platform: Platform
  let subject: Subject
  const answerAll = (reply: PlatformReply) => {
    for (const path of [...sendPaths, repaintPath]) platform.routes[path] = () => reply
  }
  const everySend = () => [
    () => subject.channel.sendText(person, '您好'),
    () => subject.channel.sendCard(person, openCard, { cardId: 'card-1' }),
    () => subject.channel.updateCard(person, closedCard, { cardId: 'card-1', handle: 'rc' }),
  ]

  beforeAll(async () => {
    platform = await startPlatform()
  })
  beforeEach(() => {
    platform.calls.length = 0
    for (const [path, reply] of Object.entries(fine)) platform.routes[path] = () => reply
    subject = make(platform.base)
  })
  afterAll(() => platform.close())

  test('says who it is, the same on every face', () => {
    const faces = [subject.channel, subject.directory, subject.login]
    expect(new Set(faces.map(face => `${face.platform}:${face.corp}`)).size).toBe(1)
    expect([subject.channel.platform, subject.channel.app !== '']).toEqual([name, true])
  })

  test('its abilities fit together', () => {
    const { cardUpdate, handleLifeMs, cardCallbacks } = subject.channel.abilities
    expect(handleLifeMs > 0).toBe(cardUpdate !== 'never')
    expect(Number.isSafeInteger(handleLifeMs)).toBe(true)
    expect(cardCallbacks).toBe(true)
  })

  test('a sent message has an id; a channel that repaints once gives a handle with its card', async () => {
    expect((await subject.channel.sendText(person, '您好')).messageId).toBe('m')
    const receipt = await subject.channel.sendCard(person, openCard, { cardId: 'card-1' })
    expect([receipt.messageId, receipt.notReached, receipt.handle !== undefined]).toEqual([
      'm',
      undefined,
      subject.channel.abilities.cardUpdate === 'once',
    ])
    await subject.channel.updateCard(person, closedCard, { cardId: 'card-1', ...(receipt.handle && { handle: receipt.handle }) })
    expect(platform.callsTo(repaintPath)).toHaveLength(1)
  })

  test('the number, the title, the deciding fact, the reason and the button words reach the person', async () => {
    await subject.channel.sendCard(person, openCard, { cardId: 'card-1' })
    const sent = JSON.stringify(platform.calls.at(-1)?.body)
    for (const words of ['HT-2026-0041', '长安汽车', '620,000.00 元', '→ 副总', '同意', '拒绝', '详情'])
      expect(sent).toContain(words)
  })

  test('a refusal because of speed did nothing and may be repeated', async () => {
    answerAll(tooFast)
    for (const send of everySend())
      await expect(send()).rejects.toMatchObject({ retryable: true, details: { retryAfterMs: expect.any(Number) } })
  })

  test('a lost answer is unknown and no call is repeated', async () => {
    await subject.channel.sendText(person, 'token is fetched')
    answerAll('cut')
    for (const send of everySend()) {
      const before = platform.calls.length
      await expect(send()).rejects.toMatchObject({ code: 'channel.unreachable', applied: 'unknown' })
      expect(platform.calls.length).toBe(before + 1)
    }
  })

  test('a platform that went away did nothing, also when a token is still at hand', async () => {
    const leaving = await startPlatform()
    for (const [path, reply] of Object.entries(fine)) leaving.routes[path] = () => reply
    subject = make(leaving.base)
    await subject.channel.sendText(person, 'token is fetched')
    await leaving.close()
    // The first call may still meet the connection kept open from before; whether it arrived nobody knows.
    await subject.channel
      .sendText(person, 'meets the old connection')
      .catch(error => expect(error.code).toBe('channel.unreachable'))
    for (const send of everySend()) await expect(send()).rejects.toMatchObject({ code: 'channel.unreachable', applied: 'no' })
  })

  test('contacts name departments, members and heads', async () => {
    expect(await subject.directory.listDepartments()).toEqual([{ id: '1', name: '公司', parentId: null, leaderUserIds: [] }])
    expect(await subject.directory.listMembers()).toEqual([
      { userId: 'u1', name: '张三', departmentIds: ['1'], leaderOf: ['1'], roles: [], active: true },
    ])
    expect(await subject.directory.getMember('u1')).toMatchObject({ userId: 'u1', name: '张三' })
  })

  test('a login code names the person; the page to get one carries state and return address', async () => {
    expect(await subject.login.exchange('code', 'client')).toEqual({ platform: name, corp: subject.channel.corp, userId: 'u1' })
    const url = new URL(subject.login.authorizeUrl({ redirectUri: 'https://crm.example.com/cb?a=1', state: 's1' }))
    expect([url.searchParams.get('redirect_uri'), url.searchParams.get('state')]).toEqual([
      'https://crm.example.com/cb?a=1',
      's1',
    ])
  })
})
