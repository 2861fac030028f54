import type { Doc } from '../bson/index.ts'
import { StoreError } from '../errors.ts'
import type { Pace } from '../query/index.ts'
import { flag, type Request } from './request.ts'

/** What the statements of a write command have done so far; kept on file while a retryable write is under way. */
export type Tally = {
  next: number
  n: number
  nModified: number
  upserted: Doc[]
  writeErrors: Doc[]
  /** What each statement did, for a command that reports them one by one. */
  rows: Doc[]
  stopped: boolean
}

/** What one statement did. */
export type Done = { n: number; nModified?: number; upserted?: unknown; row?: Doc }

/** The statements of a command, the time they have, and the reply to what became of them. */
export type Work = { count: number; pace: Pace; each: (index: number) => Done; replyOf: (tally: Tally) => Doc }

const segmentMs = 15
const timeIsOver = 50
const newTally = (): Tally => ({ next: 0, n: 0, nModified: 0, upserted: [], writeErrors: [], rows: [], stopped: false })

function startOf(request: Request): Tally | { reply: Doc } {
  const last = request.session?.last()
  if (request.retryNumber === null || !last || last.txnNumber !== request.retryNumber) {
    if (request.retryNumber !== null && last && last.txnNumber > request.retryNumber) {
      throw new StoreError(
        225,
        'TransactionTooOld',
        `Retryable write with txnNumber ${request.retryNumber} is prohibited: a newer one has started`,
      )
    }
    return newTally()
  }
  if (last.kind === 'reply') return { reply: last.reply }
  return last.kind === 'progress' ? (copyOf(last.progress) as Tally) : newTally()
}

const copyOf = (progress: Doc): Doc => ({
  ...progress,
  upserted: [...(progress.upserted as Doc[])],
  writeErrors: [...(progress.writeErrors as Doc[])],
  rows: [...(progress.rows as Doc[])],
})

function errorEntry(index: number, error: StoreError): Doc {
  const { keyPattern, keyValue, errInfo } = error.extra
  return {
    index,
    code: error.code,
    ...(keyPattern ? { keyPattern, keyValue } : {}),
    ...(errInfo ? { errInfo } : {}),
    errmsg: error.message,
  }
}

function perform(tally: Tally, request: Request, ordered: boolean, each: (index: number) => Done): void {
  const index = tally.next
  try {
    const done = each(index)
    tally.n += done.n
    tally.nModified += done.nModified ?? 0
    if (done.row) tally.rows.push(done.row)
    if (done.upserted !== undefined) tally.upserted.push({ index, _id: done.upserted })
  } catch (error) {
    if (!(error instanceof StoreError) || (request.transaction && error.code === 112) || error.code === timeIsOver) throw error
    tally.writeErrors.push(errorEntry(index, error))
    if (ordered || request.transaction) tally.stopped = true
  }
  tally.next++
}

/**
 * Runs the statements of a write command, in as few commits as keep the event loop free. A failed statement changes nothing; ordered
 * commands stop at the first failure. A retryable command leaves its reply, or how far it came, in the same commit as its changes.
 */
export async function runStatements(request: Request, { count, pace, each, replyOf }: Work): Promise<Doc> {
  const { database, nowMs } = request.services
  const { session, retryNumber: txnNumber } = request
  const start = startOf(request)
  if ('reply' in start) return start.reply
  const tally = start
  const ordered = flag(request.command.ordered, true)
  const save = (finished: boolean) => {
    if (txnNumber === null || !session) return
    if (finished) session.save({ kind: 'reply', txnNumber, reply: replyOf(tally) }, nowMs())
    else session.save({ kind: 'progress', txnNumber, progress: copyOf(tally) }, nowMs())
  }
  const segment = (): boolean => {
    const pauseMs = performance.now() + segmentMs
    while (tally.next < count && !tally.stopped) {
      try {
        pace.check()
        perform(tally, request, ordered, each)
      } catch (error) {
        // What was done before it stays done.
        if (tally.next > 0) save(false)
        throw error
      }
      if (performance.now() > pauseMs) break
    }
    const finished = tally.stopped || tally.next >= count
    save(finished)
    return finished
  }
  try {
    while (!(await database.write(segment, pace.endMs)));
  } catch (error) {
    session?.reload()
    throw error
  }
  return replyOf(tally)
}

/** Runs a write command of one statement, whose error is the command's own. Its reply is kept on file in the same commit. */
export async function runSingle(request: Request, pace: Pace, work: () => Doc): Promise<Doc> {
  const { database, nowMs } = request.services
  const { session, retryNumber: txnNumber } = request
  const start = startOf(request)
  if ('reply' in start) return start.reply
  try {
    return await database.write(() => {
      pace.check()
      const reply = work()
      if (txnNumber !== null) session?.save({ kind: 'reply', txnNumber, reply }, nowMs())
      return reply
    }, pace.endMs)
  } catch (error) {
    session?.reload()
    throw error
  }
}
