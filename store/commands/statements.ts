import type { Doc } from '../bson/index.ts'
import { StoreError } from '../errors.ts'
import { inSlices, type Pace } from '../query/index.ts'
import { flag, type Request } from './request.ts'

/** What the statements of a write command have done so far; kept on file while a retryable write is under way. */
export type Tally = {
  next: number
  n: number
  nModified: number
  upserted: Doc[]
  writeErrors: Doc[]
  /** Length of the texts in them. */
  errorChars: number
  /** What each statement did, for a command that reports them one by one. */
  rows: Doc[]
  stopped: boolean
}

/** What one statement did. */
export type Done = { n: number; nModified?: number; upserted?: unknown; row?: Doc }

/** The statements of a command, the time they have, and the reply to what became of them; a statement gives null when there is more of it to do. */
export type Work = { count: number; pace: Pace; each: (index: number) => Done | null; replyOf: (tally: Tally) => Doc }

const segmentMs = 15
const timeIsOver = 50
const newTally = (): Tally => ({
  next: 0,
  n: 0,
  nModified: 0,
  upserted: [],
  writeErrors: [],
  errorChars: 0,
  rows: [],
  stopped: false,
})

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

// So many failures are told in words: after them the code has to do, or the reply would not fit into a message.
const maxErrorChars = 1024 * 1024

function noteError(tally: Tally, { code, message, extra: { keyPattern, keyValue, errInfo } }: StoreError): void {
  const index = tally.next
  if (tally.errorChars >= maxErrorChars) {
    tally.writeErrors.push({ index, code, errmsg: '' })
    return
  }
  // The value of a key stands in the text and beside it.
  tally.errorChars += 2 * message.length
  const details = { ...(keyPattern ? { keyPattern, keyValue } : {}), ...(errInfo ? { errInfo } : {}) }
  tally.writeErrors.push({ index, code, ...details, errmsg: message })
}

function perform(tally: Tally, request: Request, ordered: boolean, each: Work['each']): void {
  const index = tally.next
  try {
    const done = each(index)
    if (!done) return
    tally.n += done.n
    tally.nModified += done.nModified ?? 0
    if (done.row) tally.rows.push(done.row)
    if (done.upserted !== undefined) tally.upserted.push({ index, _id: done.upserted })
  } catch (error) {
    if (!(error instanceof StoreError) || (request.transaction && error.code === 112) || error.code === timeIsOver) throw error
    noteError(tally, error)
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
  let savingMs = 0
  const save = (finished: boolean) => {
    if (txnNumber === null || !session) return
    const startMs = performance.now()
    if (finished) session.save({ kind: 'reply', txnNumber, reply: replyOf(tally) }, nowMs())
    else session.save({ kind: 'progress', txnNumber, progress: copyOf(tally) }, nowMs())
    savingMs = performance.now() - startMs
  }
  const segment = (): true | null => {
    // A long list of failures takes its time to save: as much is done in between.
    const pauseMs = performance.now() + Math.max(segmentMs, savingMs)
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
    return finished || null
  }
  try {
    await inSlices(database, pace, segment)
  } catch (error) {
    session?.reload()
    throw error
  }
  return replyOf(tally)
}

/** Runs a write command of one statement, whose error is the command's own. Its reply is kept on file in the same commit. */
export async function runSingle(request: Request, pace: Pace, work: () => Doc | null): Promise<Doc> {
  const { database, nowMs } = request.services
  const { session, retryNumber: txnNumber } = request
  const start = startOf(request)
  if ('reply' in start) return start.reply
  try {
    return await inSlices(database, pace, () => {
      pace.check()
      const reply = work()
      if (reply && txnNumber !== null) session?.save({ kind: 'reply', txnNumber, reply }, nowMs())
      return reply
    })
  } catch (error) {
    session?.reload()
    throw error
  }
}
