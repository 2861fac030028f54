import { Binary } from 'bson'
import type { Doc } from '../bson/index.ts'
import { StoreError } from '../errors.ts'
import { answerFirst, type Credentials, type ServerConversation } from './scram.ts'

/** What a client may say before it has shown that it knows the password. */
const open: ReadonlySet<string> = new Set(['hello', 'isMaster', 'ismaster', 'saslStart', 'saslContinue'])

const mechanism = 'SCRAM-SHA-256'
const conversationId = 1

const textOf = (payload: unknown) => (payload instanceof Binary ? Buffer.from(payload.value()).toString('utf8') : '')
const reply = (payload: string, done: boolean): Doc => ({ conversationId, done, payload: new Binary(Buffer.from(payload)) })

/** Who is at the other end of one connection (specification "Authentication"). */
export class Authentication {
  private readonly credentials: Credentials
  private conversation: ServerConversation | null = null
  /** The proof was right; an older client sends one empty message more. */
  isProven = false

  constructor(credentials: Credentials) {
    this.credentials = credentials
  }

  /** Answers `saslStart` and `saslContinue`; null for any other command. @throws StoreError 13, 18, 334 */
  answer(name: string, command: Doc): Doc | null {
    if (name === 'saslStart') return this.start(command)
    if (name === 'saslContinue') return this.proceed(command)
    if (this.isProven || open.has(name)) return null
    throw new StoreError(13, 'Unauthorized', `Command ${name} requires authentication`)
  }

  private start(command: Doc): Doc {
    if (command.mechanism !== mechanism)
      throw new StoreError(334, 'MechanismUnavailable', `Unsupported mechanism '${String(command.mechanism)}'; use ${mechanism}`)
    this.isProven = false
    this.conversation = answerFirst(this.credentials, textOf(command.payload))
    return reply(this.conversation.reply, false)
  }

  private proceed(command: Doc): Doc {
    if (this.isProven) return reply('', true)
    const { conversation } = this
    this.conversation = null
    if (!conversation) throw new StoreError(17, 'ProtocolError', 'No SASL session state found')
    const proof = conversation.finish(textOf(command.payload))
    this.isProven = true
    return reply(proof, true)
  }
}
