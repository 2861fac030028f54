import type { Socket } from 'node:net'
import { Binary } from 'bson'
import { type Doc, encode } from '../bson/index.ts'
import { StoreError } from '../errors.ts'
import { MessageReader, readMessage } from './message.ts'
import { startConversation } from './scram.ts'

const opMsg = 2013
const bodyStart = 21

function frame(command: Doc): Buffer {
  const body = encode({ ...command, $db: 'admin' })
  const head = Buffer.alloc(bodyStart)
  head.writeInt32LE(bodyStart + body.length, 0)
  head.writeInt32LE(opMsg, 12)
  return Buffer.concat([head, body])
}

function ask(socket: Socket, command: Doc): Promise<Doc> {
  return new Promise((resolve, reject) => {
    const reader = new MessageReader()
    const stop = () => socket.off('data', take).off('close', lost)
    const lost = () => {
      stop()
      reject(new StoreError(6, 'HostUnreachable', 'the connection ended'))
    }
    const take = (chunk: Buffer) => {
      try {
        const [bytes] = reader.push(chunk)
        if (!bytes) return
        stop()
        resolve(readMessage(bytes).command)
      } catch (error) {
        stop()
        reject(error)
      }
    }
    socket.on('data', take).on('close', lost)
    socket.write(frame(command))
  })
}

const payloadOf = ({ payload }: Doc) => (payload instanceof Binary ? Buffer.from(payload.value()).toString('utf8') : '')
const saying = (text: string) => new Binary(Buffer.from(text))

/** Proves on a new connection that this side knows the password. False when the other side is not the store, or does not let us in. */
export async function authenticate(socket: Socket, password: string): Promise<boolean> {
  const conversation = startConversation(password)
  try {
    const first = await ask(socket, { saslStart: 1, mechanism: 'SCRAM-SHA-256', payload: saying(conversation.first) })
    const final = await conversation.final(payloadOf(first))
    const last = await ask(socket, { saslContinue: 1, conversationId: 1, payload: saying(final) })
    return conversation.isServer(payloadOf(last))
  } catch {
    return false
  }
}

/** How many clients the store has besides this one. */
export async function otherClients(socket: Socket): Promise<number> {
  const { connections } = await ask(socket, { serverStatus: 1 })
  return Number((connections as Doc).current) - 1
}
