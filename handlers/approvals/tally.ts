import type { MannedNode, PathEntry } from '../../engine/process/index.ts'
import { MODE_WORDS } from './words.ts'

/** `会签 2/3 已同意`: how many have voted where several are asked; undefined where one person decides. */
export function tallyOf(entry: PathEntry, node: MannedNode): string | undefined {
  const seats = entry.seats.filter(seat => seat.status !== 'removed')
  if (seats.length < 2) return undefined
  const mode = MODE_WORDS[node.mode.type]
  const word = node.type === 'handle' ? '已完成' : '已同意'
  const approved = seats.filter(seat => seat.status === 'approved')
  const rejected = seats.filter(seat => seat.status === 'rejected')
  const against = rejected.length > 0 ? `,${rejected.length} 人拒绝` : ''
  if (node.mode.type === 'anyOf') return `${mode} ${seats.length} 人,一人处理即可`
  if (node.mode.type !== 'vote') return `${mode} ${approved.length}/${seats.length} ${word}${against}`
  // Who was added before or after somebody else has no vote of their own.
  const voters = (some: typeof seats) => some.filter(({ weight }) => weight > 0)
  const weightOf = (some: typeof seats) => some.reduce((sum, seat) => sum + seat.weight, 0)
  const all = weightOf(seats)
  const share = all === 0 ? 0 : Math.floor((weightOf(approved) / all) * 100)
  return `${mode} ${voters(approved).length}/${voters(seats).length} ${word}(${share}%,需 ${node.mode.sharePercent}%)${against}`
}
