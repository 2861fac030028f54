import { hash } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '../../../common/clock.ts'
import { createTokenCache } from '../shared/index.ts'
import type { WeComClient } from './client.ts'
import { isMisconfigured } from './errors.ts'
import type { WeComSettings } from './settings.ts'

const ticketAnswer = z.object({ ticket: z.string().min(1).max(512), expires_in: z.coerce.number().positive() })

/** What `ww.register` wants from `getConfigSignature` and `getAgentConfigSignature`. */
export interface JsapiSignature {
  /** Seconds. */
  timestamp: number
  nonceStr: string
  signature: string
}

export interface WeComJsapi extends Record<string, unknown> {
  corpId: string
  agentId: number
  config: JsapiSignature
  agentConfig: JsapiSignature
}

/** SHA-1 over the four values as they are, in this order (page "JS-SDK签名算法"). The address is taken without its fragment. */
export function jsapiSignature(ticket: string, url: string, nonceStr: string, timestamp: number): JsapiSignature {
  const text = `jsapi_ticket=${ticket}&noncestr=${nonceStr}&timestamp=${timestamp}&url=${url.split('#')[0]}`
  return { timestamp, nonceStr, signature: hash('sha1', text, 'hex') }
}

/**
 * Signatures for pages inside the client. Corp and agent tickets are different things (42012, 40093 when mixed up); both are cached, because an
 * app may ask for 100 an hour.
 */
export function createWeComJsapi(
  settings: WeComSettings,
  call: WeComClient,
  { clock, nonce }: { clock: Clock; nonce: () => string },
) {
  const tickets = (path: string, query?: Record<string, string>) =>
    createTokenCache({
      clock,
      isMisconfigured,
      fetchToken: async () => {
        const { ticket, expires_in } = await call({ method: 'GET', path, ...(query && { query }), answer: ticketAnswer })
        return { value: ticket, lifeMs: expires_in * 1000 }
      },
    })
  const corp = tickets('get_jsapi_ticket')
  const agent = tickets('ticket/get', { type: 'agent_config' })

  /** @param url the page's address; the caller has made sure that it is one of ours */
  return async (url: string): Promise<WeComJsapi> => {
    const [corpTicket, agentTicket] = await Promise.all([corp.get(), agent.get()])
    const timestamp = Math.floor(clock.now() / 1000)
    return {
      corpId: settings.corpId,
      agentId: settings.agentId,
      config: jsapiSignature(corpTicket, url, nonce(), timestamp),
      agentConfig: jsapiSignature(agentTicket, url, nonce(), timestamp),
    }
  }
}
