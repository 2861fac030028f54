import { createHmac, hkdfSync } from 'node:crypto'

/** A key and the name by which what it signed finds it again. */
export interface SecretKey {
  id: string
  bytes: Buffer
}

const ID_BYTES = 6

const hkdf = (secret: string, purpose: string, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, 'kelian', purpose, length))

/**
 * Keys of separate purposes, all derived from `APP_SECRET` (HKDF-SHA-256, RFC 5869).
 *
 * @param previous the secret before, while it is being changed: what it signed is still taken
 */
export function createSecrets(appSecret: string, previous?: string) {
  const derive = (purpose: string): Buffer => hkdf(appSecret, purpose, 32)
  const keyOf = (secret: string, purpose: string): SecretKey => ({
    id: hkdf(secret, 'key-id', ID_BYTES).toString('base64url'),
    bytes: hkdf(secret, purpose, 32),
  })
  const shareKey = derive('share-token')
  return {
    derive,
    /** What signs now, then what else is taken. */
    keys: (purpose: string): readonly [SecretKey, ...SecretKey[]] => [
      keyOf(appSecret, purpose),
      ...(previous === undefined ? [] : [keyOf(previous, purpose)]),
    ],
    /** The token of a share link: follows from its seed, and only for those who have the secret. 256 bits, URL-safe. */
    shareToken: (seed: string): string => createHmac('sha256', shareKey).update(seed).digest('base64url'),
  }
}

export type Secrets = ReturnType<typeof createSecrets>
