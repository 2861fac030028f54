import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startWorld, type World } from '../support/world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld()
  await world.say('zhang3', '新建线索 重庆长安汽车 张伟 13812345678')
  await world.press('zhang3', '确认')
})
afterAll(() => world.close())

const models = () => world.service.services.models
let serial = 0

/** 张三 submits a contract that 刘强 agrees to, so that 陈涛, who is on DingTalk only, has to decide. */
async function forChenTao(): Promise<{ number: string; caseId: string; title: string }> {
  serial += 1
  const title = `钉钉${serial}号合同`
  await world.advance(60_000)
  await world.say('zhang3', `提交合同 长安 ${title} 专线 ${serial}万`)
  await world.press('zhang3', '确认')
  await world.press('liuqiang', '同意')
  const contract = await models().contracts.model.findOne({ title }).lean()
  return { number: contract?.number ?? '', caseId: contract?.caseId ?? '', title }
}

const listed = (userId: string) => world.dingtalk.todoList(userId).map(task => String(task.subject))

describe('every kind of robot message', () => {
  test.each<[string, string, Record<string, unknown>, RegExp]>([
    ['a voice with words', 'audio', { downloadCode: 'a', duration: 900, recognition: '待办' }, /待办/],
    ['a voice without words', 'audio', { downloadCode: 'a', duration: 900, recognition: '' }, /语音|打字|文字/],
    ['a video', 'video', { downloadCode: 'v', duration: 900, videoType: 'mp4' }, /./],
    ['a file', 'file', { downloadCode: 'f', fileName: '报价单.xlsx' }, /./],
    ['formatted words', 'richText', { richText: [{ text: '待' }, { text: '办' }] }, /待办/],
    ['a forwarded chat', 'chatRecord', {}, /文字/],
    ['something of an unknown kind', 'unknownMsgType', {}, /文字/],
  ])('%s is answered, through the message itself and without an API call', async (_, msgtype, content, words) => {
    const before = [world.texts('u1031').length, world.dingtalk.usage.api]
    expect(await world.dingtalk.userSends('u1031', { msgtype, content })).toMatchObject({ acked: true })
    await world.settle()
    expect([world.texts('u1031').length, world.dingtalk.usage.api]).toEqual([(before[0] ?? 0) + 1, before[1]])
    expect(world.lastText('u1031')).toMatch(words)
  })

  test('somebody without an account here is told so, in the chat from which they wrote', async () => {
    const push = await world.dingtalk.userSends('guest-1', { msgtype: 'text', text: { content: '查 长安汽车' }, guest: true })
    await world.settle()
    expect(push.acked).toBe(true)
    expect(world.dingtalk.view('guest-1').map(({ text }) => text)).toEqual([expect.stringContaining('person.unknown')])
    expect(await models().outbox.model.countDocuments({ status: 'dead' })).toBe(0)
  })

  test('an answer after the end of its session goes as a message of its own', async () => {
    const before = world.dingtalk.usage.api
    await world.dingtalk.userSends('u1031', {
      msgtype: 'text',
      text: { content: '帮助' },
      fields: { sessionWebhookExpiredTime: world.service.services.clock.now() - 1 },
    })
    await world.settle()
    expect(world.lastText('u1031')).toContain('我能帮您')
    expect(world.dingtalk.usage.api).toBe(before + 1)
  })
})

