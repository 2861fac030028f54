import type { DeliveryRow } from '../../common/contract/deliveries.ts'
import type { CardDoc } from '../../models/kernel/card-ledger.ts'
import type { OutboxDoc } from '../../models/kernel/outbox.ts'

type Words = Pick<DeliveryRow, 'state' | 'told'>

const WAITS: Readonly<Record<NonNullable<OutboxDoc['waits']>, string>> = {
  quiet: '免打扰时段,稍后发送',
  budget: '等待发送(发送频率已到上限)',
  company: '等待与其他通知一起发送',
}

/** Was he told, in words. */
export function wordsForMessage(row: OutboxDoc): Words {
  switch (row.status) {
    case 'queued':
      return { state: row.waits ? WAITS[row.waits] : row.error ? `等待重试:${row.error.message}` : '等待发送', told: 'waiting' }
    case 'sending':
      return { state: '正在发送', told: 'waiting' }
    case 'sent':
      return { state: '已送达', told: 'yes' }
    case 'merged':
      return { state: row.sentAt ? '已随汇总消息送达' : '已由更新的通知代替', told: row.sentAt ? 'yes' : 'no' }
    case 'expired':
      return { state: '已过期,没有发送', told: 'no' }
    case 'unknown':
      return { state: '发送结果未知,没有重复发送', told: 'unknown' }
    case 'not_reached':
      return { state: '平台没有送到这个人', told: 'no' }
    case 'dead':
      return { state: `没有送出:${row.error?.message ?? '未知错误'}`, told: 'no' }
    case 'recorded':
      return { state: '没有设置短信服务,仅作记录', told: 'no' }
  }
}

export function wordsForCard(row: CardDoc): Words {
  switch (row.status) {
    case 'new':
      return { state: row.error ? `等待重试:${row.error.message}` : '等待发送', told: 'waiting' }
    case 'sending':
      return { state: '正在发送', told: 'waiting' }
    case 'shown':
      return { state: row.due ? '已送达,正在更新' : '已送达', told: 'yes' }
    case 'superseded':
      return { state: '已送达,后由新消息代替', told: 'yes' }
    case 'unknown':
      return { state: '发送结果未知,没有重复发送', told: 'unknown' }
    case 'dead':
      return { state: `没有送出:${row.error?.message ?? '未知错误'}`, told: 'no' }
  }
}
