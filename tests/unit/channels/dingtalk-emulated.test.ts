import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { createDingTalkChannel, type DingTalkConnection, type DingTalkDeps } from '../../../bot/channels/index.ts'
import { ShiftedClock } from '../../../common/clock.ts'
import { type CompanySeed, type DingTalkEmulator, sampleDingTalkApp, startDingTalkEmulator } from '../../../emulator/index.ts'
import type { Groups, TodoBoard } from '../../../handlers/kernel/ports.ts'
import { memoryLog, memorySink, openCard } from './support/fakes.ts'

const user = (index: number): string => `u${1000 + index}`
const company: CompanySeed = {
  name: '测试公司',
  departments: [{ id: 1, name: '测试公司', parentId: 0 }],
  people: Array.from({ length: 130 }, (_, index) => ({
    dingtalkUserId: user(index),
    name: `员工${index}`,
    mobile: String(13_900_000_000 + index),
    title: '客户经理',
    departmentId: 1,
  })),
}

const clock = new ShiftedClock()
let platform: DingTalkEmulator
let connection: DingTalkConnection
let groups: Groups
let todos: TodoBoard

function connect(more: Partial<DingTalkDeps> = {}): DingTalkConnection {
  const base = { apiBase: platform.baseUrl, oapiBase: platform.baseUrl, loginBase: platform.baseUrl }
  return createDingTalkChannel({ ...sampleDingTalkApp, ...base }, { clock, log: memoryLog(), sink: memorySink(), ...more })
}

beforeAll(async () => {
  platform = await startDingTalkEmulator({ ...sampleDingTalkApp, company, clock })
  connection = connect()
  if (!connection.groups || !connection.todos) throw new Error('groups and to-dos are set up')
  groups = connection.groups
  todos = connection.todos
})
afterEach(() => expect(platform.violations).toEqual([]))
afterAll(() => platform.close())

describe('groups', () => {
  test('a group is opened once for each wish, also for more people than one call names', async () => {
    const memberIds = Array.from({ length: 130 }, (_, index) => user(index))
    const wish = {
      name: '重庆长安汽车(集团)有限责任公司专线扩容项目协作群一二三四五',
      ownerId: user(0),
      memberIds,
      requestId: 'wish1',
    }
    const { groupId } = await groups.createGroup(wish)
    expect(await groups.createGroup(wish)).toEqual({ groupId })
    const group = platform.groups.find(({ conversationId }) => conversationId === groupId)
    expect([group?.members.length, group?.title.length]).toEqual([130, 30])
  })

  test('who is in it already is left alone; words and cards reach everybody, without decisions', async () => {
    const { groupId } = await groups.createGroup({ name: '长安', ownerId: user(0), memberIds: [user(1)] })
    await groups.addMembers?.(groupId, [user(1), user(2)])
    expect(platform.groups.at(-1)?.members).toEqual([user(0), user(1), user(2)])
    await groups.sendToGroup(groupId, { text: '大家好' })
    await groups.sendToGroup(groupId, { card: openCard, cardId: 'group-card-1' })
    const [words, card] = platform.groupView(groupId)
    expect(words?.text).toBe('大家好')
    expect(card?.card?.buttons.map(({ key, url }) => [key, url !== undefined])).toEqual([
      [undefined, true],
      [undefined, true],
    ])
  })

  test('a stranger among the members is the platform’s refusal, and no group is left half made', async () => {
    const before = platform.groups.length
    const wish = { name: 'x', ownerId: user(0), memberIds: ['nobody'] }
    await expect(groups.createGroup(wish)).rejects.toMatchObject({ code: 'dingtalk.person_unknown' })
    expect(platform.groups).toHaveLength(before)
  })
})

describe('the to-do list', () => {
  const task = { sourceId: 'todo-1', userId: user(3), title: '审批 专线扩容', url: 'https://crm.example.com/m/#/approvals/1' }

  test('a task is put there once, marked done, and taken off; one that is gone is no trouble', async () => {
    const { taskId } = await todos.create(task)
    expect(await todos.create(task)).toEqual({ taskId })
    expect(platform.todoList(user(3))).toMatchObject([{ subject: '审批 专线扩容', isOnlyShowExecutor: true }])
    await todos.finish({ taskId, userId: user(3) })
    expect(platform.todoList(user(3))).toEqual([])
    expect(await todos.reopen({ taskId, userId: user(3) })).toBe(true)
    expect(platform.todoList(user(3))).toMatchObject([{ id: taskId }])
    await todos.remove({ taskId, userId: user(3) })
    expect(await todos.reopen({ taskId, userId: user(3) })).toBe(false)
    await todos.remove({ taskId, userId: user(3) })
    await todos.finish({ taskId, userId: user(3) })
  })

  test('somebody who is not there is the platform’s refusal', async () => {
    await expect(todos.create({ ...task, sourceId: 'todo-2', userId: 'nobody' })).rejects.toMatchObject({
      code: 'dingtalk.person_unknown',
    })
  })

  test('the person’s union id is asked for once', async () => {
    const asked = () => platform.calls.filter(({ path }) => path === '/topapi/v2/user/get').length
    await todos.create({ ...task, sourceId: 'todo-3', userId: user(4) })
    const before = asked()
    await todos.create({ ...task, sourceId: 'todo-4', userId: user(4) })
    expect(asked()).toBe(before)
  })
})

describe('files', () => {
  const fetchMedia = (media: string) => connection.channel.fetchMedia?.(media)

  test('what somebody sent is fetched by its token', async () => {
    const push = await platform.userSendsImage(user(5))
    const { downloadCode } = push.data.content as { downloadCode: string }
    const file = await fetchMedia(`${downloadCode}|现场.png`)
    expect([file?.name, file?.type, file?.bytes.subarray(1, 4).toString()]).toEqual(['现场.png', 'image/png', 'PNG'])
  })

  test('a token that is not known any more is gone', async () => {
    await expect(fetchMedia('nothing|x')).rejects.toMatchObject({ code: 'media.gone' })
  })
})

describe('taking back', () => {
  const say = (userId: string, words: string) => connection.channel.sendText({ kind: 'person', userId }, words)
  const recall = (messageId = '') => connection.channel.recall?.(messageId)

  test('what one person got is taken back within a day, and no later', async () => {
    const { messageId } = await say(user(20), '第一条')
    await recall(messageId)
    expect(platform.view(user(20))[0]?.recalled).toBe(true)
    const old = await say(user(20), '第二条')
    clock.advance(25 * 3_600_000)
    await expect(recall(old.messageId)).rejects.toMatchObject({ code: 'message.not_recallable' })
    await expect(recall('unknown')).rejects.toMatchObject({ code: 'message.not_recallable', retryable: false })
  })

  test('near the end of the month’s calls none is spent on it', async () => {
    const { messageId } = await say(user(23), '第三条')
    const calls = { reserve: async () => 4_800, giveBack: async () => undefined }
    const thrifty = connect({ calls })
    await thrifty.channel.sendText({ kind: 'person', userId: user(24) }, '一次调用')
    await expect(thrifty.channel.recall?.(messageId ?? '')).rejects.toMatchObject({ code: 'message.not_recallable' })
    expect(platform.view(user(23))[0]?.recalled).toBe(false)
  })

  test('what several got in one call cannot be taken from one of them', async () => {
    const calls = platform.calls.length
    const receipts = await Promise.all([say(user(21), '同一条'), say(user(22), '同一条')])
    expect(platform.calls.slice(calls).filter(({ path }) => path.endsWith('/batchSend'))).toHaveLength(1)
    expect(receipts).toEqual([{}, {}])
  })
})
