import { type AppError, PlatformRefused, PlatformUnreachable } from '../../common/errors.ts'

/** A failure of ours is a fault in the code or the data: five attempts show it. */
const OWN_ATTEMPTS = 5
/** A platform that is away or asks for patience comes back: about five hours. */
const PLATFORM_ATTEMPTS = 150
const LONGEST_MS = 2 * 60_000

/**
 * After a failure that surely did nothing outside: how long to wait before the next attempt, in milliseconds, or null when it is given up.
 *
 * @param attempts made so far, this one included
 */
export function retryAfterMs(thrown: unknown, failure: AppError, attempts: number): number | null {
  const away = thrown instanceof PlatformUnreachable
  const refused = thrown instanceof PlatformRefused
  const again = refused ? thrown.retryable : away || failure.status >= 500
  const most = away || refused ? PLATFORM_ATTEMPTS : OWN_ATTEMPTS
  if (!again || attempts >= most) return null
  const asked = refused && typeof failure.details.retryAfterMs === 'number' ? failure.details.retryAfterMs : 0
  return Math.max(asked, Math.min(LONGEST_MS, 1_000 * 2 ** Math.min(attempts, 12)))
}
