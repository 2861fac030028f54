import { hash, timingSafeEqual } from 'node:crypto'

/** What the platform puts into the callback address. */
export interface CallbackQuery {
  msg_signature?: string
  /** DingTalk sends the same value under both names. */
  signature?: string
  timestamp?: string
  nonce?: string
  echostr?: string
}

const KNOWN = new Set(['msg_signature', 'signature', 'timestamp', 'nonce', 'echostr'])

/**
 * Read the callback's query string. Each value is percent-decoded exactly once and `+` stays `+`: base64 holds pluses and no spaces.
 *
 * @returns null when it cannot be decoded or names a parameter twice
 */
export function parseQuery(query: string): CallbackQuery | null {
  const found: Record<string, string> = {}
  for (const part of query.split('&')) {
    const equals = part.indexOf('=')
    const name = equals < 0 ? part : part.slice(0, equals)
    if (!KNOWN.has(name)) continue
    if (name in found) return null
    const raw = equals < 0 ? '' : part.slice(equals + 1)
    try {
      found[name] = raw.includes('%') ? decodeURIComponent(raw) : raw
    } catch {
      return null
    }
  }
  return found
}

/** SHA-1 over the four strings in ascending order (WeCom page "加解密方案说明", DingTalk page "事件订阅"), lower-case hex. */
export const signatureOf = (token: string, timestamp: string, nonce: string, encrypt: string): string =>
  hash('sha1', [token, timestamp, nonce, encrypt].sort().join(''), 'hex')

/** Compared in constant time, so that a forger learns nothing from how long a refusal takes. */
export function sameSignature(expected: string, given: string): boolean {
  if (given.length !== expected.length) return false
  const givenBytes = Buffer.from(given, 'utf8')
  return givenBytes.length === expected.length && timingSafeEqual(Buffer.from(expected, 'latin1'), givenBytes)
}
