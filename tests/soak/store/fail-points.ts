import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Document } from 'mongodb'
import { decode } from '../../../store/bson/index.ts'
import { type Message, MessageReader, readMessage, writeReply } from '../../../store/wire/message.ts'

/*
 * The fail points `failCommand` and `onPrimaryTransactionalWrite` that published tests ask of a server (github mongodb/specifications, "Server Fail Point"), as a proxy between the
 * driver and the store: the product needs no code for it. Without a fail point it only passes messages on.
 */

type FailPoint = { left: number; skip: number; data: Document; atWrite: boolean }

const legacyBodyAt = 36
const retryable = new Set([6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436])
const transient = new Set([24, 112, 246, 251, 267])
const codeNames: Record<number, string> = { 50: 'MaxTimeMSExpired', 251: 'NoSuchTransaction', 11601: 'Interrupted' }

function labelsOf(code: number, command: Document, name: string): string[] {
  const ends = name === 'commitTransaction' || name === 'abortTransaction'
  const inTransaction = command.autocommit === false
  const labels: string[] = []
  if (retryable.has(code) && command.txnNumber !== undefined && (!inTransaction || ends)) labels.push('RetryableWriteError')
  if (inTransaction && (transient.has(code) || (retryable.has(code) && name !== 'commitTransaction')))
    labels.push('TransientTransactionError')
  return labels
}

/** A TCP address in front of the store's socket. */
export class FailPointProxy {
  private readonly socketPath: string
  private readonly query: string
  private readonly server: Server
  private address = ''
  private failPoint: FailPoint | null = null
  /** Retryable writes whose answer `onPrimaryTransactionalWrite` has lost: repeated, they write nothing and the point is not reached. */
  private readonly lost = new Set<string>()

  constructor(storeUri: string) {
    const [, , host = '', path = ''] = storeUri.split('/')
    this.socketPath = decodeURIComponent(host)
    this.query = path.slice(path.indexOf('?'))
    this.server = createServer({ noDelay: true }, client => this.accept(client))
  }

  /**
   * Listens on a free port and gives the address for the driver.
   *
   * @param discovered the driver finds a replica set here; else it talks to this address only
   */
  async listen({ discovered = false } = {}): Promise<string> {
    await new Promise<void>(resolve => this.server.listen(0, '127.0.0.1', resolve))
    const address = this.server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    this.address = `127.0.0.1:${address.port}`
    const query = discovered ? this.query.replace('directConnection=true', 'replicaSet=kelian') : this.query
    return `mongodb://${this.address}/kelian${query}&minHeartbeatFrequencyMS=10`
  }

  /** Forgets the fail point of the last test. */
  clear(): void {
    this.failPoint = null
  }

  async close(): Promise<void> {
    await new Promise(resolve => this.server.close(resolve))
  }

  private accept(client: Socket): void {
    const store = connect(this.socketPath)
    const fromClient = new MessageReader()
    const fromStore = new MessageReader()
    let answered: (reply: Buffer) => void = () => undefined
    let appName: unknown
    let chain = Promise.resolve()
    const end = () => {
      client.destroy()
      store.destroy()
    }
    for (const socket of [client, store]) socket.on('error', end).on('close', end)
    const ask = (bytes: Buffer, silent: boolean) =>
      new Promise<Buffer>(resolve => {
        answered = resolve
        store.write(bytes)
        if (silent) resolve(Buffer.alloc(0))
      })
    const handle = async (bytes: Buffer) => {
      const message = readMessage(bytes)
      appName = (message.command.client as Document | undefined)?.application?.name ?? appName
      const point = this.take(message, appName)
      const failure = point?.data
      const answer = (reply: Document) => {
        for (const part of writeReply(message, reply)) client.write(part)
      }
      if (message.command.configureFailPoint !== undefined) return answer({ ok: 1 })
      if (failure?.blockConnection) await wait(Number(failure.blockTimeMS))
      const lostBefore = point?.atWrite ? failure?.failBeforeCommitExceptionCode !== undefined : failure?.closeConnection
      if (lostBefore) return end()
      if (failure?.errorCode !== undefined) return answer(this.errorOf(failure, message))
      const reply = await ask(Buffer.from(bytes), message.silent)
      if (point?.atWrite) {
        this.lost.add(numberOf(message.command))
        return end()
      }
      if (message.silent) return
      if (failure?.writeConcernError) return answer(withWriteConcernError(readMessage(reply).command, failure, message))
      const told = message.legacy ? decode(reply, legacyBodyAt) : readMessage(reply).command
      // Who the members are, a driver learns from here.
      if (told.setName !== undefined) return answer({ ...told, me: this.address, primary: this.address, hosts: [this.address] })
      client.write(reply)
    }
    client.on('data', chunk => {
      for (const bytes of fromClient.push(chunk)) chain = chain.then(() => handle(Buffer.from(bytes))).catch(end)
    })
    store.on('data', chunk => {
      for (const bytes of fromStore.push(chunk)) answered(Buffer.from(bytes))
    })
  }

  private take({ command }: Message, appName: unknown): FailPoint | null {
    const { configureFailPoint, mode, data } = command as Document
    if (configureFailPoint !== undefined) {
      const left = Number(mode.times ?? Number.POSITIVE_INFINITY)
      const atWrite = configureFailPoint === 'onPrimaryTransactionalWrite'
      this.failPoint = mode === 'off' ? null : { left, skip: Number(mode.skip ?? 0), data: data ?? {}, atWrite }
      return null
    }
    const point = this.failPoint
    if (!point || point.left <= 0 || !applies(point, command, appName) || this.lost.has(numberOf(command)) || point.skip-- > 0)
      return null
    point.left--
    return point
  }

  private errorOf(failure: Document, { command }: Message): Document {
    const name = Object.keys(command)[0] ?? ''
    const labels: string[] = failure.errorLabels ?? labelsOf(Number(failure.errorCode), command, name)
    return {
      ok: 0,
      code: failure.errorCode,
      codeName: codeNames[Number(failure.errorCode)] ?? 'FailPoint',
      errmsg: `Failing command via 'failCommand' failpoint`,
      ...(labels.length > 0 ? { errorLabels: labels } : {}),
    }
  }
}

const numberOf = ({ lsid, txnNumber }: Document): string => `${lsid?.id?.toString('hex')}:${txnNumber}`

function applies({ data, atWrite }: FailPoint, command: Document, appName: unknown): boolean {
  if (atWrite) return command.txnNumber !== undefined && command.autocommit === undefined
  if (data.appName !== undefined && data.appName !== appName) return false
  return data.failCommands?.includes(Object.keys(command)[0] ?? '') === true
}

function withWriteConcernError(reply: Document, failure: Document, { command }: Message): Document {
  const name = Object.keys(command)[0] ?? ''
  const labels: string[] = (failure.errorLabels ?? labelsOf(Number(failure.writeConcernError.code), command, name)).filter(
    (label: string) => failure.errorLabels || label !== 'TransientTransactionError',
  )
  return {
    ...reply,
    writeConcernError: failure.writeConcernError,
    ...(labels.length > 0 ? { errorLabels: labels } : {}),
  }
}
