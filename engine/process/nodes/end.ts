import type { NodeOf } from '../definition.ts'
import type { PathEntry } from '../state.ts'
import type { Arrival } from './arrival.ts'

/** The case is over, unless it would end in the middle of other branches. */
export const arriveAtEnd = (node: NodeOf<'end'>, entry: PathEntry): Arrival =>
  entry.forks.length === 0
    ? { type: 'ends' }
    : { type: 'incident', code: 'broken', why: `分支还没有汇合就到了「${node.name}」,流程图有误` }
