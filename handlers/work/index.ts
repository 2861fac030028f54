import { z } from 'zod'
import type { Page } from '../../common/contract/page.ts'
import { type DeadLetter, workReplayInput } from '../../common/contract/people.ts'
import { NotFoundError } from '../../common/errors.ts'
import type { OutboxDoc } from '../../models/kernel/outbox.ts'
import { defineCommand, defineQuery } from '../kernel/command.ts'

const MAX_ROWS = 100
const NO_ERROR = { code: 'internal', message: '未知错误' }

const TITLE_CHARS = 30
const firstWords = (text: string): string => (text.split('\n', 1)[0] ?? '').slice(0, TITLE_CHARS)

const MESSAGE_TROUBLE: Readonly<Partial<Record<OutboxDoc['status'], string>>> = {
  unknown: '消息结果未知',
  not_reached: '平台没有送到',
}

/** Who is woken for it; steps are found by who tidies. */
const QUEUES = { inbound: 'inbound', effect: 'outbox', card: 'cards', timer: 'timers', step: null } as const

/** What failed for good or whose outcome is unknown, newest first. */
export const deadLetters = defineQuery({
  name: 'work.deadLetters',
  title: '没做成的工作',
  input: z.object({}),
  surfaces: ['admin'],
  async run({ services }): Promise<Page<DeadLetter>> {
    const { inbound, outbox, cards, timers, steps } = services.models
    const [events, messages, faces, unfired, unfollowed] = await Promise.all([
      inbound.dead(MAX_ROWS),
      outbox.troubled(MAX_ROWS),
      cards.troubled(MAX_ROWS),
      timers.troubled(MAX_ROWS),
      steps.stuck(MAX_ROWS),
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
        title: `${MESSAGE_TROUBLE[row.status] ?? '消息没有送出'}:${row.secret ? '(含链接)' : firstWords(row.text)}`,
        error: row.error ?? NO_ERROR,
        ...(row.status === 'unknown' && { mayHaveArrived: true as const }),
        attempts: row.attempts,
        at: row.createdAt.getTime(),
      })),
      ...faces.map(row => ({
        id: row._id,
        kind: 'card' as const,
        title: row.status === 'unknown' ? '卡片结果未知' : '卡片没有送出',
        error: row.error ?? NO_ERROR,
        ...(row.status === 'unknown' && { mayHaveArrived: true as const }),
        attempts: row.attempts,
        at: row.createdAt.getTime(),
      })),
      ...unfired.map(row => ({
        id: row._id,
        kind: 'timer' as const,
        title: '到期没有处理',
        error: row.error ?? NO_ERROR,
        attempts: row.attempts,
        at: row.fireAt.getTime(),
      })),
      ...unfollowed.map(row => ({
        id: row._id,
        kind: 'step' as const,
        title: '审批已记下,待办和通知没有跟上',
        error: row.error ?? NO_ERROR,
        attempts: row.attempts ?? 0,
        at: row.at.getTime(),
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
    const { inbound, outbox, cards, timers, steps } = services.models
    const at = new Date(now)
    const again = {
      inbound: () => inbound.replay(id),
      effect: () => outbox.replay(id, at),
      card: () => cards.replay(id, at),
      timer: () => timers.replay(id),
      step: () => steps.replay(id),
    }
    if (!(await again[kind]())) throw new NotFoundError('work.unknown', '这条任务已经处理过或不存在。')
    const queue = QUEUES[kind]
    if (queue) services.poke(queue)
    return { result: { id }, subject: `${kind}:${id}` }
  },
})
