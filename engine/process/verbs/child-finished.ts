import type { EventOf } from '../event.ts'
import { finish, lastActor } from '../finish.ts'
import { replaceEntry } from '../path.ts'
import { refuse } from '../result.ts'
import { leave } from '../tokens/leave.ts'
import { goOn, standStill } from '../tokens/walk.ts'
import { nodeOf, type Turn } from '../turn.ts'
import { awaiting } from './service-finished.ts'

const WORDS = { rejected: '被拒绝', withdrawn: '被撤回', terminated: '被终止' } as const

/**
 * The child case of a sub-process ended. Approved, the case goes on; else the node says whether that rejects this one too. A child that
 * could not even begin decides nothing: the case stands still and says why.
 */
export function childFinished(turn: Turn, { entryId, childCaseId, outcome, why }: EventOf<'childFinished'>): void {
  const entry = awaiting(turn, entryId, 'subProcess')
  const node = nodeOf(turn, entry.nodeId)
  if (entry.childCaseId !== childCaseId || node.type !== 'subProcess') refuse('approval.answer_stale')
  if (outcome === 'refused') {
    const { childCaseId: _never, ...alone } = entry
    standStill(turn, replaceEntry(turn, alone), {
      code: 'service_failed',
      why: `「${entry.name}」没有开始:${why?.trim() || '原因不明'}`,
    })
    return
  }
  if (outcome === 'approved' || node.onReject === 'continue') {
    const comment = outcome === 'approved' ? undefined : `「${entry.name}」${WORDS[outcome]},继续`
    goOn(turn, leave(turn, entryId, { outcome: 'done', comment }))
    return
  }
  const reason = `「${entry.name}」${WORDS[outcome]}`
  leave(turn, entryId, { outcome: 'rejected', comment: reason })
  finish(turn, 'rejected', { byId: lastActor(turn.state), reason })
}
