import type { ProcessNode } from '../definition.ts'
import type { PathEntry } from '../state.ts'
import type { Turn } from '../turn.ts'
import { type Arrival, waits } from './arrival.ts'
import { arriveAtCc } from './cc.ts'
import { arriveAtEnd } from './end.ts'
import { arriveAtExclusive } from './exclusive.ts'
import { arriveAtInclusive } from './inclusive.ts'
import { arriveAtManned } from './manned.ts'
import { arriveAtParallel } from './parallel.ts'
import { arriveAtSubProcess } from './subProcess.ts'
import { arriveAtTimer } from './timer.ts'

export type { Arrival } from './arrival.ts'

/** What becomes of a token that enters this node. A start and a join are not arrived at this way: see `tokens/`. */
export function arriveAt(turn: Turn, node: ProcessNode, entry: PathEntry, people?: readonly string[]): Arrival {
  switch (node.type) {
    case 'approval':
    case 'handle':
      return arriveAtManned(turn, node, entry, people)
    case 'cc':
      return arriveAtCc(turn, node, entry)
    case 'exclusive':
      return arriveAtExclusive(turn, node)
    case 'inclusive':
      return arriveAtInclusive(turn, node)
    case 'parallel':
      return arriveAtParallel(node)
    case 'timer':
      return arriveAtTimer(turn, node, entry)
    case 'service':
      return waits
    case 'subProcess':
      return arriveAtSubProcess(turn, entry)
    case 'end':
      return arriveAtEnd(node, entry)
    case 'start':
    case 'join':
      throw new Error(`a token cannot arrive at a ${node.type}`)
  }
}
