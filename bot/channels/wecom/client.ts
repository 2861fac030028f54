import { z } from 'zod'
import type { Clock } from '../../../common/clock.ts'
import { PlatformRefused, PlatformUnreachable } from '../../../common/errors.ts'
import {
  type ChannelLog,
  createDownload,
  createHttpCall,
  createTokenCache,
  type DownloadedFile,
  type HttpAnswer,
  type HttpCall,
  type SharedTokens,
} from '../shared/index.ts'
import { isMisconfigured, isTokenFault, wecomRefusal } from './errors.ts'
import { createHold } from './hold.ts'
import type { WeComSettings } from './settings.ts'

export interface WeComClientDeps {
  clock: Clock
  log: ChannelLog
  /** Where processes share the app's token. */
  tokens?: SharedTokens
  fetch?: typeof fetch
}

export interface WeComRequest<T> {
  method: 'GET' | 'POST'
  /** Below `/cgi-bin/`. */
  path: string
  query?: Readonly<Record<string, string>>
  body?: unknown
  /** A file to upload, in the field `media`. */
  file?: { name: string; type: string; bytes: Buffer }
  /** What a success must look like. */
  answer: z.ZodType<T>
}

/** The server API with the app's token. Both throw PlatformRefused and PlatformUnreachable. */
export interface WeComClient {
  <T>(request: WeComRequest<T>): Promise<T>
  /** Why no call gets through at present, for people; null when calls do, or none was tried lately. */
  trouble(): string | null
  /** A call whose success is a file. `path` is below `/cgi-bin/`. */
  download(path: string, query: Readonly<Record<string, string>>, mostBytes: number): Promise<DownloadedFile>
}

const tokenAnswer = z.object({ access_token: z.string().min(1).max(2048), expires_in: z.coerce.number().positive() })

/**
 * The server API of one app (page "获取access_token" and the global error codes). A rejected token is renewed and the call repeated once; the platform
 * did nothing in that case. No other call is repeated here.
 */
export function createWeComClient(settings: WeComSettings, { clock, log, fetch, tokens: shared }: WeComClientDeps): WeComClient {
  const download = createDownload('企业微信', fetch)
  const hold = createHold(clock)
  const plainHttp = createHttpCall('企业微信', fetch)
  const http: HttpCall = request =>
    plainHttp(request).catch((error: unknown) => {
      if (error instanceof PlatformUnreachable) hold.lost()
      throw error
    })
  const base = `${settings.apiBase.replace(/\/+$/, '')}/cgi-bin/`

  const tokens = createTokenCache({
    clock,
    isMisconfigured,
    ...(shared && { shared }),
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
      hold.refused(call, errcode, refused)
      throw refused
    }
    hold.passed()
    if (errmsg.includes('wrong json format')) log.error({ code: 'wecom.wrong_json', call }, 'wecom could not read our json')
    const parsed = schema.safeParse(json)
    if (status === 200 && parsed.success) return parsed.data
    throw new PlatformUnreachable('企业微信的回答读不懂。', {
      applied: 'unknown',
      details: { call, status },
      ...(parsed.error && { cause: parsed.error }),
    })
  }

  const address = (path: string, token: string, query: Readonly<Record<string, string>> = {}): string =>
    `${base}${path}?${new URLSearchParams({ access_token: token, ...query })}`

  /** Made with the cached token, and once more with a fresh one when that was rejected. */
  async function withToken<A>(call: string, once: (token: string) => Promise<A>, errcodeIn: (answer: A) => number): Promise<A> {
    const held = hold.refusalFor(call)
    if (held) throw held
    const token = await tokens.get()
    const first = await once(token)
    if (!isTokenFault(errcodeIn(first))) return first
    tokens.reject(token)
    return once(await tokens.get())
  }

  const call = async <T>({ method, path, query, body, file, answer }: WeComRequest<T>): Promise<T> => {
    const once = (token: string) =>
      http({
        method,
        url: address(path, token, query),
        label: path,
        ...(body !== undefined && { body }),
        ...(file && { form: asForm(file) }),
      })
    return read(await withToken(path, once, ({ json }) => Number(json.errcode ?? 0)), path, answer)
  }

  return Object.assign(call, {
    trouble: hold.trouble,
    async download(path: string, query: Readonly<Record<string, string>>, mostBytes: number) {
      const once = (token: string) => download({ url: address(path, token, query), label: path, mostBytes })
      const got = await withToken(path, once, answer => ('json' in answer ? Number(answer.json.errcode ?? 0) : 0))
      return 'json' in got ? read(got, path, NEVER) : got
    },
  })
}

/** Where a file was asked for, JSON without an error code is no answer. */
const NEVER = z.never()

function asForm({ name, type, bytes }: NonNullable<WeComRequest<unknown>['file']>): FormData {
  const form = new FormData()
  form.append('media', new Blob([new Uint8Array(bytes)], { type }), name)
  return form
}

/** The platform's error code behind a refusal. */
export const errcodeOf = (error: unknown): unknown => (error instanceof PlatformRefused ? error.details.errcode : undefined)
