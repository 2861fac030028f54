import type { EventOf, ProcessEvent } from '../event.ts'
import type { Turn } from '../turn.ts'
import { addSign } from './add-sign.ts'
import { approve } from './approve.ts'
import { childFinished } from './child-finished.ts'
import { addComment } from './comment.ts'
import { copy } from './copy.ts'
import { delegate } from './delegate.ts'
import { handOver } from './hand-over.ts'
import { migrate } from './migrate.ts'
import { reassign } from './reassign.ts'
import { reject } from './reject.ts'
import { removeSign } from './remove-sign.ts'
import { reroute } from './reroute.ts'
import { resolve } from './resolve.ts'
import { resubmit } from './resubmit.ts'
import { retract } from './retract.ts'
import { sendBackTo } from './return.ts'
import { serviceFinished } from './service-finished.ts'
import { skip } from './skip.ts'
import { submit } from './submit.ts'
import { terminate } from './terminate.ts'
import { timeout } from './timeout.ts'
import { transfer } from './transfer.ts'
import { urge } from './urge.ts'
import { withdraw } from './withdraw.ts'

type Verb<T extends ProcessEvent['type']> = (turn: Turn, event: EventOf<T>) => void

/**
 * What each event does. A verb changes the turn's state, or refuses.
 *
 * What becomes of votes already cast at the step, half-way, in every mode (`anyOf`, `countersign`, `sequential`, `vote`; each cell is a
 * test in process-modes.test.ts):
 *
 * | verb | votes already cast | who is asked then |
 * |---|---|---|
 * | approve, reject | count beside it, as the mode says | who has not voted; `sequential`: the next one |
 * | return, reject back to the submitter | stay in the path as history, count no more | the step is entered anew: everybody |
 * | withdraw, terminate, rejected elsewhere | stay as history | nobody |
 * | skip, reroute | stay as history | whoever comes next |
 * | transfer, handOver, overdue transfer | stay | the new person in the seat that moved, at its place and weight |
 * | reassign | stay | other people in the open seats; waiting seats stay, who is to be heard after a vote is still heard |
 * | addSign before | stay | who was added; the seat waits for them |
 * | addSign after | stay | who was added, once the seat has approved |
 * | addSign parallel | stay | who was added too; `sequential`: at the same place; `vote`: weight 1 |
 * | removeSign | stay, but for those cast below the seat that goes | who is left; the votes may decide now |
 * | retract | the maker's last one is taken back, the others stay | as before it |
 * | delegate | stay | who stands in now, for open seats; for waiting ones when their turn comes |
 * | migrate | stay; from the next one on they count as the new version's mode says | no change |
 * | urge, comment, copy | stay | no change |
 */
const VERBS: { readonly [T in ProcessEvent['type']]: Verb<T> } = {
  submit,
  approve,
  reject,
  return: sendBackTo,
  resubmit,
  withdraw,
  transfer,
  addSign,
  removeSign,
  urge,
  comment: addComment,
  copy,
  retract,
  delegate,
  handOver,
  reassign,
  skip,
  reroute,
  terminate,
  resolve,
  migrate,
  timeout,
  serviceFinished,
  childFinished,
}

export function apply(turn: Turn, event: ProcessEvent): void {
  const verb = VERBS[event.type] as Verb<ProcessEvent['type']>
  verb(turn, event)
}
