import { isThere } from '../people.ts'
import type { Turn } from '../turn.ts'

/**
 * Who stands in for a person now: the last one along the chain of standing delegations who is there. Nobody when the chain leads
 * back to the person; it stops before somebody who is gone, before the submitter, and before a circle further along.
 *
 * @returns null for nobody; nothing while a look-up is open
 */
export function standIn(personId: string, turn: Turn): string | null | undefined {
  const chain = [personId]
  for (;;) {
    const last = chain.at(-1) ?? personId
    const answer = turn.lookups.ask({ type: 'delegate', personId: last })
    if (!answer) return undefined
    const [next] = answer
    if (next === personId) return null
    const isEnd = next === undefined || next === turn.state.submitterId || chain.includes(next)
    const isPresent = isEnd ? false : isThere(next, turn)
    if (isPresent === undefined) return undefined
    if (isEnd || !isPresent) return last === personId ? null : last
    chain.push(next)
  }
}
