import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { StoreError } from '../errors.ts'

/*
 * SCRAM-SHA-256 (RFC 5802, RFC 7677), as MongoDB drivers speak it. Both sides prove that they know the password and neither says it, so that a
 * program which took over the port learns nothing and is found out.
 */

const iterations = 15_000
const saltBytes = 16
const nonceBytes = 24
const stretch = promisify(pbkdf2)

/** The one user there is. */
export const userName = 'kelian'

const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest()
const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest()
const xor = (left: Buffer, right: Buffer) => Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)))
const newNonce = () => randomBytes(nonceBytes).toString('base64')

const failed = () => new StoreError(18, 'AuthenticationFailed', 'Authentication failed.')

/** Attributes of a message, as `r=…,s=…`; a value may hold further equals signs. */
function attributes(message: string): Map<string, string> {
  return new Map(message.split(',').map((part): [string, string] => [part.slice(0, 1), part.slice(2)]))
}

const same = (left: Buffer, right: Buffer) => left.length === right.length && timingSafeEqual(left, right)

/** What the server keeps of the password. */
export type Credentials = { salt: Buffer; storedKey: Buffer; serverKey: Buffer }

export async function credentialsOf(password: string): Promise<Credentials> {
  const salt = randomBytes(saltBytes)
  const salted = await stretch(password, salt, iterations, 32, 'sha256')
  return { salt, storedKey: hash(hmac(salted, 'Client Key')), serverKey: hmac(salted, 'Server Key') }
}

/** The server's side of one conversation. */
export type ServerConversation = { reply: string; finish(clientFinal: string): string }

/** Answers the client's first message. @throws StoreError 18 */
export function answerFirst(credentials: Credentials, clientFirst: string, nonce = newNonce()): ServerConversation {
  const bare = /^n,[^,]*,(.*)$/s.exec(clientFirst)?.[1]
  if (bare === undefined) throw failed()
  const first = attributes(bare)
  const theirs = first.get('r') ?? ''
  // A wrong name is found out at the end, like a wrong password.
  const isKnown = first.get('n') === userName && theirs !== ''
  const reply = `r=${theirs}${nonce},s=${credentials.salt.toString('base64')},i=${iterations}`
  return {
    reply,
    finish(clientFinal) {
      const parts = attributes(clientFinal)
      const proof = Buffer.from(parts.get('p') ?? '', 'base64')
      const signed = `${bare},${reply},${clientFinal.slice(0, Math.max(0, clientFinal.lastIndexOf(',p=')))}`
      const clientKey = xor(hmac(credentials.storedKey, signed), proof)
      const matches = same(hash(clientKey), credentials.storedKey)
      if (!isKnown || !matches || parts.get('r') !== `${theirs}${nonce}`) throw failed()
      return `v=${hmac(credentials.serverKey, signed).toString('base64')}`
    },
  }
}

/** The client's side of one conversation. */
export type ClientConversation = {
  first: string
  final(serverFirst: string): Promise<string>
  isServer(serverFinal: string): boolean
}

export function startConversation(password: string, nonce = newNonce()): ClientConversation {
  const bare = `n=${userName},r=${nonce}`
  let expected = ''
  return {
    first: `n,,${bare}`,
    async final(serverFirst) {
      const parts = attributes(serverFirst)
      const theirs = parts.get('r') ?? ''
      const rounds = Number(parts.get('i'))
      if (!theirs.startsWith(nonce) || theirs === nonce || rounds !== iterations) throw failed()
      const salted = await stretch(password, Buffer.from(parts.get('s') ?? '', 'base64'), rounds, 32, 'sha256')
      const clientKey = hmac(salted, 'Client Key')
      const withoutProof = `c=${Buffer.from('n,,').toString('base64')},r=${theirs}`
      const signed = `${bare},${serverFirst},${withoutProof}`
      expected = `v=${hmac(hmac(salted, 'Server Key'), signed).toString('base64')}`
      return `${withoutProof},p=${xor(clientKey, hmac(hash(clientKey), signed)).toString('base64')}`
    },
    isServer: serverFinal => expected !== '' && same(Buffer.from(serverFinal), Buffer.from(expected)),
  }
}
