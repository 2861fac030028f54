import { type Doc, decode, encodeReply } from '../bson/index.ts'
import { StoreError } from '../errors.ts'

/** Opcodes of the MongoDB wire protocol (manual: "MongoDB Wire Protocol"). */
const opReply = 1
const opQuery = 2004
const opCompressed = 2012
const opMsg = 2013
const headerBytes = 16
const checksumPresent = 1
const moreToCome = 2

/** The longest message taken, as `hello` promises. */
export const maxMessageBytes = 48_000_000

/** One request: the command document, and the document sequences sent beside it. */
export type Message = {
  requestId: number
  legacy: boolean
  /** The sender wants no answer. */
  silent: boolean
  command: Doc
  sequences: Map<string, Buffer[]>
}

/** Cuts a stream into messages. */
export class MessageReader {
  /** Longer messages are refused. */
  maxBytes = maxMessageBytes + headerBytes
  private chunks: Buffer[] = []
  private length = 0

  /** @throws StoreError when the stream cannot be one of this protocol */
  push(chunk: Buffer): Buffer[] {
    this.chunks.push(chunk)
    this.length += chunk.length
    const messages: Buffer[] = []
    while (this.length >= headerBytes) {
      if ((this.chunks[0]?.length ?? 0) < 4) this.join()
      const size = this.chunks[0]?.readInt32LE(0) ?? 0
      if (size < headerBytes || size > this.maxBytes) throw protocolError(`a message of ${size} bytes`)
      if (this.length < size) break
      const all = this.join()
      messages.push(all.subarray(0, size))
      this.chunks = all.length > size ? [all.subarray(size)] : []
      this.length -= size
    }
    return messages
  }

  private join(): Buffer {
    const all = this.chunks.length === 1 ? (this.chunks[0] as Buffer) : Buffer.concat(this.chunks)
    this.chunks = [all]
    return all
  }
}

const protocolError = (what: string) => new StoreError(17, 'ProtocolError', `The message cannot be read: ${what}`)

/** Whether the message itself was wrong, and not only a document in it. */
export const isProtocolError = (error: unknown): boolean => error instanceof StoreError && error.code === 17

/** Whether a message that could not be read wanted no answer. */
export const isSilent = (bytes: Buffer): boolean =>
  bytes.readInt32LE(12) === opMsg && bytes.length >= headerBytes + 4 && (bytes.readUInt32LE(headerBytes) & moreToCome) !== 0

/** The number that the reply to a message repeats. */
export const requestIdOf = (bytes: Buffer): number => bytes.readInt32LE(4)

function endOfName(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(0, from)
  if (end < 0) throw protocolError('name without end')
  return end
}

function readSequence(bytes: Buffer, from: number, end: number): [string, Buffer[]] {
  const nameEnd = endOfName(bytes, from)
  const documents: Buffer[] = []
  let at = nameEnd + 1
  while (at < end) {
    const size = bytes.readInt32LE(at)
    if (size < 5 || at + size > end) throw protocolError('document longer than its section')
    documents.push(bytes.subarray(at, at + size))
    at += size
  }
  return [bytes.toString('latin1', from, nameEnd), documents]
}

function readMsg(bytes: Buffer): Message {
  const flags = bytes.readUInt32LE(headerBytes)
  const end = bytes.length - (flags & checksumPresent ? 4 : 0)
  const sequences = new Map<string, Buffer[]>()
  let command: Doc | null = null
  let at = headerBytes + 4
  while (at < end) {
    const kind = bytes[at++]
    const size = bytes.readInt32LE(at)
    if (size < 4 || at + size > end) throw protocolError('section longer than its message')
    if (kind === 0) command = decode(bytes, at)
    else if (kind === 1) sequences.set(...readSequence(bytes, at + 4, at + size))
    else throw protocolError(`unknown section kind ${kind}`)
    at += size
  }
  if (!command) throw protocolError('no command')
  return { requestId: requestIdOf(bytes), legacy: false, silent: (flags & moreToCome) !== 0, command, sequences }
}

function readQuery(bytes: Buffer): Message {
  const nameEnd = endOfName(bytes, headerBytes + 4)
  const command = decode(bytes, nameEnd + 9)
  return { requestId: requestIdOf(bytes), legacy: true, silent: false, command, sequences: new Map() }
}

/** @throws StoreError 17 for an opcode or a layout that is not understood */
export function readMessage(bytes: Buffer): Message {
  const opcode = bytes.readInt32LE(12)
  try {
    if (opcode === opMsg) return readMsg(bytes)
    if (opcode === opQuery) return readQuery(bytes)
  } catch (error) {
    if (error instanceof RangeError) throw protocolError('cut short')
    throw error
  }
  // Compression is offered to nobody, so nobody may use it.
  throw protocolError(opcode === opCompressed ? 'compression was not agreed on' : `opcode ${opcode} is not supported`)
}

function header(size: number, responseTo: number, opcode: number, bodyOffset: number): Buffer {
  const bytes = Buffer.alloc(bodyOffset)
  bytes.writeInt32LE(size, 0)
  bytes.writeInt32LE(responseTo, 8)
  bytes.writeInt32LE(opcode, 12)
  return bytes
}

const smallBytes = 64 * 1024

/**
 * Bytes of a reply, in the form in which the request came.
 *
 * @param stamp the fields that tell its time, already encoded
 */
export function writeReply(message: Pick<Message, 'requestId' | 'legacy'>, reply: Doc, stamp?: Buffer): Buffer[] {
  const body = encodeReply(reply, stamp)
  const bodyOffset = message.legacy ? 36 : 21
  const head = header(bodyOffset + body.length, message.requestId, message.legacy ? opReply : opMsg, bodyOffset)
  if (message.legacy) {
    head.writeInt32LE(8, 16)
    head.writeInt32LE(1, 32)
  }
  return body.length < smallBytes ? [Buffer.concat([head, body])] : [head, body]
}
