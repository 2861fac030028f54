import type { Clock } from '../../../common/clock.ts'

/** The reply address of a message, as kept in `replyTo` of our event: `<expiry in ms>|<url>`. */
export const packSession = (url: string, expiresAt: number): string => `${expiresAt}|${url}`

/** An address this close to its end is not worth a try. */
const SAFETY_MS = 60_000

/** The session webhook in a reply token, while it lives. */
export function liveSession(replyTo: string | undefined, clock: Clock): string | null {
  const [, expiresAt, url] = /^(\d{1,15})\|(https?:\/\/.+)$/s.exec(replyTo ?? '') ?? []
  return url !== undefined && Number(expiresAt) - SAFETY_MS > clock.now() ? url : null
}
