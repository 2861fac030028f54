import type { FileRef } from '../../../common/contract/files.ts'
import type { AuthOptions, Me } from '../../../common/contract/people.ts'
import type { Slot } from './host.ts'
import type { CommandName, Commands, Queries, QueryName } from './operations.ts'
import type { PressKeys } from './press-keys.ts'
import { offlineProblem, problemFromAnswer } from './problem.ts'

const QUERY_TIMEOUT_MS = 15_000
const COMMAND_TIMEOUT_MS = 30_000
const UPLOAD_TIMEOUT_MS = 120_000

export interface ApiOptions {
  fetch: typeof globalThis.fetch
  slot: Slot | null
  keys: PressKeys
  /** Called when an answer says that nobody is logged in. */
  onLoginNeeded(): void
}

/** Everything the mini-app asks of the server. Every method rejects with a `Problem`, or with `AbortError` when its signal fires. */
export interface Api {
  me(): Promise<Me>
  authOptions(): Promise<AuthOptions>
  loginWithDingtalk(code: string): Promise<void>
  logout(): Promise<void>
  query<Name extends QueryName>(name: Name, input: Queries[Name]['input'], signal?: AbortSignal): Promise<Queries[Name]['output']>
  /** Repeats with the same `Idempotency-Key` while the answer to the same input is unknown. */
  command<Name extends CommandName>(name: Name, input: Commands[Name]['input']): Promise<Commands[Name]['output']>
  /** At most 20 MB. */
  upload(file: Blob, name: string): Promise<FileRef>
  fileUrl(id: string): string
  /** What a chat app's SDK wants before a page may use its client: the page's own address, signed. */
  pageSignature(platform: string): Promise<Record<string, unknown>>
}

interface Call {
  method?: 'POST'
  headers?: Record<string, string>
  body?: BodyInit
  timeoutMs?: number
  signal?: AbortSignal
}

/** The server's API over `fetch`, for one session (one slot). */
export function createApi({ fetch, slot, keys, onLoginNeeded }: ApiOptions): Api {
  async function call(path: string, { timeoutMs = QUERY_TIMEOUT_MS, signal, headers, ...init }: Call = {}): Promise<unknown> {
    const stop = new AbortController()
    let isTimedOut = false
    const timer = setTimeout(() => {
      isTimedOut = true
      stop.abort()
    }, timeoutMs)
    const onAbort = () => stop.abort()
    signal?.addEventListener('abort', onAbort)
    try {
      const answer = await fetch(path, {
        ...init,
        signal: stop.signal,
        credentials: 'same-origin',
        headers: { accept: 'application/json', ...(slot && { 'x-kelian-slot': slot }), ...headers },
      })
      const body = await readJson(answer)
      if (answer.ok) return body
      if (answer.status === 401) onLoginNeeded()
      throw problemFromAnswer(answer.status, body)
    } catch (thrown) {
      if (signal?.aborted) throw new DOMException('superseded', 'AbortError')
      if (isTimedOut) throw offlineProblem('network.timeout')
      throw isNetworkFailure(thrown) ? offlineProblem('network.unreachable') : thrown
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  const post = (path: string, value: unknown, headers: Record<string, string> = {}) =>
    call(path, {
      method: 'POST',
      body: JSON.stringify(value),
      headers: { 'content-type': 'application/json', ...headers },
      timeoutMs: COMMAND_TIMEOUT_MS,
    })

  return {
    me: async () => (await call('/api/me')) as Me,
    authOptions: async () => (await call('/api/auth/options')) as AuthOptions,
    loginWithDingtalk: async code => {
      await post('/api/auth/dingtalk', { code })
    },
    logout: async () => {
      await post('/api/auth/logout', {})
    },
    query: async <Name extends QueryName>(name: Name, input: Queries[Name]['input'], signal?: AbortSignal) =>
      (await call(`/api/queries/${name}?input=${encodeURIComponent(JSON.stringify(input))}`, {
        ...(signal && { signal }),
      })) as Queries[Name]['output'],
    command: async <Name extends CommandName>(name: Name, input: Commands[Name]['input']) => {
      const key = keys.begin(name, input)
      try {
        const result = await post(`/api/commands/${name}`, input, { 'idempotency-key': key })
        keys.settle(name, input)
        return result as Commands[Name]['output']
      } catch (thrown) {
        if (!isOutcomeUnknown(thrown)) keys.settle(name, input)
        throw thrown
      }
    },
    upload: async (file, name) =>
      (await call(`/api/files?name=${encodeURIComponent(name)}`, {
        method: 'POST',
        body: file,
        headers: { 'content-type': file.type || 'application/octet-stream' },
        timeoutMs: UPLOAD_TIMEOUT_MS,
      })) as FileRef,
    pageSignature: async platform => {
      const [page = ''] = location.href.split('#', 1)
      return (await call(`/api/jsapi/${platform}?url=${encodeURIComponent(page)}`)) as Record<string, unknown>
    },
    fileUrl: id => `/api/files/${encodeURIComponent(id)}${slot ? `?slot=${slot}` : ''}`,
  }
}

async function readJson(answer: Response): Promise<unknown> {
  const text = await answer.text()
  if (!text) return null
  try {
    return JSON.parse(text) as unknown
  } catch (thrown) {
    if (answer.ok) throw problemFromAnswer(502, null)
    if (thrown instanceof SyntaxError) return null
    throw thrown
  }
}

/** `fetch` rejects with a TypeError when no answer came. */
const isNetworkFailure = (thrown: unknown) => thrown instanceof TypeError

/** Lost answers and server faults may have been written all the same; a refusal was not. */
const isOutcomeUnknown = (thrown: unknown) => {
  const kind = (thrown as { kind?: string }).kind
  return kind === 'offline' || kind === 'server'
}
