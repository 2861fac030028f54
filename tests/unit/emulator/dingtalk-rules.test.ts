import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type DingTalkEmulator, startDingTalkEmulator } from '../../../emulator/index.ts'
import { dingtalkClient, handClock, robotCard, sampleCompany, sampleDingTalkApp } from './support.ts'

type Json = Record<string, unknown>

let clock: ReturnType<typeof handClock>
let platform: DingTalkEmulator
let api: Awaited<ReturnType<typeof dingtalkClient>>

beforeEach(async () => {
  clock = handClock()
  platform = await startDingTalkEmulator({ ...sampleDingTalkApp, clock, company: sampleCompany, monthlyApiCalls: 40 })
  api = await dingtalkClient(platform.baseUrl)
})
afterEach(() => platform.close())

const TASKS = '/v1.0/todo/users/union-u1001/tasks'
const SEND = '/v1.0/robot/oToMessages/batchSend'
const CREATE = '/v1.0/card/instances/createAndDeliver'
const GROUP = '/v1.0/im/sceneGroup/create'
const task = (more: Json = {}): Json => ({
  subject: '审批 专线扩容',
  sourceId: 'todo-1',
  executorIds: ['union-u1001'],
  detailUrl: { appUrl: 'https://h5.example.com/1', pcUrl: 'https://h5.example.com/1' },
  ...more,
})
const words = (more: Json = {}): Json => ({
  robotCode: sampleDingTalkApp.clientId,
  userIds: ['u1001'],
  msgKey: 'sampleText',
  msgParam: '{"content":"您好"}',
  ...more,
})
const group = (more: Json = {}): Json => ({
  title: '长安汽车协作',
  template_id: sampleDingTalkApp.groupTemplateId,
  owner_user_id: 'u1001',
  user_ids: ['u1001', 'u1030'],
  uuid: 'wish1',
  ...more,
})

/** Path, a right body, and ways to get it wrong: what is changed, and the field that is complained of. */
const TABLES: [string, () => Json, [Json, string][]][] = [
  [
    SEND,
    words,
    [
      [{ userId: 'u1001' }, 'userId'],
      [{ msgKey: undefined }, 'msgKey'],
      [{ userIds: 'u1001' }, 'userIds'],
      [{ msgParam: { content: 'x' } }, 'msgParam'],
    ],
  ],
  [
    CREATE,
    () => robotCard('o1', 'u1001'),
    [
      [{ cardTemplateID: 'x' }, 'cardTemplateID'],
      [{ callbackType: 'stream' }, 'callbackType'],
      [{ outTrackId: undefined }, 'outTrackId'],
      [{ imRobotOpenSpaceModel: {} }, 'imRobotOpenSpaceModel.supportForward'],
      [{ imRobotOpenDeliverModel: { spaceType: 'ROBOT' } }, 'imRobotOpenDeliverModel.spaceType'],
      [{ cardData: { cardParamMap: { title: 1 } } }, 'cardData.cardParamMap'],
    ],
  ],
  [
    `${TASKS}?operatorId=union-u1001`,
    task,
    [
      [{ title: 'x' }, 'title'],
      [{ subject: '' }, 'subject'],
      [{ detailUrl: 'https://h5.example.com/1' }, 'detailUrl'],
      [{ detailUrl: { appUrl: 'https://h5.example.com/1' } }, 'detailUrl.pcUrl'],
      [{ priority: 1 }, 'priority'],
      [{ dueTime: '2026' }, 'dueTime'],
      [{ notifyConfigs: { dingNotify: true } }, 'notifyConfigs.dingNotify'],
      [{ subject: 'x'.repeat(1025) }, 'subject'],
    ],
  ],
  [TASKS, task, [[{}, 'query.operatorId']]],
  [
    GROUP,
    group,
    [
      [{ name: 'x' }, 'name'],
      [{ title: 'x'.repeat(31) }, 'title'],
      [{ owner_user_id: undefined }, 'owner_user_id'],
      [{ user_ids: 'u1001,u1030' }, 'user_ids'],
    ],
  ],
]