describe("the platform's own to-do list", () => {
  test('shows what waits, leads to it, and ends with the decision', async () => {
    const { caseId, title } = await forChenTao()
    expect(listed('u1030')).toEqual([`审批 ${title}`])
    const [task] = world.dingtalk.todoList('u1030')
    expect(task).toMatchObject({
      executorIds: ['union-u1030'],
      isOnlyShowExecutor: true,
      detailUrl: { appUrl: expect.stringContaining(`/m/#/approvals/${caseId}`) },
    })
    await world.press('u1030', '同意')
    expect(listed('u1030')).toEqual([])
    expect(world.dingtalk.todos.find(({ id }) => id === task?.id)).toMatchObject({ done: true })
    await world.press('lijing', '同意')
  })

  test('what was passed on is taken off one list and put on the other', async () => {
    const { number, title } = await forChenTao()
    await world.say('u1030', `转交 ${number} 吴磊`)
    expect([listed('u1030'), listed('u1031')]).toEqual([[], [`审批 ${title}`]])
    await world.press('u1031', '同意')
    await world.press('lijing', '同意')
  })

  test('what was withdrawn is gone', async () => {
    const { number } = await forChenTao()
    const before = world.dingtalk.todos.length
    await world.say('zhang3', `撤回 ${number}`)
    expect(listed('u1030')).toEqual([])
    expect(world.dingtalk.todos.length).toBe(before - 1)
  })

  test('an answer that was lost makes no second task', async () => {
    world.dingtalk.fault({ path: '/tasks', drop: 'after' })
    const { title } = await forChenTao()
    await world.advance(120_000)
    expect(listed('u1030')).toEqual([`审批 ${title}`])
    expect(world.dingtalk.todos.filter(({ subject }) => subject === `审批 ${title}`)).toHaveLength(1)
    await world.press('u1030', '同意')
    await world.press('lijing', '同意')
    expect(listed('u1030')).toEqual([])
  })

  test('what is decided before the copy was made never needs one', async () => {
    const { calls } = world.dingtalk
    world.dingtalk.fault({ path: '/tasks', httpStatus: 503 })
    await forChenTao()
    await world.press('u1030', '同意')
    await world.advance(600_000)
    expect(calls.filter(call => call.path.endsWith('/tasks') && call.status === 200).at(-1)?.at ?? 0).toBeLessThan(
      world.service.services.clock.now() - 600_000,
    )
    expect(listed('u1030')).toEqual([])
    await world.press('lijing', '同意')
  })

  test('a refusal for good is noted with the to-do, and the chat goes on', async () => {
    world.dingtalk.fault({ path: '/tasks', httpStatus: 403, code: 'Forbidden.AccessDenied.AccessTokenPermissionDenied' })
    const { caseId } = await forChenTao()
    const todo = await models()
      .todos.model.findOne({ to: `/approvals/${caseId}`, state: 'open' })
      .lean()
    expect(todo?.board).toMatchObject({ shown: 'nothing', due: false, error: { code: 'dingtalk.not_permitted' } })
    await world.press('u1030', '同意')
    await world.press('lijing', '同意')
  })
})

describe('people', () => {
  test('somebody new is known as soon as the platform tells', async () => {
    world.dingtalk.addPerson({ dingtalkUserId: 'u1050', name: '新同事', mobile: '13900001050', title: '工程师', departmentId: 5 })
    expect(await world.dingtalk.sendEvent('user_add_org', { timeStamp: '1', userId: ['u1050'] })).toMatchObject({
      acked: true,
      response: { status: 'SUCCESS' },
    })
    await world.settle()
    expect(await models().people.byName('新同事')).toHaveLength(1)
  })

  test('a change is taken over, and somebody who left is not active any more', async () => {
    const company = world.dingtalk.people
    expect(company.some(({ userId }) => userId === 'u1041')).toBe(true)
    const [before] = await models().people.byName('郑洁')
    world.dingtalk.removePerson('u1041')
    await world.dingtalk.sendEvent('user_leave_org', { timeStamp: '2', userId: ['u1041'] })
    await world.settle()
    expect((await models().people.byId(before?._id ?? ''))?.active).toBe(false)
  })

  test('departments are read anew when one came', async () => {
    world.dingtalk.addDepartment({ id: 9, name: '售后部', parentId: 1 })
    await world.dingtalk.sendEvent('org_dept_create', {})
    await world.settle()
    expect((await models().people.allDepartments()).some(({ name }) => name === '售后部')).toBe(true)
  })

  test('an event that could not be stored is asked for again', async () => {
    const accept = models().inbound.accept
    let refusals = 1
    models().inbound.accept = row => (refusals-- > 0 ? Promise.reject(new Error('the store is away')) : accept(row))
    const push = await world.dingtalk.sendEvent('user_modify_org', { timeStamp: '3', userId: ['u1050'] })
    models().inbound.accept = accept
    expect(push.response).toEqual({ status: 'SUCCESS' })
    expect(refusals).toBeLessThan(0)
  })
})

