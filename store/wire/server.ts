import { createServer, type Server as NetServer, type Socket } from 'node:net'
import { Binary, Long, Timestamp } from 'bson'
import type { Doc } from '../bson/index.ts'
import { isObject, toNumber } from '../bson/values.ts'
import {
  Cursors,
  commands,
  enterTransaction,
  helloReply,
  type Request,
  retryableCommands,
  type Services,
} from '../commands/index.ts'
import type { Database } from '../data/index.ts'
import { StoreError } from '../errors.ts'
import { Sessions } from '../sessions/index.ts'
import { type Message, MessageReader, readMessage, writeReply } from './message.ts'

/** What a server runs on. */
export type ServerOptions = { database: Database; address: string; nowMs: () => number; log: (line: string) => void }

const noSignature = { hash: new Binary(Buffer.alloc(20)), keyId: Long.ZERO }

// There is one member: more cannot acknowledge, though the write is stored.
function writeConcernError({ writeConcern }: Doc): Doc {
  const members = isObject(writeConcern) ? toNumber(writeConcern.w) : 1
  if (!(members > 1)) return {}
  return { writeConcernError: { code: 100, codeName: 'UnsatisfiableWriteConcern', errmsg: 'Not enough data-bearing nodes' } }
}

/** Speaks the MongoDB wire protocol on a socket. */
export class Server {
  readonly sessions: Sessions
  readonly cursors: Cursors
  private readonly options: ServerOptions
  private readonly net: NetServer
  private readonly sockets = new Map<number, Socket>()
  private readonly services: Services
  private connectionId = 0
  private lastSecond = 0
  private increment = 0
  /** Called whenever the number of connections changes. */
  onConnections: (count: number) => void = () => undefined

  constructor(options: ServerOptions) {
    this.options = options
    this.sessions = new Sessions(options.database, options.nowMs)
    this.cursors = new Cursors(options.nowMs)
    this.services = {
      database: options.database,
      cursors: this.cursors,
      nowMs: options.nowMs,
      address: options.address,
      connections: () => this.sockets.size,
      endSessions: lsids => {
        for (const lsid of lsids) this.sessions.end(lsid)
      },
    }
    this.net = createServer({ noDelay: true }, socket => this.accept(socket))
  }

  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.net.once('error', reject)
      this.net.listen(path, resolve)
    })
  }

  /** Stops taking connections and ends those there are. */
  async close(): Promise<void> {
    const closed = new Promise(resolve => this.net.close(resolve))
    for (const socket of this.sockets.values()) socket.destroy()
    await closed
    this.sessions.abortAll()
  }

  private accept(socket: Socket): void {
    const connectionId = ++this.connectionId
    const reader = new MessageReader()
    let chain = Promise.resolve()
    this.sockets.set(connectionId, socket)
    this.onConnections(this.sockets.size)
    socket.on('data', chunk => {
      try {
        for (const bytes of reader.push(chunk)) chain = chain.then(() => this.answer(socket, bytes, connectionId))
      } catch (error) {
        this.options.log(`connection ${connectionId} ended: ${(error as Error).message}`)
        socket.destroy()
      }
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.sockets.delete(connectionId)
      this.sessions.connectionClosed(connectionId)
      this.onConnections(this.sockets.size)
    })
  }

  private async answer(socket: Socket, bytes: Buffer, connectionId: number): Promise<void> {
    try {
      const message = readMessage(bytes)
      const reply = message.legacy
        ? this.stamp({ ...helloReply({ services: this.services, connectionId }), ok: 1 })
        : await this.execute(message, connectionId)
      if (message.silent || socket.destroyed) return
      socket.cork()
      for (const part of writeReply(message, reply)) socket.write(part)
      socket.uncork()
    } catch (error) {
      // What cannot be read as a message has no request to answer.
      this.options.log(`connection ${connectionId} ended: ${(error as Error).message}`)
      socket.destroy()
    }
  }

  private async execute(message: Message, connectionId: number): Promise<Doc> {
    const name = Object.keys(message.command)[0] ?? ''
    try {
      const handler = Object.hasOwn(commands, name) ? commands[name] : undefined
      if (!handler) throw new StoreError(59, 'CommandNotFound', `no such command: '${name}'`)
      const request = this.requestOf(name, message, connectionId)
      const reply = await this.inTransaction(request, async () => handler(request))
      return this.stamp({ ...reply, ok: 1, ...writeConcernError(message.command) })
    } catch (error) {
      return this.stamp(this.failure(name, error))
    }
  }

  private requestOf(name: string, { command, sequences }: Message, connectionId: number): Request {
    const session = command.lsid === undefined ? null : this.sessions.get(command.lsid)
    const plainWrite =
      session && command.txnNumber !== undefined && command.autocommit === undefined && retryableCommands.has(name)
    return {
      services: this.services,
      name,
      command,
      db: typeof command.$db === 'string' ? command.$db : 'test',
      sequences,
      session,
      transaction: null,
      retryNumber: plainWrite ? BigInt(String(command.txnNumber)) : null,
      connectionId,
    }
  }

  // Any error in a transaction ends it (manual: "Transactions and Operations").
  private async inTransaction(request: Request, work: () => Promise<Doc>): Promise<Doc> {
    const { session, command, name } = request
    const ends = name === 'commitTransaction' || name === 'abortTransaction'
    if (!session || command.autocommit !== false || ends) return work()
    enterTransaction(request, session)
    session.connectionId = request.connectionId
    session.running++
    try {
      const reply = await work()
      if (reply.writeErrors) session.abort()
      return reply
    } catch (error) {
      session.abort()
      throw error
    } finally {
      session.running--
      if (!this.sockets.has(request.connectionId)) session.abort()
    }
  }

  private failure(name: string, error: unknown): Doc {
    if (!(error instanceof StoreError)) {
      this.options.log(`${name} failed: ${(error as Error).stack ?? String(error)}`)
      return { ok: 0, errmsg: `internal error in ${name}`, code: 8, codeName: 'UnknownError' }
    }
    const { keyPattern, keyValue, labels, errInfo } = error.extra
    return {
      ok: 0,
      errmsg: error.message,
      code: error.code,
      codeName: error.codeName,
      ...(keyPattern ? { keyPattern, keyValue } : {}),
      ...(errInfo ? { errInfo } : {}),
      ...(labels ? { errorLabels: labels } : {}),
    }
  }

  private stamp(reply: Doc): Doc {
    const seconds = Math.floor(this.options.nowMs() / 1000)
    this.increment = seconds === this.lastSecond ? this.increment + 1 : 1
    this.lastSecond = seconds
    const clusterTime = new Timestamp({ t: seconds, i: this.increment })
    return { ...reply, $clusterTime: { clusterTime, signature: noSignature }, operationTime: clusterTime }
  }
}
