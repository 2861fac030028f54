import type { Page } from '../../common/contract/page.ts'
import { type TodoRow, todoCompleteInput, todosListInput } from '../../common/contract/todos.ts'
import { DeniedError, InvalidError, NotFoundError } from '../../common/errors.ts'
import type { TodoDoc } from '../../models/todos/index.ts'
import { defineCommand, defineQuery } from '../kernel/command.ts'
import { asPage, decodeCursor } from '../kernel/cursor.ts'
import { routes } from '../kernel/links.ts'
import { type Reply, say } from '../kernel/reply.ts'
import type { Turn } from '../kernel/turn.ts'

const MAX_LIST = 5

export const todoRow = (todo: TodoDoc): TodoRow => ({
  id: todo._id,
  kind: todo.kind,
  title: todo.title,
  ...(todo.subtitle && { subtitle: todo.subtitle }),
  dueAt: todo.dueAt?.getTime() ?? null,
  createdAt: todo.createdAt.getTime(),
  doneAt: todo.doneAt?.getTime() ?? null,
  to: todo.to,
  tickable: todo.kind === 'follow_up',
})

export const todosList = defineQuery({
  name: 'todos.list',
  title: '待办',
  input: todosListInput,
  surfaces: ['chat', 'h5'],
  async run({ services, viewer }, { state, cursor, limit }): Promise<Page<TodoRow>> {
    const rows = await services.models.todos.page(viewer.personId, state, limit + 1, decodeCursor(cursor))
    return asPage(rows, limit, row => ({ at: row.createdAt.getTime(), id: row._id }), todoRow)
  },
})

export const completeTodo = defineCommand({
  name: 'todos.complete',
  title: '完成待办',
  input: todoCompleteInput,
  surfaces: ['h5'],
  kind: 'transaction',
  async run({ services, actor, now }, { todoId }, session) {
    const todo = await services.models.todos.byId(todoId)
    if (!todo) throw new NotFoundError('todo.unknown', '没有找到这条待办。')
    if (todo.assigneeId !== actor.personId) throw new DeniedError('todo.not_yours', '这条待办不是您的。')
    if (todo.kind === 'approval') throw new InvalidError('todo.decide_instead', '审批待办请在审批页面处理。')
    await services.models.todos.close([todoId], new Date(now), { session })
    return { result: { todoId }, subject: `todo:${todoId}` }
  },
})

/** 待办 in the chat. */
export async function listTodos(turn: Turn): Promise<Reply> {
  const { todos, talk } = turn.services.models
  const [rows, total] = await Promise.all([todos.page(turn.person._id, 'open', MAX_LIST), todos.count(turn.person._id)])
  if (rows.length === 0) return say('没有未完成的待办。新的审批和跟进任务会出现在这里。')
  await talk.remember(turn.person._id, {
    list: { kind: 'todo', next: {}, items: rows.map(row => ({ id: row._id, label: row.title })), at: new Date(turn.now) },
  })
  const { time, links } = turn.services
  const lines = rows.map((row, index) => {
    const due = row.dueAt
      ? `,${row.dueAt.getTime() < turn.now ? '已到期,应在 ' : ''}${time.relative(row.dueAt.getTime(), turn.now)} 前`
      : ''
    return `${index + 1}. ${row.title}${row.subtitle ? `(${row.subtitle}${due})` : ''}`
  })
  const more = total > rows.length ? `\n还有 ${total - rows.length} 条` : ''
  return say(`待办 ${total} 条:\n${lines.join('\n')}${more}\n全部待办:${links.h5(routes.todos)}`)
}
