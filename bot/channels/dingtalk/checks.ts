import { z } from 'zod'
import type { Clock } from '../../../common/clock.ts'
import { randomId } from '../../../common/ids.ts'
import { createHttpCall } from '../shared/index.ts'
import type { DingTalkClient } from './client.ts'
import type { DingTalkSettings } from './settings.ts'
import { askEndpoint } from './stream/index.ts'

const made = z.object({ success: z.boolean().optional() })
const TIMEOUT_MS = 10_000

/** What can be tried of an app without anybody noticing. Each throws what the platform answers. */
export interface DingTalkChecks {
  /** A ticket for the stream, not used: it ends by itself after 90 s. */
  streamTicket(): Promise<void>
  /** A card of the template that is delivered to nobody; one billed call. */
  template(): Promise<void>
  /** How far the platform's clock is ahead of ours, in milliseconds; null when it does not tell. */
  clockSkewMs(): Promise<number | null>
}

/** The checks that `npm run doctor` makes. */
export function createDingTalkChecks(
  settings: DingTalkSettings,
  client: DingTalkClient,
  { clock, fetch: fetchLike = fetch }: { clock: Clock; fetch?: typeof globalThis.fetch },
): DingTalkChecks {
  const apiBase = settings.apiBase.replace(/\/+$/, '')
  return {
    async streamTicket() {
      const { clientId, clientSecret } = settings
      await askEndpoint({
        apiBase,
        http: createHttpCall('钉钉', fetchLike),
        body: { clientId, clientSecret, ua: 'kelian', subscriptions: [] },
        timeoutMs: TIMEOUT_MS,
      })
    },
    async template() {
      const body = {
        cardTemplateId: settings.cardTemplateId ?? '',
        outTrackId: `doctor-${randomId()}`,
        cardData: { cardParamMap: { title: '检查', status: '信息', fields: '[]', buttons: '[]' } },
      }
      await client.api({ method: 'POST', path: '/v1.0/card/instances', body, answer: made })
    },
    async clockSkewMs() {
      const asked = clock.now()
      const response = await fetchLike(apiBase, { method: 'HEAD', signal: AbortSignal.timeout(TIMEOUT_MS) })
      const told = Date.parse(response.headers.get('date') ?? '')
      // The header has whole seconds, cut off.
      return Number.isNaN(told) ? null : told + 500 - (asked + clock.now()) / 2
    },
  }
}
