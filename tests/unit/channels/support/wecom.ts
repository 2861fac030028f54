import { randomBytes } from 'node:crypto'
import { encrypt, getSignature } from '@wecom/crypto'

/** The app of the published test vectors. */
export const APP = {
  corpId: 'wwdemo0001',
  agentId: 1000002,
  secret: 'demoSecret01',
  token: 'demoToken01',
  encodingAesKey: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ',
}

/** The moment of the test vectors, in milliseconds. */
export const NOW = 1_700_000_000_000

export interface Sealed {
  query: string
  body: Buffer
}

/** What the platform would post, encrypted and signed by the vendor's own library. */
export function seal(
  inner: string,
  change: { receiveId?: string; timestamp?: string; signature?: string; encrypt?: string } = {},
): Sealed {
  const timestamp = change.timestamp ?? String(NOW / 1000)
  const nonce = randomBytes(4).toString('hex')
  const sealed = change.encrypt ?? encrypt(APP.encodingAesKey, inner, change.receiveId ?? APP.corpId)
  const signature = change.signature ?? getSignature(APP.token, timestamp, nonce, sealed)
  return {
    query: `msg_signature=${signature}&timestamp=${timestamp}&nonce=${nonce}`,
    body: Buffer.from(
      `<xml><ToUserName><![CDATA[${APP.corpId}]]></ToUserName><AgentID><![CDATA[${APP.agentId}]]></AgentID><Encrypt><![CDATA[${sealed}]]></Encrypt></xml>`,
    ),
  }
}
