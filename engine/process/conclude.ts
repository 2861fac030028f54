import { mannedNodeOf } from './authority.ts'
import { finish } from './finish.ts'
import { checkOutputs } from './form.ts'
import { entryOf } from './path.ts'
import type { PathEntry } from './state.ts'
import { leave } from './tokens/leave.ts'
import { sendBack, submissionOf } from './tokens/send-back.ts'
import { goOn } from './tokens/walk.ts'
import type { Turn } from './turn.ts'
import { tally } from './voting/tally.ts'

/** Whose act may have decided the node. */
export interface Act {
  by: string
  comment?: string | undefined
  via?: string | undefined
}

/**
 * Once the votes at a task decide, its node is left: approved, the case goes on; rejected, it ends or goes back to its submitter.
 * Refused: `approval.output_required { fields }` when it would go on without what this node must bring out.
 */
export function conclude(turn: Turn, taskId: string, { by, comment, via }: Act): void {
  const entry = entryOf(turn.state, taskId)
  const node = mannedNodeOf(turn, entry)
  const verdict = tally(node.mode, entry.seats)
  if (verdict === undefined) return
  if (verdict === 'approved') {
    checkOutputs(turn, node)
    const outcome = node.type === 'handle' ? 'done' : 'approved'
    goOn(turn, leave(turn, taskId, { outcome, byId: by, comment, via }))
    return
  }
  const reason = rejectionOf(entry) ?? comment
  const left = leave(turn, taskId, { outcome: 'rejected', byId: by, comment: reason, via })
  if (node.type === 'approval' && node.onReject === 'submitter') {
    sendBack(turn, left, submissionOf(turn.state), { byId: by, reason: reason ?? '', resume: 'rerun' })
  } else {
    finish(turn, 'rejected', { byId: by, reason, via })
  }
}

/** The reason of the last one who rejected. */
const rejectionOf = ({ seats }: PathEntry): string | undefined =>
  seats
    .filter(({ status }) => status === 'rejected')
    .reduce<(typeof seats)[number] | undefined>(
      (last, seat) => (last === undefined || (seat.decidedAt ?? 0) >= (last.decidedAt ?? 0) ? seat : last),
      undefined,
    )?.comment
