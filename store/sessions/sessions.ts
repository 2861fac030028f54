import { createHash } from 'node:crypto'
import { Binary } from 'bson'
import { type Doc, decode } from '../bson/index.ts'
import { isObject } from '../bson/values.ts'
import type { Database } from '../data/index.ts'
import { badValue } from '../errors.ts'
import { Session } from './session.ts'

const transactionLifetimeMs = 60_000
const comeBackMs = 1000
const sessionLifetimeMs = 30 * 60_000
// The digest of a user without a name.
const nobody = new Binary(createHash('sha256').digest())

/** All sessions of the server. */
export class Sessions {
  private readonly database: Database
  private readonly nowMs: () => number
  private readonly byKey = new Map<string, Session>()

  constructor(database: Database, nowMs: () => number) {
    this.database = database
    this.nowMs = nowMs
  }

  /** The session of a command's `lsid`. @throws StoreError 2 when it is none */
  get(lsid: unknown): Session {
    const key = keyOf(lsid)
    const text = key.toString('hex')
    let session = this.byKey.get(text)
    if (!session) {
      session = new Session(key, this.database)
      this.byKey.set(text, session)
    }
    session.usedAtMs = this.nowMs()
    return session
  }

  /** Every session as `$listLocalSessions` shows it. */
  list(): Doc[] {
    return [...this.byKey.values()].map(({ key, usedAtMs }) => ({
      _id: { id: new Binary(key, Binary.SUBTYPE_UUID), uid: nobody },
      lastUse: new Date(usedAtMs),
    }))
  }

  /** Ends a session: its open transaction is undone. */
  end(lsid: unknown): void {
    const text = keyOf(lsid).toString('hex')
    this.byKey.get(text)?.abort()
    this.byKey.delete(text)
  }

  /**
   * Undoes the transactions of a client that has gone: nobody will end them, and others wait for their documents. A driver that only lost its
   * connection comes back on another within the time it gets here.
   */
  connectionClosed(connectionId: number): void {
    for (const session of this.byKey.values()) {
      const { transaction } = session
      if (session.connectionId !== connectionId || !transaction) continue
      const undo = () => {
        const left = session.connectionId === connectionId && session.transaction === transaction
        if (left && session.running === 0) session.abort()
      }
      setTimeout(undo, comeBackMs).unref()
    }
  }

  /** Undoes every open transaction, at shutdown. */
  abortAll(): void {
    for (const session of this.byKey.values()) session.abort()
  }

  /** Undoes transactions whose client went silent, and forgets sessions after 30 minutes. */
  async sweep(): Promise<void> {
    const now = this.nowMs()
    for (const [text, session] of this.byKey) {
      const idleMs = now - session.usedAtMs
      if (session.transaction && session.running === 0 && idleMs > transactionLifetimeMs) session.abort()
      if (idleMs > sessionLifetimeMs) this.byKey.delete(text)
    }
    const { sessions } = this.database.environment
    const old: Buffer[] = []
    for (const { key, value } of sessions.getRange({})) {
      if (now - (decode(value).at as Date).getTime() > sessionLifetimeMs) old.push(Buffer.from(key))
    }
    if (old.length === 0) return
    await this.database.write(() => {
      for (const key of old) sessions.removeSync(key)
    })
  }
}

function keyOf(lsid: unknown): Buffer {
  const id = isObject(lsid) ? (lsid as Doc).id : undefined
  if (!(id instanceof Binary) || id.position !== 16) throw badValue("lsid must hold a UUID under 'id'")
  return Buffer.from(id.buffer.subarray(0, 16))
}
