import { z } from 'zod'
import type { Clock } from '../../../common/clock.ts'
import { PlatformRefused, PlatformUnreachable } from '../../../common/errors.ts'
import { type ChannelLog, createHttpCall, createTokenCache, type HttpAnswer } from '../shared/index.ts'
import { isMisconfigured, isTokenFault, wecomRefusal } from './errors.ts'
import type { WeComSettings } from './settings.ts'

export interface WeComClientDeps {
  clock: Clock
  log: ChannelLog
  fetch?: typeof fetch
}

export interface WeComRequest<T> {
  method: 'GET' | 'POST'
  /** Below `/cgi-bin/`. */
  path: string
  query?: Readonly<Record<string, string>>
  body?: unknown
  /** What a success must look like. */
  answer: z.ZodType<T>
}

/** One call of the server API with the app's token. @throws PlatformRefused, PlatformUnreachable */
export type WeComClient = <T>(request: WeComRequest<T>) => Promise<T>

const tokenAnswer = z.object({ access_token: z.string().min(1).max(2048), expires_in: z.coerce.number().positive() })

/**
 * The server API of one app (page "获取access_token" and the global error codes). A rejected token is renewed and the call repeated once; the platform
 * did nothing in that case. No other call is repeated here.
 */
export function createWeComClient(settings: WeComSettings, { clock, log, fetch }: WeComClientDeps): WeComClient {
  const http = createHttpCall('企业微信', fetch)
  const base = `${settings.apiBase.replace(/\/+$/, '')}/cgi-bin/`

  const tokens = createTokenCache({
    clock,
    isMisconfigured,
    fetchToken: async () => {
      const query = new URLSearchParams({ corpid: settings.corpId, corpsecret: settings.secret })
      const answer = await http({ method: 'GET', url: `${base}gettoken?${query}`, label: 'gettoken' })
      const { access_token, expires_in } = read(answer, 'gettoken', tokenAnswer)
      return { value: access_token, lifeMs: expires_in * 1000 }
    },
  })

  function read<T>({ status, json }: HttpAnswer, call: string, schema: z.ZodType<T>): T {
    const errcode = Number(json.errcode ?? 0)
    const errmsg = String(json.errmsg ?? '')
    if (errcode !== 0) {
      const refused = wecomRefusal(errcode, errmsg, call)
      const fields = { code: refused.code, ...refused.details }
      if (refused.details.operator) log.error(fields, 'wecom needs the operator')
      throw refused
    }
    if (errmsg.includes('wrong json format')) log.error({ code: 'wecom.wrong_json', call }, 'wecom could not read our json')
    const parsed = schema.safeParse(json)
    if (status === 200 && parsed.success) return parsed.data
    throw new PlatformUnreachable('企业微信的回答读不懂。', {
      applied: 'unknown',
      details: { call, status },
      ...(parsed.error && { cause: parsed.error }),
    })
  }

  return async request => {
    const once = async (token: string) => {
      const query = new URLSearchParams({ access_token: token, ...request.query })
      const url = `${base}${request.path}?${query}`
      return http({ method: request.method, url, label: request.path, ...(request.body !== undefined && { body: request.body }) })
    }
    const token = await tokens.get()
    const first = await once(token)
    if (!isTokenFault(Number(first.json.errcode ?? 0))) return read(first, request.path, request.answer)
    tokens.reject(token)
    return read(await once(await tokens.get()), request.path, request.answer)
  }
}

/** The platform's error code behind a refusal. */
export const errcodeOf = (error: unknown): unknown => (error instanceof PlatformRefused ? error.details.errcode : undefined)
