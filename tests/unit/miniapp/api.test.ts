import { describe, expect, test } from '@jest/globals'
import { createApi } from '../../../miniapp/src/kernel/api.ts'
import type { Slot } from '../../../miniapp/src/kernel/host.ts'
import { createPressKeys } from '../../../miniapp/src/kernel/press-keys.ts'
import { asProblem } from '../../../miniapp/src/kernel/problem.ts'
import { memoryStore } from './memory-store.ts'

interface Sent {
  url: string
  headers: Record<string, string>
}

/** An API whose server answers from a list, in order; an Error in the list is a broken connection. */
function apiOver(replies: (Response | Error)[], { slot = null as Slot | null, now = { ms: 0 } } = {}) {
  const sent: Sent[] = []
  let logins = 0
  let keys = 0
  const api = createApi({
    fetch: async (url, init) => {
      sent.push({ url: String(url), headers: init?.headers as Record<string, string> })
      const reply = replies.shift()
      if (!reply || reply instanceof Error) throw reply ?? new TypeError('no reply')
      return reply
    },
    slot,
    keys: createPressKeys({ store: memoryStore(), scope: slot ?? '', newKey: () => `key-${++keys}`, now: () => now.ms }),
    onLoginNeeded: () => {
      logins++
    },
  })
  return { api, sent, logins: () => logins }
}

const answer = (status: number, body: unknown) => new Response(JSON.stringify(body), { status })
const refused = (status: number, code: string) => answer(status, { error: { code, message: '不行', fields: { amount: '太大' } } })
const broken = () => new TypeError('connection lost')
const keysOf = (sent: Sent[]) => sent.map(({ headers }) => headers['idempotency-key'])
const failure = (promise: Promise<unknown>) => promise.then(() => null, asProblem)

describe('questions', () => {
  test('the input travels as URL-encoded JSON', async () => {
    const { api, sent } = apiOver([answer(200, { items: [], nextCursor: null })])
    await api.query('customers.search', { q: '长安 & 100%' })
    expect(JSON.parse(new URL(sent[0]?.url ?? '', 'http://x').searchParams.get('input') ?? '')).toEqual({ q: '长安 & 100%' })
  })

  test('a phone of the chat window names its slot on every call and in file links', async () => {
    const { api, sent } = apiOver([answer(200, {})], { slot: 'left' })
    await api.me()
    expect(sent[0]?.headers['x-kelian-slot']).toBe('left')
    expect(api.fileUrl('a/b')).toBe('/api/files/a%2Fb?slot=left')
  })

  test.each([
    [400, 'invalid'],
    [403, 'forbidden'],
    [404, 'missing'],
    [409, 'conflict'],
    [500, 'server'],
    [502, 'server'],
  ])('a refusal with %i is told apart and keeps its code, words and fields', async (status, kind) => {
    const { api } = apiOver([refused(status, 'some.code')])
    const problem = await failure(api.me())
    expect(problem).toMatchObject({ kind, code: 'some.code', message: '不行', fields: { amount: '太大' } })
  })

  test('without a session the login is asked for', async () => {
    const { api, logins } = apiOver([refused(401, 'auth.required')])
    await expect(failure(api.me())).resolves.toMatchObject({ kind: 'login' })
    expect(logins()).toBe(1)
  })

  test('a lost connection and a foreign error page are problems with words of our own', async () => {
    const { api } = apiOver([
      broken(),
      new Response('<html>bad gateway</html>', { status: 502 }),
      new Response('<html>portal</html>'),
    ])
    await expect(failure(api.me())).resolves.toMatchObject({ kind: 'offline', code: 'network.unreachable' })
    await expect(failure(api.me())).resolves.toMatchObject({ kind: 'server', code: 'http.502' })
    await expect(failure(api.me())).resolves.toMatchObject({ kind: 'server' })
  })

  test('a question that was withdrawn ends as withdrawn, not as a broken network', async () => {
    const stop = new AbortController()
    const { api } = apiOver([broken()])
    stop.abort()
    await expect(api.query('settings.get', {}, stop.signal)).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('presses', () => {
  const decide = { caseId: 'c1', decision: 'approve' } as const

  test('after a lost answer or a server fault the same press keeps its key', async () => {
    const { api, sent } = apiOver([broken(), answer(500, null), answer(200, {})])
    await failure(api.command('approvals.decide', decide))
    await failure(api.command('approvals.decide', decide))
    await api.command('approvals.decide', decide)
    expect(keysOf(sent)).toEqual(['key-1', 'key-1', 'key-1'])
  })

  test('a press after a definite answer, or with another input, is a new one', async () => {
    const { api, sent } = apiOver([answer(200, {}), refused(409, 'approval.already_decided'), broken(), answer(200, {})])
    await api.command('approvals.decide', decide)
    await failure(api.command('approvals.decide', decide))
    await failure(api.command('approvals.decide', decide))
    await api.command('approvals.decide', { ...decide, decision: 'reject', comment: '太贵' })
    expect(keysOf(sent)).toEqual(['key-1', 'key-2', 'key-3', 'key-4'])
  })

  test('ten minutes after a lost answer, pressing again means doing it again', async () => {
    const now = { ms: 1_000_000 }
    const { api, sent } = apiOver([broken(), broken(), broken()], { now })
    await failure(api.command('approvals.urge', { caseId: 'c1' }))
    now.ms += 599_999
    await failure(api.command('approvals.urge', { caseId: 'c1' }))
    now.ms += 1
    await failure(api.command('approvals.urge', { caseId: 'c1' }))
    expect(keysOf(sent)).toEqual(['key-1', 'key-1', 'key-2'])
  })
})