describe.each(TABLES)('%s', (path, right, wrongs) => {
  test('takes what its page describes', async () => {
    if (path === TASKS) return expect(wrongs).toHaveLength(1)
    expect((await api.fresh('POST', path, right())).status).toBe(200)
    return expect(platform.violations).toEqual([])
  })

  test.each(wrongs)('refuses %j in the platform’s own way and complains of %s', async (change, field) => {
    const answer = await api.fresh('POST', path, { ...right(), ...change })
    expect([answer.status, typeof answer.code]).toEqual([400, 'string'])
    expect(platform.violations.map(complaint => complaint.field)).toEqual([field])
    expect([platform.view('u1001'), platform.todos, platform.groups]).toEqual([[], [], []])
  })
})

test('the old API complains with a number', async () => {
  expect(await api.old('/topapi/v2/user/get', { user_id: 'u1001' })).toMatchObject({ status: 200, errcode: 400002 })
  expect(platform.violations.map(({ kind, field }) => [kind, field])).toEqual([
    ['missing_field', 'userid'],
    ['unknown_field', 'user_id'],
  ])
})

describe('quotas', () => {
  test('the month’s calls end; free ones go on, and a new month begins at midnight in Beijing', async () => {
    platform.setUsage({ api: 39 })
    expect((await api.fresh('POST', SEND, words())).status).toBe(200)
    expect(await api.fresh('POST', SEND, words())).toMatchObject({
      status: 403,
      code: 'Forbidden.AccessDenied.ApiCountLimitForOrg',
    })
    expect(await api.old('/topapi/v2/user/get', { userid: 'u1001' })).toMatchObject({ errcode: 0 })
    expect(platform.usage.api).toBe(40)
    // 2026-11-30 23:59:59 in Beijing.
    clock.advance(Date.UTC(2026, 10, 30, 15, 59, 59) - clock.now())
    api = await dingtalkClient(platform.baseUrl)
    expect((await api.fresh('POST', SEND, words())).status).toBe(403)
    clock.advance(1_000)
    expect((await api.fresh('POST', SEND, words())).status).toBe(200)
    expect(platform.usage).toEqual({ month: '2026-12', api: 1, webhookAndStream: 0 })
  })

  test('without pushes left a message comes without its words, and a session takes none', async () => {
    await platform.close()
    platform = await startDingTalkEmulator({ ...sampleDingTalkApp, clock, company: sampleCompany, monthlyPushes: 1 })
    await platform.userSendsText('u1001', 'a')
    const push = await platform.userSendsText('u1001', 'b')
    expect(push.data).toMatchObject({ errorCode: '20001' })
    expect(push.data).not.toHaveProperty('text')
    const reply = await fetch(String(push.data.sessionWebhook), {
      method: 'POST',
      body: JSON.stringify({ msgtype: 'text', text: { content: 'x' } }),
    })
    expect(await reply.json()).toMatchObject({ errcode: 90030 })
    await platform.sendEvent('user_add_org', { userId: ['u1001'] })
    expect(platform.usage.webhookAndStream).toBe(1)
  })
})

test('an address that is not on the list is refused by both generations', async () => {
  platform.allowIp(false)
  expect(await api.fresh('POST', SEND, words())).toMatchObject({ status: 403, code: 'Forbidden.AccessDenied.IpNotInWhiteList' })
  expect(await api.old('/topapi/v2/user/get', { userid: 'u1001' })).toMatchObject({ errcode: 60020 })
})

test('whoever is flow-controlled is named and gets nothing', async () => {
  platform.controlFlow('u1001', true)
  expect(await api.fresh('POST', SEND, words({ userIds: ['u1001', 'u1030'] }))).toMatchObject({
    flowControlledStaffIdList: ['u1001'],
  })
  expect([platform.view('u1001').length, platform.view('u1030').length]).toEqual([0, 1])
})

describe('to-dos', () => {
  const home = `${TASKS}?operatorId=union-u1001`

  test('one id makes one task, which is found by it, marked done and taken off', async () => {
    const { id } = await api.fresh('POST', home, task())
    expect(await api.fresh('POST', home, task())).toMatchObject({ status: 400, code: 'todo.taskCreate.paramError' })
    expect(await api.fresh('GET', `${TASKS}/sources/todo-1`)).toMatchObject({ id })
    expect(platform.todoList('u1001')).toHaveLength(1)
    await api.fresh('PUT', `${TASKS}/${id}?operatorId=union-u1001`, { done: true })
    expect(platform.todoList('u1001')).toEqual([])
    expect(await api.fresh('DELETE', `${TASKS}/${id}?operatorId=union-u1001`)).toMatchObject({ result: true })
    expect(await api.fresh('DELETE', `${TASKS}/${id}?operatorId=union-u1001`)).toMatchObject({ status: 404 })
  })

  test('people are named by union id', async () => {
    expect(await api.fresh('POST', home, task({ executorIds: ['u1001'] }))).toMatchObject({ code: 'todo.taskCreate.paramError' })
  })
})

