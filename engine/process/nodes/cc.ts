import type { NodeOf } from '../definition.ts'
import { changeEntry } from '../path.ts'
import { namedBy } from '../people.ts'
import type { PathEntry } from '../state.ts'
import type { Turn } from '../turn.ts'
import { type Arrival, waits } from './arrival.ts'

/** 抄送: whom the rules name and who is there is told. Nobody to tell holds nothing up. */
export function arriveAtCc(turn: Turn, node: NodeOf<'cc'>, { entryId }: PathEntry): Arrival {
  const named = namedBy(node.people, node.id, turn)
  if (!named) return turn.rehearsal ? { type: 'leaves', outcome: 'done' } : waits
  if (named.present.length > 0) changeEntry(turn, entryId, { copiedIds: named.present })
  return { type: 'leaves', outcome: 'done' }
}
