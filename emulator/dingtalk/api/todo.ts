import { freshId } from '../../kernel/ids.ts'
import { DingTalkRefusal } from '../refusal.ts'
import type { DingTalkState } from '../state.ts'
import { plain, type Route, textOf } from './route.ts'

const TASKS = /^\/v1\.0\/todo\/users\/([^/]+)\/tasks$/
const TASK = /^\/v1\.0\/todo\/users\/([^/]+)\/tasks\/([^/]+)$/

/** Third-party to-dos; vendor page 待办与通知. */
export const todoRoutes: Route[] = [
  {
    method: 'POST',
    path: TASKS,
    generation: 'new',
    metered: true,
    fields: plain(
      ...[
        'sourceId',
        'subject',
        'creatorId',
        'executorIds',
        'participantIds',
        'detailUrl',
        'description',
        'dueTime',
        'reminderTimeStamp',
      ],
      'priority',
      'isOnlyShowExecutor',
      'contentFieldList',
      'notifyConfigs',
      'remindNotifyConfigs',
      'actionList',
      'todoType',
      'bizCategoryId',
      'thirdExtension',
    ),
    run: ({ state, body, parts }) => {
      if (!state.directory.people.some(({ unionId }) => unionId === parts[0]))
        throw new DingTalkRefusal('todo.taskCreate.paramError', 'unionId 无效')
      if (!textOf(body.subject) || !body.detailUrl)
        throw new DingTalkRefusal('todo.taskCreate.paramError', 'subject 与 detailUrl 必填')
      const twin = [...state.todos.values()].some(({ sourceId }) => sourceId !== undefined && sourceId === body.sourceId)
      if (twin) throw new DingTalkRefusal('todo.taskCreate.paramError', 'task exist')
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
    fields: plain('subject', 'description', 'dueTime', 'done', 'executorIds', 'participantIds', 'contentFieldList'),
    run: ({ state, body, parts }) => {
      state.todos.set(textOf(parts[1]), { ...taskOf(state, parts[1]), ...body })
      return { result: true }
    },
  },
  {
    ...{
      method: 'PUT',
      path: /^\/v1\.0\/todo\/users\/([^/]+)\/tasks\/([^/]+)\/executorStatus$/,
      generation: 'new',
      metered: true,
    },
    fields: plain('executorStatusList'),
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
    run: ({ state, parts }) => ({ result: state.todos.delete(textOf(parts[1])) }),
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
