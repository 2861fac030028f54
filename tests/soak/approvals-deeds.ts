import type { Role } from './approvals-company.ts'

/** What somebody does to a case; `count` is how it is found again in the log. */
export interface Deed {
  role: Role | 'admin'
  type: 'approve' | 'reject' | 'transfer' | 'addSign' | 'withdraw' | 'retract' | 'comment' | 'terminate'
  /** A click on the card, else a call of the mini-app. */
  isClick?: true
  command: string
  input(people: Readonly<Record<Role, string>>): Record<string, unknown>
}

const none = () => ({})
const DEEDS: readonly Deed[] = [
  { role: 'ann', type: 'approve', isClick: true, command: 'decide', input: none },
  { role: 'ben', type: 'approve', isClick: true, command: 'decide', input: none },
  { role: 'ann', type: 'approve', command: 'decide', input: () => ({ decision: 'approve', comment: '可以' }) },
  { role: 'ben', type: 'approve', command: 'decide', input: () => ({ decision: 'approve' }) },
  { role: 'ben', type: 'reject', command: 'decide', input: () => ({ decision: 'reject', comment: '不行' }) },
  { role: 'cat', type: 'approve', command: 'decide', input: () => ({ decision: 'approve' }) },
  { role: 'ann', type: 'transfer', command: 'transfer', input: ({ dan }) => ({ toPersonId: dan }) },
  { role: 'ben', type: 'addSign', command: 'addSign', input: ({ dan }) => ({ personIds: [dan], placement: 'before' }) },
  { role: 'sales', type: 'withdraw', command: 'withdraw', input: none },
  { role: 'ann', type: 'retract', command: 'retract', input: none },
  { role: 'sales', type: 'comment', command: 'comment', input: () => ({ text: '请尽快', mentionIds: [] }) },
  { role: 'admin', type: 'terminate', command: 'terminate', input: () => ({ reason: '重复' }) },
]

/** Two votes at the first step come in two samples of three: they are what races are about. */
const VOTES = 5

/** Numbers between 0 and 1 that follow from a seed (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export const pick = <Item>(items: readonly Item[], roll: () => number): Item => items[Math.floor(roll() * items.length)] as Item

/** Two to four deeds by different people, or of different kinds. */
export function deedsOf(roll: () => number): Deed[] {
  const deeds: Deed[] = []
  const wanted = 2 + Math.floor(roll() * 3)
  while (deeds.length < wanted) {
    const deed = pick(roll() < 0.67 ? DEEDS.slice(0, VOTES) : DEEDS, roll)
    if (!deeds.some(({ role, type }) => role === deed.role && type === deed.type)) deeds.push(deed)
  }
  return deeds
}
