import type { Clock } from '../../../common/clock.ts'
import { asNotApplied } from './http.ts'

export interface FetchedToken {
  value: string
  lifeMs: number
}

export interface TokenCache {
  /** The current token, fetched when there is none or it is about to end. Many callers share one fetch. */
  get(): Promise<string>
  /** The platform rejected this token. Forgets it only if it is still the current one, so that fifty failing calls cause one fetch. */
  reject(value: string): void
}

export interface TokenCacheOptions {
  clock: Clock
  fetchToken: () => Promise<FetchedToken>
  /** Is this failure a wrong setting? Then it is answered from memory for a while: platforms ban the address of who keeps knocking. */
  isMisconfigured: (error: unknown) => boolean
}

/** Renewed this long before its end, or at nine tenths of a short life. */
const MARGIN_MS = 5 * 60_000
const FIRST_COOL_DOWN_MS = 60_000
const LONGEST_COOL_DOWN_MS = 15 * 60_000

/** Access token of one app: cached, single flight, with a cool-down after wrong credentials. */
export function createTokenCache({ clock, fetchToken, isMisconfigured }: TokenCacheOptions): TokenCache {
  let current: { value: string; renewAt: number } | null = null
  let inFlight: Promise<string> | null = null
  let refusal: { error: unknown; until: number } | null = null
  let coolDownMs = FIRST_COOL_DOWN_MS

  const renew = async (): Promise<string> => {
    try {
      const { value, lifeMs } = await fetchToken()
      current = { value, renewAt: clock.now() + lifeMs - Math.min(MARGIN_MS, lifeMs / 10) }
      refusal = null
      coolDownMs = FIRST_COOL_DOWN_MS
      return value
    } catch (error) {
      if (isMisconfigured(error)) {
        refusal = { error, until: clock.now() + coolDownMs }
        coolDownMs = Math.min(coolDownMs * 2, LONGEST_COOL_DOWN_MS)
      }
      throw asNotApplied(error)
    } finally {
      inFlight = null
    }
  }

  return {
    async get() {
      if (current && clock.now() < current.renewAt) return current.value
      if (refusal && clock.now() < refusal.until) throw refusal.error
      inFlight ??= renew()
      return inFlight
    },
    reject(value) {
      if (current?.value === value) current = null
    },
  }
}
