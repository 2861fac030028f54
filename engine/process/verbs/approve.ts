import { mannedNodeOf, taskOf } from '../authority.ts'
import { takeChoices } from '../choices.ts'
import { conclude } from '../conclude.ts'
import type { EventOf } from '../event.ts'
import { edit } from '../form.ts'
import type { Turn } from '../turn.ts'
import { castVote } from '../voting/vote.ts'
import { comment } from '../words.ts'

/** 同意, or 完成 at a handling node: with the fields that this node lets its people edit, and whom they name for the next one. */
export function approve(turn: Turn, event: EventOf<'approve'>): void {
  const task = taskOf(turn, event)
  const node = mannedNodeOf(turn, task)
  const act = { by: event.by, comment: comment(event.comment), via: event.via }
  edit(turn, node, event.edits)
  takeChoices(turn, node, event.choices)
  castVote(turn, task, node, { status: 'approved', ...act })
  conclude(turn, task.taskId, act)
}
