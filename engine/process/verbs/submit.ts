import { advance } from '../advance.ts'
import type { EventOf } from '../event.ts'
import { entryFor, given } from '../path.ts'
import { refused } from '../result.ts'
import type { ProcessState } from '../state.ts'
import type { Turn, VerbResult } from '../turn.ts'

/** 提交: a case begins. */
export function submit(event: EventOf<'submit'>, turn: Turn): VerbResult {
  const start = turn.definition.nodes.find(node => node.type === 'start')
  if (start?.type !== 'start') return refused('approval.definition_invalid')
  const { key, version } = turn.definition
  const entry = entryFor(start, turn.now, {
    decidedAt: turn.now,
    outcome: 'submitted',
    byId: event.by,
    ...given('via', event.via),
  })
  const state: ProcessState = {
    caseId: event.caseId,
    definition: { key, version },
    status: 'running',
    revision: 0,
    submitterId: event.by,
    submittedAt: turn.now,
    form: event.form,
    path: [entry],
    openTasks: [],
  }
  return advance(state, start.next, event.by, [], turn)
}
