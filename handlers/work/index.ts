import { z } from 'zod'
import type { Page } from '../../common/contract/page.ts'
import { type DeadLetter, workReplayInput } from '../../common/contract/people.ts'
import { NotFoundError } from '../../common/errors.ts'
import { defineCommand, defineQuery } from '../kernel/command.ts'

const MAX_ROWS = 100
const NO_ERROR = { code: 'internal', message: '未知错误' }

/** What failed for good or whose outcome is unknown, newest first. */
export const deadLetters = defineQuery({
  name: 'work.deadLetters',
  title: '失败的任务',
  input: z.object({}),
  surfaces: ['admin'],
  async run({ services }): Promise<Page<DeadLetter>> {
    const { inbound, outbox, cards } = services.models
    const [events, messages, faces] = await Promise.all([
      inbound.dead(MAX_ROWS),
      outbox.troubled(MAX_ROWS),
      cards.troubled(MAX_ROWS),
    ])
    const items: DeadLetter[] = [
      ...events.map(row => ({
        id: row._id,
        kind: 'inbound' as const,
        title: `收到的${row.event.type === 'card_action' ? '卡片点击' : '消息'}`,
        error: row.error ?? NO_ERROR,
        attempts: row.attempts,
        at: row.receivedAt.getTime(),
      })),
      ...messages.map(row => ({
        id: row._id,
        kind: 'effect' as const,
        title: row.status === 'unknown' ? '消息结果未知' : '消息没有送出',
        error: row.error ?? NO_ERROR,
        attempts: row.attempts,
        at: row.createdAt.getTime(),
      })),
      ...faces.map(row => ({
        id: row._id,
        kind: 'card' as const,
        title: row.status === 'unknown' ? '卡片结果未知' : '卡片没有送出',
        error: row.error ?? NO_ERROR,
        attempts: row.attempts,
        at: row.createdAt.getTime(),
      })),
    ]
    return { items: items.sort((a, b) => b.at - a.at).slice(0, MAX_ROWS), nextCursor: null }
  },
})

/** Try a dead letter once more. */
export const replayWork = defineCommand({
  name: 'work.replay',
  title: '重试',
  input: workReplayInput,
  surfaces: ['admin'],
  kind: 'decision',
  async run({ services, now }, { id, kind }) {
    const { inbound, outbox, cards } = services.models
    const at = new Date(now)
    const replayed =
      kind === 'inbound'
        ? await inbound.replay(id, new Date())
        : kind === 'effect'
          ? await outbox.replay(id, at)
          : await cards.replay(id, at)
    if (!replayed) throw new NotFoundError('work.unknown', '这条任务已经处理过或不存在。')
    services.poke(kind === 'inbound' ? 'inbound' : kind === 'effect' ? 'outbox' : 'cards')
    return { result: { id }, subject: `${kind}:${id}` }
  },
})