describe('pushes that do not come as they should', () => {
  test('a message that comes twice, in two frames, has one answer', async () => {
    world.dingtalk.deliveryFault({ about: 'message', kind: 'duplicate' })
    const before = world.texts('u1031').length
    await world.say('u1031', '帮助')
    expect(world.texts('u1031')).toHaveLength(before + 1)
  })

  test('a click that comes twice, in two frames, decides once', async () => {
    const { caseId } = await forChenTao()
    world.dingtalk.deliveryFault({ about: 'card', kind: 'duplicate' })
    await world.press('u1030', '同意')
    expect(await models().steps.model.countDocuments({ caseId })).toBe(3)
    expect(world.lastCard('u1030').status).toBe('已同意')
    await world.press('lijing', '同意')
  })

  test('words that come in the wrong order are each answered', async () => {
    world.dingtalk.deliveryFault({ about: 'message', kind: 'reorder', delayMs: 200 })
    const before = world.texts('u1031').length
    await Promise.all([world.dingtalk.userSendsText('u1031', '帮助'), world.dingtalk.userSendsText('u1031', '待办')])
    await world.settle()
    expect(world.texts('u1031')).toHaveLength(before + 2)
  })

  test('an event that comes again after a delay changes nothing more', async () => {
    const count = () => models().inbound.model.countDocuments({ 'event.type': 'contact_changed' })
    const push = await world.dingtalk.sendEvent('user_modify_org', { timeStamp: '4', userId: ['u1050'] })
    const before = await count()
    world.dingtalk.deliveryFault({ about: 'event', kind: 'delay', delayMs: 20 })
    expect(await world.dingtalk.redeliver(push)).toMatchObject({ acked: true })
    await world.settle()
    expect(await count()).toBe(before)
  })
})

describe('a click', () => {
  test('is answered with the new card inside its 1.2 s, at no API call', async () => {
    await forChenTao()
    const before = world.dingtalk.usage.api
    const push = await world.dingtalk.userClicksCard('u1030', world.lastCard('u1030').taskId, 'approve')
    expect(push.ackMs).toBeLessThan(1_200)
    expect(JSON.stringify(push.response)).toContain('已同意')
    await world.settle()
    const puts = world.dingtalk.calls.filter(call => call.method === 'PUT' && call.path === '/v1.0/card/instances')
    expect(puts.filter(call => JSON.stringify(call.body).includes(world.lastCard('u1030').taskId))).toEqual([])
    // The decision's own card costs nothing; what is left is the to-do that is marked done.
    expect(world.dingtalk.usage.api).toBe(before + 1)
    await world.press('lijing', '同意')
  })

  test('whose result is late is answered with nothing changed, and the card is painted by one call when it is there', async () => {
    const { caseId } = await forChenTao()
    const { taskId } = world.lastCard('u1030')
    const insert = models().steps.insert
    let go = () => {}
    const slow = new Promise<void>(resolve => {
      go = resolve
    })
    models().steps.insert = async document => {
      await slow
      return insert(document)
    }
    const push = await world.dingtalk.userClicksCard('u1030', taskId, 'approve')
    expect(push).toMatchObject({ acked: true, response: {} })
    expect(push.ackMs).toBeGreaterThanOrEqual(1_100)
    expect(push.ackMs).toBeLessThan(2_000)
    expect(world.lastCard('u1030').status).toBe('待处理')
    models().steps.insert = insert
    go()
    await world.settle()
    expect(world.lastCard('u1030').status).toBe('已同意')
    const puts = world.dingtalk.calls.filter(
      call => call.method === 'PUT' && call.path === '/v1.0/card/instances' && JSON.stringify(call.body).includes(taskId),
    )
    expect(puts).toHaveLength(1)
    expect(await models().steps.model.countDocuments({ caseId })).toBe(3)
    await world.press('lijing', '同意')
  })
})

describe('a click whose answer cannot be sent', () => {
  test('because the connection broke meanwhile: the decision counts, and the card is painted by a call', async () => {
    const { caseId } = await forChenTao()
    const { taskId } = world.lastCard('u1030')
    const { insert } = models().steps
    models().steps.insert = async document => {
      world.dingtalk.dropConnections()
      await streams(open => open === 0)
      return insert(document)
    }
    const push = await world.dingtalk.userClicksCard('u1030', taskId, 'approve')
    models().steps.insert = insert
    expect(push.acked).toBe(false)
    await world.settle()
    expect(world.lastCard('u1030').status).toBe('已同意')
    expect(await models().steps.model.countDocuments({ caseId })).toBe(3)
    await streams(open => open > 0)
    await world.press('lijing', '同意')
  })
})

/** Resolves when so many streams are open: told by the emulator, not by the clock. */
function streams(enough: (open: number) => boolean): Promise<void> {
  if (enough(world.dingtalk.connections())) return Promise.resolve()
  return new Promise(resolve => {
    const stop = world.dingtalk.onChange(() => {
      if (!enough(world.dingtalk.connections())) return
      stop()
      resolve()
    })
  })
}

test('every request kept to the fields of the vendor pages', () => {
  expect(world.dingtalk.violations).toEqual([])
})
