import type { EventOf, ProcessEvent } from '../event.ts'
import type { Turn } from '../turn.ts'
import { addSign } from './add-sign.ts'
import { approve } from './approve.ts'
import { childFinished } from './child-finished.ts'
import { addComment } from './comment.ts'
import { copy } from './copy.ts'
import { delegate } from './delegate.ts'
import { handOver } from './hand-over.ts'
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

/** What each event does. A verb changes the turn's state, or refuses. */
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
  timeout,
  serviceFinished,
  childFinished,
}

export function apply(turn: Turn, event: ProcessEvent): void {
  const verb = VERBS[event.type] as Verb<ProcessEvent['type']>
  verb(turn, event)
}
