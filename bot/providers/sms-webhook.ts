import { createHmac } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '../../common/clock.ts'
import { PlatformRefused, PlatformUnreachable } from '../../common/errors.ts'
import type { ShortMessages } from '../../handlers/kernel/short-message.ts'

export interface SmsWebhookSettings {
  url: string
  /** Signs each request, so that the receiver knows whom it comes from. */
  secret: string
}

const LIMIT_MS = 10_000
const answer = z.object({ messageId: z.string().max(200).optional() })

/**
 * Short messages through a web address of the company's: `POST {"id","mobile","text"}` with `X-Kelian-Timestamp` (seconds) and
 * `X-Kelian-Signature` (hex HMAC-SHA-256 of `<timestamp>.<body>`). Any 2xx means accepted; 429 and 5xx are tried again. The receiver keeps
 * `id`s and sends each once.
 */
export function createSmsWebhook(
  { url, secret }: SmsWebhookSettings,
  { clock, fetch: fetchLike = fetch }: { clock: Clock; fetch?: typeof fetch },
): ShortMessages {
  return {
    async send(message) {
      const body = JSON.stringify(message)
      const timestamp = String(Math.floor(clock.now() / 1000))
      const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
      const response = await fetchLike(url, {
        method: 'POST',
        redirect: 'error',
        signal: AbortSignal.timeout(LIMIT_MS),
        headers: { 'content-type': 'application/json', 'x-kelian-timestamp': timestamp, 'x-kelian-signature': signature },
        body,
      }).catch(cause => {
        throw new PlatformUnreachable('暂时连不上短信服务。', { applied: neverArrived(cause) ? 'no' : 'unknown', cause })
      })
      if (!response.ok) {
        throw new PlatformRefused('sms.refused', '短信服务没有接受这条短信。', {
          retryable: response.status === 429 || response.status >= 500,
          details: { status: response.status },
        })
      }
      const parsed = answer.safeParse(await response.json().catch(() => ({})))
      return parsed.success && parsed.data.messageId ? { messageId: parsed.data.messageId } : {}
    },
  }
}

const neverArrived = (error: unknown): boolean => {
  const code = (error as { cause?: { code?: unknown } }).cause?.code
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'].includes(
    String(code),
  )
}
