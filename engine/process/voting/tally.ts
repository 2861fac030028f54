import type { ApprovalMode } from '../mode.ts'
import type { Seat } from '../state.ts'
import { places, verdictOf } from './tree.ts'

export type Verdict = 'approved' | 'rejected'

/** Shares are compared to the millionth of a percent, in whole numbers. */
const SCALE = 1_000_000

interface Count {
  approved: number
  rejected: number
  open: number
}

/** What the votes at a node come to, by its mode; nothing while they do not decide. */
export function tally(mode: ApprovalMode, seats: readonly Seat[]): Verdict | undefined {
  const voters = places(seats).flat()
  const verdicts = voters.map(seat => verdictOf(seats, seat))
  switch (mode.type) {
    case 'anyOf':
      return verdicts.find(verdict => verdict !== undefined)
    case 'sequential':
      return unanimous(verdicts, true)
    case 'countersign':
      return unanimous(verdicts, mode.earlyEnd)
    case 'vote': {
      const weigh = (verdict: Verdict | undefined): number =>
        voters.reduce((sum, { weight }, index) => (verdicts[index] === verdict ? sum + weight : sum), 0)
      return byShare(mode, { approved: weigh('approved'), rejected: weigh('rejected'), open: weigh(undefined) })
    }
  }
}

function unanimous(verdicts: readonly (Verdict | undefined)[], earlyEnd: boolean): Verdict | undefined {
  const isOpen = verdicts.includes(undefined)
  if (verdicts.includes('rejected') && (earlyEnd || !isOpen)) return 'rejected'
  return isOpen ? undefined : 'approved'
}

function byShare(mode: Extract<ApprovalMode, { type: 'vote' }>, count: Count): Verdict | undefined {
  if (!mode.earlyEnd && count.open > 0) return undefined
  const total = count.approved + count.rejected + count.open
  const reaches = (weight: number): boolean => weight * 100 * SCALE >= Math.round(mode.sharePercent * SCALE) * total
  if (mode.veto && count.rejected > 0) return 'rejected'
  if (reaches(count.approved)) return 'approved'
  return reaches(count.approved + count.open) ? undefined : 'rejected'
}
