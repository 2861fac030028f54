import { freshId } from '../../kernel/ids.ts'
import { flag, list, number, object, type Shape, strings, text } from '../../kernel/shape.ts'
import { DingTalkRefusal } from '../refusal.ts'
import type { DingTalkState } from '../state.ts'
import { type Route, stringsOf, textOf } from './route.ts'

const TASKS = /^\/v1\.0\/todo\/users\/([^/]+)\/tasks$/
const TASK = /^\/v1\.0\/todo\/users\/([^/]+)\/tasks\/([^/]+)$/
const BAD = 'todo.taskCreate.paramError'
/** Advised by the page for a list of people. */
const PEOPLE = 100
const MANY_PEOPLE = 1000

const rows = list({ fieldKey: text({ maxBytes: 1024 }), fieldValue: text({ maxBytes: 1024 }) })
const operator: Shape = { operatorId: text({ required: true }) }

const creating: Shape = {
  subject: text({ required: true, maxChars: 1024 }),
  sourceId: text(),
  creatorId: text(),
  executorIds: strings({ maxItems: PEOPLE }),
  participantIds: strings({ maxItems: PEOPLE }),
  detailUrl: object(
    { appUrl: text({ required: true, maxBytes: 1024 }), pcUrl: text({ required: true, maxBytes: 1024 }) },
    { required: true },
  ),
  description: text({ maxChars: 4096 }),
  dueTime: number(),
  reminderTimeStamp: number(),
  priority: number({ oneOf: [10, 20, 30, 40] }),
  isOnlyShowExecutor: flag(),
  contentFieldList: rows,
  notifyConfigs: object({
    dingNotify: text({ oneOf: ['0', '1'] }),
    sendTodoApn: text({ oneOf: ['true', 'false'] }),
    sendAssistantChat: text({ oneOf: ['true', 'false'] }),
  }),
  remindNotifyConfigs: object({ dingNotify: text({ oneOf: ['0', '1'] }), sendTodoApn: text({ oneOf: ['true', 'false'] }) }),
  actionList: list(),
  todoType: text({ oneOf: ['TODO', 'READ'] }),
  bizCategoryId: text(),
  thirdExtension: object(),
}

/** Third-party to-dos (vendor pages 创建/更新/删除钉钉待办任务); all people are union ids. */
export const todoRoutes: Route[] = [
  {
    method: 'POST',
    path: TASKS,
    generation: 'new',
    metered: true,
    query: operator,
    fields: creating,
    badField: BAD,
    run: ({ state, query, body, parts }) => {
      for (const unionId of [textOf(parts[0]), textOf(query.operatorId), ...stringsOf(body.executorIds)]) {
        if (!state.directory.people.some(person => person.unionId === unionId))
          throw new DingTalkRefusal(BAD, `unionId 无效:${unionId}`)
      }
      const twin = [...state.todos.values()].some(({ sourceId }) => sourceId !== undefined && sourceId === body.sourceId)
      if (twin) throw new DingTalkRefusal(BAD, 'task exist')
      const id = freshId('task')
      const task = { ...body, id, done: false, createdTime: state.clock.now(), source: 'isv_emulated', bizTag: 'todo' }
      state.todos.set(id, task)
      return { ...task, requestId: freshId('R') }
    },
  },
  {
    method: 'PUT',
    path: TASK,
    generation: 'new',
    metered: true,
    query: operator,
    fields: {
      subject: text({ maxChars: 1024 }),
      description: text({ maxChars: 4096 }),
      dueTime: number(),
      done: flag(),
      executorIds: strings({ maxItems: MANY_PEOPLE }),
      participantIds: strings({ maxItems: MANY_PEOPLE }),
      contentFieldList: rows,
    },
    badField: 'todo.taskUpdate.paramError',
    run: ({ state, body, parts }) => {
      state.todos.set(textOf(parts[1]), { ...taskOf(state, parts[1]), ...body })
      return { result: true }
    },
  },
  {
    method: 'PUT',
    path: /^\/v1\.0\/todo\/users\/([^/]+)\/tasks\/([^/]+)\/executorStatus$/,
    generation: 'new',
    metered: true,
    query: operator,
    fields: { executorStatusList: list({ id: text({ required: true }), isDone: flag({ required: true }) }, { required: true }) },
    run: ({ state, body, parts }) => {
      state.todos.set(textOf(parts[1]), { ...taskOf(state, parts[1]), executorStatusList: body.executorStatusList })
      return { result: true }
    },
  },
  {
    method: 'DELETE',
    path: TASK,
    generation: 'new',
    metered: true,
    query: operator,
    run: ({ state, parts }) => {
      taskOf(state, parts[1])
      return { result: state.todos.delete(textOf(parts[1])) }
    },
  },
  {
    method: 'GET',
    path: /^\/v1\.0\/todo\/users\/([^/]+)\/tasks\/sources\/([^/]+)$/,
    generation: 'new',
    metered: true,
    run: ({ state, parts }) => [...state.todos.values()].find(({ sourceId }) => sourceId === parts[1]) ?? taskOf(state, ''),
  },
  {
    method: 'GET',
    path: TASK,
    generation: 'new',
    metered: true,
    run: ({ state, parts }) => taskOf(state, parts[1]),
  },
]

function taskOf(state: DingTalkState, id: string | undefined): Record<string, unknown> {
  const task = state.todos.get(id ?? '')
  if (!task) throw new DingTalkRefusal('todo.task.notExist', '待办不存在', 404)
  return task
}
