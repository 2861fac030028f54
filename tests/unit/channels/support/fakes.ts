import type { ChannelLog } from '../../../../bot/channels/index.ts'
import type { Card } from '../../../../cards/model.ts'
import type { Delivery } from '../../../../common/inbound.ts'
import type { InboundSink } from '../../../../handlers/kernel/ports.ts'

/** A log that remembers everything written to it. */
export function memoryLog(): ChannelLog & { codes(): unknown[]; text(): string } {
  const lines: { fields: Record<string, unknown>; message: string }[] = []
  const write = (fields: Record<string, unknown>, message: string) => {
    lines.push({ fields, message })
  }
  return {
    info: write,
    warn: write,
    error: write,
    codes: () => lines.map(line => line.fields.code),
    text: () =>
      lines
        .map(
          line =>
            `${line.message} ${JSON.stringify(line.fields, (_, value) => (value instanceof Error ? String(value) : value))}`,
        )
        .join('\n'),
  }
}

export interface MemorySink extends InboundSink {
  failing: boolean
  card: Card | null
  deliveries: Delivery[]
  quarantined: { reason: string; body: string }[]
}

/** A sink that remembers what it took; `failing` makes the store refuse, `card` answers clicks. */
export function memorySink(): MemorySink {
  const sink: MemorySink = {
    failing: false,
    card: null,
    deliveries: [],
    quarantined: [],
    async accept(delivery) {
      if (sink.failing) throw new Error('the store is down')
      const fresh = sink.deliveries.every(known => known.key !== delivery.key)
      if (fresh) sink.deliveries.push(delivery)
      return { fresh, card: sink.card }
    },
    async quarantine({ reason, body }) {
      if (sink.failing) throw new Error('the store is down')
      sink.quarantined.push({ reason, body })
    },
  }
  return sink
}

export const openCard: Card = {
  kind: '合同审批',
  number: 'HT-2026-0041',
  title: '长安汽车 · 专线扩容',
  status: '待处理',
  facts: [
    { label: '金额', value: '620,000.00 元' },
    { label: '类型', value: '专线' },
  ],
  reason: '金额 620,000.00 > 500,000.00 → 副总',
  buttons: [
    { type: 'callback', id: 'approve', label: '同意', style: 'primary' },
    { type: 'link', id: 'reject', label: '拒绝', url: 'https://crm.example.com/m/#/a/1/reject', style: 'danger' },
    { type: 'link', id: 'detail', label: '详情', url: 'https://crm.example.com/m/#/a/1' },
  ],
  more: [{ id: 'transfer', label: '转交' }],
  link: 'https://crm.example.com/m/#/a/1',
}

export const closedCard: Card = {
  kind: openCard.kind,
  number: 'HT-2026-0041',
  title: openCard.title,
  status: '已同意',
  facts: openCard.facts,
  reason: '金额 620,000.00 > 500,000.00 → 副总',
  note: '已同意 · 王敏 · 11-21 14:03',
  buttons: [],
  link: 'https://crm.example.com/m/#/a/1',
}

/** Wait until something holds, by looking again and again; fails when that takes too long. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, limitMs = 3000): Promise<void> {
  const end = Date.now() + limitMs
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`still waiting until ${what}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
