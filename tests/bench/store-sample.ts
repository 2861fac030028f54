/** A document of the size of a lead: about 350 bytes. */
export interface Sample {
  _id: number
  number: string
  owner: string
  company: string
  contact: { name: string; phone: string }
  stage: string
  amountMinor: number
  at: Date
  tags: string[]
  version: number
}

const STAGES = ['new', 'contacted', 'offer', 'contract', 'won', 'lost'] as const
const DAY_MS = 86_400_000

export const sampleOf = (id: number): Sample => ({
  _id: id,
  number: `XS-2026-${String(id).padStart(7, '0')}`,
  owner: `person-${id % 97}`,
  company: `重庆第${id}号信息技术有限公司`,
  contact: { name: '张伟', phone: String(13_800_000_000 + id) },
  stage: STAGES[id % STAGES.length] ?? 'new',
  amountMinor: (id * 7919) % 100_000_000,
  at: new Date(1_700_000_000_000 + ((id * 104_729) % 365) * DAY_MS),
  tags: ['专线', '集成'].slice(0, 1 + (id % 2)),
  version: 1,
})
