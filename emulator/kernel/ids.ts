import { randomBytes } from 'node:crypto'

/** A fresh id that needs no escaping in a URL; it never repeats over restarts, because the service remembers ids longer than an emulator lives. */
export const freshId = (prefix: string): string => `${prefix}${randomBytes(12).toString('hex')}`

/** A 19-digit number as text, above 2^53 like the message ids WeCom really sends. */
export function nineteenDigits(): string {
  const digits = (randomBytes(8).readBigUInt64BE() % 10n ** 18n).toString().padStart(18, '0')
  return `7${digits}`
}
