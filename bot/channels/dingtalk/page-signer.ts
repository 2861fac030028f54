import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '../../../common/clock.ts'
import { randomId } from '../../../common/ids.ts'
import type { PageSigner } from '../../../handlers/kernel/ports.ts'
import { createTokenCache } from '../shared/index.ts'
import type { DingTalkClient } from './client.ts'
import { isMisconfigured } from './errors.ts'
import type { DingTalkSettings } from './settings.ts'

const ticketAnswer = z.object({ jsapiTicket: z.string().min(1), expireIn: z.coerce.number().positive() })

/**
 * `dd.config` values for a page (page "JSAPI鉴权"): the hash covers ticket, nonce, time and the page's address without its fragment, in this order.
 * The vendor's current samples use SHA-256, older clients were served SHA-1: a setting.
 */
export function createDingTalkPageSigner(
  settings: DingTalkSettings,
  client: DingTalkClient,
  { clock }: { clock: Clock },
): PageSigner {
  const tickets = createTokenCache({
    clock,
    isMisconfigured,
    fetchToken: async () => {
      const request = { method: 'POST', path: '/v1.0/oauth2/jsapiTickets', body: {}, answer: ticketAnswer } as const
      const { jsapiTicket, expireIn } = await client.api(request)
      return { value: jsapiTicket, lifeMs: expireIn * 1000 }
    },
  })

  return {
    platform: 'dingtalk',
    async sign(url) {
      const ticket = await tickets.get()
      const nonceStr = randomId()
      const timeStamp = String(Math.floor(clock.now() / 1000))
      const [page = url] = url.split('#', 1)
      const signed = `jsapi_ticket=${ticket}&noncestr=${nonceStr}&timestamp=${timeStamp}&url=${page}`
      return {
        corpId: settings.corpId,
        agentId: settings.agentId ?? '',
        timeStamp,
        nonceStr,
        signature: createHash(settings.jsapiHash).update(signed).digest('hex'),
        type: 0,
      }
    },
  }
}
