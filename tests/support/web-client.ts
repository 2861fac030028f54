import type { DingTalkEmulator } from '../../emulator/index.ts'
import type { World } from './world.ts'

/** One answer of the service, read to its end. `body` is its JSON, else null. */
export interface WebAnswer<Body = unknown> {
  status: number
  headers: Headers
  text: string
  body: Body
}

export interface Refusal {
  error: { code: string; message: string; fields?: Record<string, string>; details?: Record<string, unknown> }
}

/** A browser without a screen: keeps cookies, follows no redirect by itself. */
export interface WebClient {
  cookies: Map<string, string>
  go<Body = unknown>(path: string, init?: RequestInit): Promise<WebAnswer<Body>>
  query<Body = unknown>(name: string, input?: unknown): Promise<WebAnswer<Body>>
  /** Without a key each call is a new press. */
  command<Body = unknown>(name: string, input: unknown, key?: string): Promise<WebAnswer<Body>>
  /** The whole WeCom login by redirects; the last answer. */
  loginWeCom(userId: string, to?: string): Promise<WebAnswer>
  loginDingTalk(userId: string): Promise<WebAnswer>
}

let presses = 0
/** Every request is answered within this time, or it never is. */
const ANSWER_LIMIT_MS = 60_000

export const refusalCode = (answer: WebAnswer): string => (answer.body as Refusal).error.code

/** Where the service itself says it is: cookies and redirects belong to this host. */
export const originOf = (world: World): string => world.service.services.links.base

export const openClient = (world: World): WebClient => openClientAt(() => originOf(world), world.dingtalk)

/** For a service that may move from port to port. */
export function openClientAt(origin: () => string, dingtalk?: Pick<DingTalkEmulator, 'requestAuthCode'>): WebClient {
  const cookies = new Map<string, string>()

  async function go<Body>(path: string, init: RequestInit = {}): Promise<WebAnswer<Body>> {
    const url = new URL(path, origin())
    const ours = url.origin === origin()
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
      ...init,
      headers: { ...(ours && cookie && { cookie }), ...(init.headers as Record<string, string>) },
    })
    if (ours) {
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        if (value === '') cookies.delete(name)
        else cookies.set(name, value)
      }
    }
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json')
    return { status: response.status, headers: response.headers, text, body: (isJson ? JSON.parse(text) : null) as Body }
  }

  const client: WebClient = {
    cookies,
    go,
    query: (name, input) =>
      go(`/api/queries/${name}${input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`}`),
    command(name, input, key) {
      presses += 1
      return go(`/api/commands/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key ?? `press-number-${presses}` },
        body: JSON.stringify(input),
      })
    },
    async loginWeCom(userId, to = '/m/') {
      const away = await go(`/api/auth/wecom?to=${encodeURIComponent(to)}`)
      const page = new URL(away.headers.get('location') ?? '')
      page.searchParams.set('as', userId)
      const back = await go(page.href)
      return go(back.headers.get('location') ?? '')
    },
    loginDingTalk: userId =>
      go('/api/auth/dingtalk', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code: dingtalk?.requestAuthCode(userId) }),
      }),
  }
  return client
}
