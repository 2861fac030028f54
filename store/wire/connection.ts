import type { Socket } from 'node:net'
import type { Doc } from '../bson/index.ts'
import type { Authentication } from './authentication.ts'
import { type Message, MessageReader, writeReply } from './message.ts'

const maxWaitingBytes = 256 * 1024
/** What a message costs besides its length. */
const messageBytes = 1024
const maxUnreadBytes = 64 * 1024 * 1024
/** Long enough for a handshake with all that a driver tells of itself. */
const maxBytesOfStrangers = 64 * 1024
const strangerLimitMs = 10_000

/** What a connection tells its server. */
export type Listener = {
  /** Answers one message; messages of one connection are answered one after another. */
  message(bytes: Buffer): Promise<void>
  /** It may be used, or has ended. */
  changed(): void
  log(line: string): void
}

/** One client. It is read no faster than it is answered, and answered no faster than it reads. */
export class Connection {
  readonly id: number
  /** Who it is; null where nobody has to say so. */
  readonly authentication: Authentication | null
  private readonly socket: Socket
  private readonly listener: Listener
  private readonly reader = new MessageReader()
  private chain = Promise.resolve()
  private waitingBytes = 0

  constructor(id: number, socket: Socket, authentication: Authentication | null, listener: Listener) {
    this.id = id
    this.socket = socket
    this.authentication = authentication
    this.listener = listener
    socket.on('data', chunk => this.take(chunk))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => listener.changed())
    if (authentication) this.distrust()
  }

  get isOpen(): boolean {
    return !this.socket.destroyed
  }

  /** A client that may use the store. */
  get isTrusted(): boolean {
    return this.isOpen && (this.authentication?.isProven ?? true)
  }

  end(): void {
    this.socket.destroy()
  }

  /** Ends it when what was written has gone out. */
  finish(): void {
    this.socket.destroySoon()
  }

  async reply(message: Pick<Message, 'requestId' | 'legacy'>, reply: Doc, stamp: Buffer): Promise<void> {
    if (!this.isOpen) return
    for (const part of writeReply(message, reply, stamp)) this.socket.write(part)
    if (this.socket.writableLength > maxUnreadBytes) await this.drained()
  }

  /** From now on the client is known. */
  trust(): void {
    this.reader.maxBytes = new MessageReader().maxBytes
    this.listener.changed()
  }

  private drained(): Promise<void> {
    return new Promise(resolve => {
      this.socket.once('drain', resolve).once('close', () => resolve())
    })
  }

  private distrust(): void {
    this.reader.maxBytes = maxBytesOfStrangers
    const limit = setTimeout(() => {
      if (!this.isTrusted) this.end()
    }, strangerLimitMs)
    this.socket.once('close', () => clearTimeout(limit))
  }

  private take(chunk: Buffer): void {
    try {
      for (const bytes of this.reader.push(chunk)) {
        this.waitingBytes += bytes.length + messageBytes
        this.chain = this.chain.then(() => this.answer(bytes))
      }
      if (this.waitingBytes > maxWaitingBytes) this.socket.pause()
    } catch (error) {
      this.listener.log(`connection ${this.id} ended: ${(error as Error).message}`)
      this.end()
    }
  }

  private async answer(bytes: Buffer): Promise<void> {
    try {
      if (this.isOpen) await this.listener.message(bytes)
    } catch (error) {
      this.listener.log(`connection ${this.id} ended: ${(error as Error).stack ?? String(error)}`)
      this.end()
    }
    this.waitingBytes -= bytes.length + messageBytes
    if (this.waitingBytes === 0 && this.socket.isPaused()) this.socket.resume()
  }
}
