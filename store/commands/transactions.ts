import { StoreError } from '../errors.ts'
import type { Session } from '../sessions/index.ts'
import { type Handler, type Request, txnNumberOf } from './request.ts'

const noSuchTransaction = (message: string) =>
  new StoreError(251, 'NoSuchTransaction', message, { labels: ['TransientTransactionError'] })

/** Finds or begins the transaction that a command belongs to. @throws StoreError 251 when it is over */
export function enterTransaction(request: Request, session: Session): void {
  const { command, services } = request
  const number = txnNumberOf(command)
  if (command.startTransaction === true) {
    if (session.state === 'open' && session.txnNumber === number) {
      throw new StoreError(117, 'ConflictingOperationInProgress', `Transaction ${number} is already in progress`)
    }
    if (number < session.txnNumber)
      throw new StoreError(225, 'TransactionTooOld', `Transaction ${number} is older than ${session.txnNumber}`)
    session.abort()
    session.txnNumber = number
    session.transaction = services.database.begin()
    session.state = 'open'
  } else if (session.txnNumber !== number || !session.transaction) {
    if (session.txnNumber === number && session.state === 'committed') {
      throw new StoreError(256, 'TransactionCommitted', `Transaction ${number} has been committed.`)
    }
    throw noSuchTransaction(
      `Given transaction number ${number} does not match any in-progress transactions. The active transaction number is ${session.txnNumber}`,
    )
  }
  request.transaction = session.transaction
}

function sessionOf(request: Request): Session {
  if (!request.session) throw new StoreError(50768, 'NotARetryableWriteCommand', 'this command needs a session')
  return request.session
}

/** `commitTransaction`: the changes, and the fact that they are committed, go to disk together. */
export const commitTransaction: Handler = async request => {
  const session = sessionOf(request)
  const txnNumber = txnNumberOf(request.command)
  const last = session.last()
  if (last?.kind === 'committed' && last.txnNumber === txnNumber) return {}
  const { transaction } = session
  if (session.txnNumber !== txnNumber || !transaction) throw noSuchTransaction(`Transaction ${txnNumber} has been aborted.`)
  const { database, nowMs } = request.services
  session.running++
  try {
    await database.commit(transaction, () => session.save({ kind: 'committed', txnNumber }, nowMs()))
  } catch (error) {
    session.reload()
    session.abort()
    throw error
  } finally {
    session.running--
  }
  session.transaction = null
  session.state = 'committed'
  return {}
}

/** `abortTransaction` */
export const abortTransaction: Handler = request => {
  const session = sessionOf(request)
  if (!session.transaction || session.txnNumber !== txnNumberOf(request.command)) throw noSuchTransaction('no such transaction')
  session.abort()
  return {}
}
