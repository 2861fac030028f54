import { createHmac, hkdfSync } from 'node:crypto'

/** Keys of separate purposes, all derived from `APP_SECRET` (HKDF-SHA-256, RFC 5869). */
export function createSecrets(appSecret: string) {
  const derive = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', appSecret, 'kelian', purpose, 32))
  const shareKey = derive('share-token')
  return {
    derive,
    /** The token of a share link: follows from its seed, and only for those who have the secret. 256 bits, URL-safe. */
    shareToken: (seed: string): string => createHmac('sha256', shareKey).update(seed).digest('base64url'),
  }
}

export type Secrets = ReturnType<typeof createSecrets>
