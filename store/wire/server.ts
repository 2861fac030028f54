import { createServer, type ListenOptions, type Server as NetServer, type Socket } from 'node:net'
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
import { Authentication } from './authentication.ts'
import { Connection } from './connection.ts'
import { isProtocolError, isSilent, type Message, readMessage, requestIdOf } from './message.ts'
import type { Credentials } from './scram.ts'
import { ReplyClock } from './stamp.ts'

/** What a server runs on. */
export type ServerOptions = {
  database: Database
  nowMs: () => number
  log: (line: string) => void
  /** Further connections are closed at once. */
  maxConnections: number
  /** What clients must know; null where the operating system lets nobody else in. */
  credentials: Credentials | null
}

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
  private readonly connections = new Map<number, Connection>()
  private readonly services: Services
  private readonly clock: ReplyClock
  private connectionId = 0
  /** Called whenever the number of clients changes. */
  onConnections: (count: number) => void = () => undefined

  constructor(options: ServerOptions) {
    this.options = options
    this.clock = new ReplyClock(options.nowMs)
    this.sessions = new Sessions(options.database, options.nowMs)
    this.cursors = new Cursors(options.nowMs)
    this.services = {
      database: options.database,
      cursors: this.cursors,
      nowMs: options.nowMs,
      address: '',
      connections: () => this.connections.size,
      endSessions: lsids => {
        for (const lsid of lsids) this.sessions.end(lsid)
      },
      listSessions: () => this.sessions.list(),
    }
    this.net = createServer({ noDelay: true }, socket => this.accept(socket))
    this.net.maxConnections = options.maxConnections
    this.net.on('drop', () => options.log(`a connection was closed: there are ${options.maxConnections} already`))
  }

  /** Begins to take connections. Gives the address: the path of a socket, or host and port. */
  listen(where: ListenOptions): Promise<string> {
    return new Promise((resolve, reject) => {
      this.net.once('error', reject)
      this.net.listen(where, () => {
        const address = this.net.address()
        this.services.address = typeof address === 'object' && address ? `${address.address}:${address.port}` : String(address)
        resolve(this.services.address)
      })
    })
  }

  /** Stops taking connections and ends those there are. */
  async close(): Promise<void> {
    const closed = new Promise(resolve => this.net.close(resolve))
    for (const connection of this.connections.values()) connection.end()
    await closed
    this.sessions.abortAll()
  }

  private accept(socket: Socket): void {
    const { credentials, log } = this.options
    const id = ++this.connectionId
    const connection: Connection = new Connection(id, socket, credentials && new Authentication(credentials), {
      message: bytes => this.answer(connection, bytes),
      changed: () => {
        if (!connection.isOpen) {
          this.connections.delete(id)
          this.sessions.connectionClosed(id)
        }
        this.tellConnections()
      },
      log,
    })
    this.connections.set(id, connection)
    this.tellConnections()
  }

  private tellConnections(): void {
    this.onConnections([...this.connections.values()].filter(connection => connection.isTrusted).length)
  }

  private async answer(connection: Connection, bytes: Buffer): Promise<void> {
    let message: Message
    try {
      message = readMessage(bytes)
    } catch (error) {
      const reply = this.failure('message', error)
      if (!isSilent(bytes)) await connection.reply({ requestId: requestIdOf(bytes), legacy: false }, reply, this.clock.stamp())
      if (!isProtocolError(error)) return
      // What follows on the connection is not to be trusted.
      this.options.log(`connection ${connection.id} ended: ${(error as Error).message}`)
      connection.finish()
      return
    }
    const reply = await this.execute(message, connection)
    if (message.silent) return
    try {
      await connection.reply(message, reply, this.clock.stamp())
    } catch (error) {
      // It could not be encoded: too long.
      await connection.reply(message, this.failure('reply', error), this.clock.stamp())
    }
  }

  private async execute(message: Message, connection: Connection): Promise<Doc> {
    const name = Object.keys(message.command)[0] ?? ''
    try {
      if (message.legacy) return { ...this.handshake(name, connection), ok: 1 }
      const answered = connection.authentication?.answer(name, message.command)
      if (answered) {
        if (connection.isTrusted) connection.trust()
        return { ...answered, ok: 1 }
      }
      const handler = Object.hasOwn(commands, name) ? commands[name] : undefined
      if (!handler) throw new StoreError(59, 'CommandNotFound', `no such command: '${name}'`)
      const request = this.requestOf(name, message, connection.id)
      const reply = await this.inTransaction(request, async () => handler(request))
      return { ...reply, ok: 1, ...writeConcernError(message.command) }
    } catch (error) {
      return this.failure(name, error)
    }
  }

  // In the old form of messages there is only the first greeting (manual: "Legacy Opcodes").
  private handshake(name: string, connection: Connection): Doc {
    if (!['hello', 'isMaster', 'ismaster'].includes(name))
      throw new StoreError(352, 'UnsupportedOpQueryCommand', `Unsupported OP_QUERY command: ${name}`)
    return helloReply({ services: this.services, connectionId: connection.id })
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
      if (!this.connections.has(request.connectionId)) session.abort()
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
}
