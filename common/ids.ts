import { createHash, randomBytes } from 'node:crypto'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** Crockford base32 without padding, lower case: safe in URLs, in WeCom's `task_id` and when read aloud. */
export function base32(bytes: Uint8Array): string {
  let bits = 0
  let value = 0
  let text = ''
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    while (bits >= 5) {
      text += ALPHABET[(value >>> (bits - 5)) & 31]
      bits -= 5
    }
    value &= (1 << bits) - 1
  }
  return bits > 0 ? text + ALPHABET[(value << (5 - bits)) & 31] : text
}

/**
 * An id that follows from its parts: the same command creates the same ids when it is repeated.
 * 100 bits, with a separator that no part can imitate (each part is length-prefixed).
 */
export function deriveId(...parts: readonly (string | number)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) {
    const text = String(part)
    hash.update(`${text.length}:`).update(text)
  }
  return base32(hash.digest().subarray(0, 13)).slice(0, 20)
}

/** 100 random bits, for what nobody may guess or repeat. */
export function randomId(): string {
  return base32(randomBytes(13)).slice(0, 20)
}

/** Hex SHA-256, for digests that are looked up and never shown. */
export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex')
}
