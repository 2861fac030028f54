import { z } from 'zod'
import { clip, oneLine } from '../../../cards/render/index.ts'
import { PlatformRefused } from '../../../common/errors.ts'
import type { BoardTask, TodoBoard } from '../../../handlers/kernel/ports.ts'
import { type DingTalkClient, platformCode } from './client.ts'
import { createUnionIds } from './union-ids.ts'

const created = z.object({ id: z.string().min(1) })
const done = z.object({ result: z.boolean().optional() })

/** What the client shows in one line of its list. */
const SUBJECT_CHARS = 100
const FIELD_CHARS = 80

/**
 * The person's 待办 list (pages "创建钉钉待办任务", "更新钉钉待办任务", "删除钉钉待办任务"; permission `Todo.Todo.Write`). The task belongs to its executor, shows
 * to nobody else and rings no bell: the card has done that. People cannot tick it there, they are led to our page.
 */
export function createDingTalkTodoBoard(corp: string, client: DingTalkClient): TodoBoard {
  const unionIdOf = createUnionIds(client)
  const home = (unionId: string, rest = ''): string =>
    `/v1.0/todo/users/${encodeURIComponent(unionId)}/tasks${rest}?operatorId=${encodeURIComponent(unionId)}`

  async function create(task: BoardTask): Promise<{ taskId: string }> {
    const unionId = await unionIdOf(task.userId)
    const body = {
      sourceId: task.sourceId,
      subject: clip(oneLine(task.title), SUBJECT_CHARS),
      creatorId: unionId,
      executorIds: [unionId],
      isOnlyShowExecutor: true,
      detailUrl: { appUrl: task.url, pcUrl: task.url },
      contentFieldList: (task.facts ?? []).slice(0, 5).map(({ label, value }) => ({
        fieldKey: clip(oneLine(label), FIELD_CHARS),
        fieldValue: clip(oneLine(value), FIELD_CHARS),
      })),
      notifyConfigs: { dingNotify: '0', sendTodoApn: 'false', sendAssistantChat: 'false' },
      ...(task.dueAt !== undefined && { dueTime: task.dueAt }),
    }
    try {
      return { taskId: (await client.api({ method: 'POST', path: home(unionId), body, answer: created })).id }
    } catch (error) {
      // Our id is known already (an answer was lost), or something else is wrong with the task: the platform has one code for both.
      if (platformCode(error) !== 'todo.taskCreate.paramError') throw error
      const path = `/v1.0/todo/users/${encodeURIComponent(unionId)}/tasks/sources/${encodeURIComponent(task.sourceId)}`
      const known = await client.api({ method: 'GET', path, answer: created }).catch(() => null)
      if (!known) throw error
      return { taskId: known.id }
    }
  }

  async function mark({ taskId, userId }: { taskId: string; userId: string }, isDone: boolean): Promise<boolean> {
    const path = home(await unionIdOf(userId), `/${encodeURIComponent(taskId)}`)
    return unlessGone(client.api({ method: 'PUT', path, body: { done: isDone }, answer: done }))
  }

  return {
    platform: 'dingtalk',
    corp,
    create,
    async finish(task) {
      await mark(task, true)
    },
    reopen: task => mark(task, false),
    async remove({ taskId, userId }) {
      const path = home(await unionIdOf(userId), `/${encodeURIComponent(taskId)}`)
      await unlessGone(client.api({ method: 'DELETE', path, answer: done }))
    },
  }
}

/** False when there is no such task any more. */
async function unlessGone(call: Promise<unknown>): Promise<boolean> {
  try {
    await call
    return true
  } catch (error) {
    const isGone = error instanceof PlatformRefused && /notExist|notFound/i.test(String(error.details.platformCode))
    if (!isGone) throw error
    return false
  }
}
