import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../../common/clock.ts'
import { asNotApplied } from './http.ts'

export interface FetchedToken {
  value: string
  lifeMs: number
}

/** `renewAt` is business time, milliseconds. */
interface TimedToken {
  value: string
  renewAt: number
}

/** One app's token as all processes have it. */
export interface SharedTokens {
  read(): Promise<TimedToken | null>
  /** Fetch, if no other process does at this moment; null: one does, look again soon. What is usable by then is taken instead. */
  fetchAlone(isUsable: (token: TimedToken) => boolean, fetchToken: () => Promise<TimedToken>): Promise<TimedToken | null>
  forget(value: string): Promise<void>
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
  /** Where processes share it; absent: each fetches its own. */
  shared?: SharedTokens
}

/** Renewed this long before its end, or at nine tenths of a short life. */
const MARGIN_MS = 5 * 60_000
const FIRST_COOL_DOWN_MS = 60_000
const LONGEST_COOL_DOWN_MS = 15 * 60_000
const LOOK_AGAIN_MS = 200
/** Longer than another process may take to fetch. */
const MOST_LOOKS = 60

/** Access token of one app: cached, single flight, with a cool-down after wrong credentials. */
export function createTokenCache({ clock, fetchToken, isMisconfigured, shared }: TokenCacheOptions): TokenCache {
  let current: TimedToken | null = null
  let inFlight: Promise<string> | null = null
  let refusal: { error: unknown; until: number } | null = null
  let coolDownMs = FIRST_COOL_DOWN_MS
  let rejected: string | null = null

  async function fetchOwn(): Promise<TimedToken> {
    const { value, lifeMs } = await fetchToken()
    return { value, renewAt: clock.now() + lifeMs - Math.min(MARGIN_MS, lifeMs / 10) }
  }

  const isUsable = (token: TimedToken): boolean => clock.now() < token.renewAt && token.value !== rejected

  /** The token of all processes: read, or fetched by the one that is first. */
  async function fetchShared(tokens: SharedTokens): Promise<TimedToken> {
    for (let look = 0; look < MOST_LOOKS; look += 1) {
      const known = await tokens.read()
      if (known && isUsable(known)) return known
      const fetched = await tokens.fetchAlone(isUsable, fetchOwn)
      if (fetched) return fetched
      await sleep(LOOK_AGAIN_MS)
    }
    return fetchOwn()
  }

  const renew = async (): Promise<string> => {
    try {
      current = await (shared ? fetchShared(shared) : fetchOwn())
      refusal = null
      coolDownMs = FIRST_COOL_DOWN_MS
      return current.value
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
      if (current?.value !== value) return
      current = null
      rejected = value
      shared?.forget(value).catch(() => undefined)
    },
  }
}