describe('groups', () => {
  test('one wish makes one group with the robot in it; a card reaches everybody there', async () => {
    const made = await api.fresh('POST', GROUP, group())
    expect(await api.fresh('POST', GROUP, group())).toMatchObject({ open_conversation_id: made.open_conversation_id })
    await api.fresh('POST', '/v1.0/im/sceneGroup/member/add', {
      open_conversation_id: made.open_conversation_id,
      user_ids: ['u1031', 'u1030'],
    })
    expect(platform.groups).toMatchObject([{ title: '长安汽车协作', members: ['u1001', 'u1030', 'u1031'] }])
    const { imRobotOpenSpaceModel: _, imRobotOpenDeliverModel: __, ...card } = robotCard('g1', '')
    const placed = {
      ...card,
      openSpaceId: `dtv1.card//IM_GROUP.${made.open_conversation_id}`,
      imGroupOpenSpaceModel: { supportForward: false },
      imGroupOpenDeliverModel: { robotCode: sampleDingTalkApp.clientId },
    }
    expect(await api.fresh('POST', CREATE, placed)).toMatchObject({ result: { deliverResults: [{ success: true }] } })
    expect(platform.groupView(String(made.open_conversation_id))).toHaveLength(1)
  })

  test('another template, a stranger and an unknown group are refused', async () => {
    expect((await api.fresh('POST', GROUP, group({ template_id: 'x' }))).status).toBe(400)
    expect(await api.fresh('POST', GROUP, group({ user_ids: ['nobody'] }))).toMatchObject({ code: 'staffId.notExisted' })
    expect(
      (await api.fresh('POST', '/v1.0/im/sceneGroup/member/add', { open_conversation_id: 'cidX', user_ids: [] })).status,
    ).toBe(400)
  })
})

test('a work notification reaches the named people and can be taken back', async () => {
  const notice = {
    agent_id: Number(sampleDingTalkApp.agentId),
    userid_list: 'u1001,u9',
    msg: { msgtype: 'text', text: { content: '您好' } },
  }
  const path = '/topapi/message/corpconversation'
  const { task_id: taskId } = await api.old(`${path}/asyncsend_v2`, notice)
  expect(platform.view('u1001').map(({ text }) => text)).toEqual(['您好'])
  expect(await api.old(`${path}/getsendresult`, { agent_id: notice.agent_id, task_id: taskId })).toMatchObject({
    send_result: { unread_user_id_list: ['u1001'] },
  })
  await api.old(`${path}/recall`, { agent_id: notice.agent_id, msg_task_id: taskId })
  expect(platform.view('u1001')[0]?.recalled).toBe(true)
})

test('a JSAPI ticket asked for again lives longer, but never beyond a day', async () => {
  await platform.close()
  platform = await startDingTalkEmulator({ ...sampleDingTalkApp, clock, company: sampleCompany, callsPerSecond: 1_000 })
  const ticket = async () => {
    api = await dingtalkClient(platform.baseUrl)
    return api.fresh('POST', '/v1.0/oauth2/jsapiTickets', {})
  }
  const first = await ticket()
  for (let hour = 1; hour <= 23; hour += 1) {
    clock.advance(3_600_000)
    const again = await ticket()
    expect([again.jsapiTicket, again.expireIn]).toEqual([first.jsapiTicket, hour < 23 ? 7_200 : 3_600])
  }
  clock.advance(3_600_001)
  expect((await ticket()).jsapiTicket).not.toBe(first.jsapiTicket)
})

test('an opening call may name an address where nobody listens', async () => {
  platform.misdirect(1)
  const { clientId, clientSecret } = sampleDingTalkApp
  const body = { clientId, clientSecret, subscriptions: [] }
  expect((await api.bare('POST', '/v1.0/gateway/connections/open', body)).endpoint).toBe('ws://127.0.0.1:1/connect')
  expect((await api.bare('POST', '/v1.0/gateway/connections/open', body)).endpoint).not.toBe('ws://127.0.0.1:1/connect')
})
