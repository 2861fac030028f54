import type { Services } from '../handlers/kernel/services.ts'
import type { SharedTokens } from './channels/index.ts'

/** Longer than a platform takes to answer. */
const FETCH_LEASE_MS = 20_000

/** One app's access token in the database, sealed: of several processes one fetches it and all use it. */
export function sharedTokens({ models, secrets }: Services, processId: string, app: string): SharedTokens {
  const key = secrets.derive('platform-tokens')
  return {
    read: () => models.tokens.read(key, app),
    fetchAlone: (isUsable, fetchToken) =>
      models.tokens.fetchAlone(key, app, { by: processId, leaseMs: FETCH_LEASE_MS }, isUsable, fetchToken),
    forget: value => models.tokens.forget(key, app, value),
  }
}
