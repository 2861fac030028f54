import { z } from 'zod'
import type { Clock } from '../../../common/clock.ts'
import { PlatformRefused, PlatformUnreachable } from '../../../common/errors.ts'
import {
  type CallMeter,
  type ChannelLog,
  createHttpCall,
  createTokenCache,
  type HttpAnswer,
  type HttpRequest,
} from '../shared/index.ts'
import { dingtalkRefusal, isMisconfigured, isQuotaEnd, isRateLimit, isTokenFault, platformCodeOf } from './errors.ts'
import type { DingTalkSettings } from './settings.ts'

export interface DingTalkClientDeps {
  clock: Clock
  log: ChannelLog
  /** Counts what the platform bills; absent: nobody counts. */
  meter?: CallMeter
  fetch?: typeof fetch
}

/** Calls of both API generations with the app's token. @throws PlatformRefused, PlatformUnreachable */
export interface DingTalkClient {
  /** New API: token in a header, failure as HTTP status and `code`. `token: 'none'`: without the app's token. */
  api<T>(request: ApiRequest<T>): Promise<T>
  /** Old API (`topapi/…`): token in the query, failure as `errcode`. */
  oapi<T>(request: { path: string; body: unknown; answer: z.ZodType<T> }): Promise<T>
  /** A reply through the session webhook of a message; the address itself is the permission. */
  webhook(url: string, body: unknown): Promise<void>
}

export interface ApiRequest<T> {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  path: string
  headers?: Readonly<Record<string, string>>
  token?: 'app' | 'none'
  body?: unknown
  answer: z.ZodType<T>
}

/** What the platform bills (pages "计费模型说明", "不纳入调用量限制的接口清单"): tokens, tickets, logins and contacts are free. */
const METERED = /^\/v1\.0\/(robot|card|todo|im|calendar|workflow)\/|^\/topapi\/(message|im)\/|^\/media\//

const newToken = z.object({ accessToken: z.string().min(1), expireIn: z.coerce.number().positive() })
const oldToken = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() })

/**
 * The server APIs of one app (pages "获取企业内部应用的accessToken", "服务端API错误码"). A rejected token is renewed and the call repeated once; nothing else is
 * repeated here. The new token serves the old API too; should that ever be refused, the old `gettoken` takes over.
 */
export function createDingTalkClient(
  settings: DingTalkSettings,
  { clock, log, fetch, meter }: DingTalkClientDeps,
): DingTalkClient {
  const http = createHttpCall('钉钉', fetch)
  const apiBase = settings.apiBase.replace(/\/+$/, '')
  const oapiBase = settings.oapiBase.replace(/\/+$/, '')

  const tokens = createTokenCache({
    clock,
    isMisconfigured,
    fetchToken: async () => {
      const call = '/v1.0/oauth2/accessToken'
      const body = { appKey: settings.clientId, appSecret: settings.clientSecret }
      const answer = await http({ method: 'POST', url: apiBase + call, label: call, body })
      const { accessToken, expireIn } = read(answer, call, newToken)
      return { value: accessToken, lifeMs: expireIn * 1000 }
    },
  })
  const oldTokens = createTokenCache({
    clock,
    isMisconfigured,
    fetchToken: async () => {
      const query = new URLSearchParams({ appkey: settings.clientId, appsecret: settings.clientSecret })
      const answer = await http({ method: 'GET', url: `${oapiBase}/gettoken?${query}`, label: '/gettoken' })
      const { access_token, expires_in } = read(answer, '/gettoken', oldToken)
      return { value: access_token, lifeMs: expires_in * 1000 }
    },
  })
  let oapiTokens = tokens

  function read<T>({ status, json }: HttpAnswer, call: string, schema: z.ZodType<T>): T {
    const platformCode = platformCodeOf(status, json)
    if (platformCode?.startsWith('http_5')) throw unreadable(call, status)
    if (platformCode !== null) {
      const refused = dingtalkRefusal(platformCode, json, call)
      if (refused.details.operator) log.error({ code: refused.code, ...refused.details }, 'dingtalk needs the operator')
      throw refused
    }
    const parsed = schema.safeParse(json)
    if (parsed.success) return parsed.data
    throw unreadable(call, status, parsed.error)
  }

  const failedOnToken = ({ status, json }: HttpAnswer): boolean => {
    const code = platformCodeOf(status, json)
    return code !== null && isTokenFault(code)
  }

  /** Counted where the platform counts; a call that it turned away for its speed is not billed. */
  async function counted(request: HttpRequest): Promise<HttpAnswer> {
    if (!meter || !METERED.test(request.label)) return http(request)
    await meter.count()
    const answer = await http(request)
    const code = platformCodeOf(answer.status, answer.json)
    if (code !== null && isRateLimit(code)) meter.uncount()
    if (code !== null && isQuotaEnd(code)) meter.usedUp()
    return answer
  }

  /** With the token, and once more with a new one when the platform rejects it. */
  async function withToken(cache: typeof tokens, request: (token: string) => HttpRequest): Promise<HttpAnswer> {
    const token = await cache.get()
    const first = await counted(request(token))
    if (!failedOnToken(first)) return first
    cache.reject(token)
    return counted(request(await cache.get()))
  }

  return {
    async api({ method, path, headers, token, body, answer }) {
      const label = path.split('?', 1)[0] ?? path
      const request = (extra: Readonly<Record<string, string>>): HttpRequest => ({
        method,
        url: apiBase + path,
        label,
        headers: { ...headers, ...extra },
        ...(body !== undefined && { body }),
      })
      if (token === 'none') return read(await http(request({})), label, answer)
      return read(await withToken(tokens, value => request({ 'x-acs-dingtalk-access-token': value })), label, answer)
    },

    async oapi({ path, body, answer }) {
      const request = (token: string): HttpRequest => ({
        method: 'POST',
        url: `${oapiBase}${path}?access_token=${encodeURIComponent(token)}`,
        label: path,
        body,
      })
      let result = await withToken(oapiTokens, request)
      if (failedOnToken(result) && oapiTokens !== oldTokens) {
        log.warn({ code: 'dingtalk.old_token' }, 'the old API refuses the new token; using gettoken')
        oapiTokens = oldTokens
        result = await withToken(oapiTokens, request)
      }
      return read(result, path, answer)
    },

    async webhook(url, body) {
      read(await http({ method: 'POST', url, label: 'sessionWebhook', body }), 'sessionWebhook', z.object({}))
    },
  }
}

const unreadable = (call: string, status: number, cause?: unknown) =>
  new PlatformUnreachable('钉钉的回答读不懂。', { applied: 'unknown', details: { call, status }, cause })

/** The platform's own code behind a refusal. */
export const platformCode = (error: unknown): unknown =>
  error instanceof PlatformRefused ? error.details.platformCode : undefined
