import { createRequire } from 'node:module'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { type Bridge, createBridge } from '../../emulator/index.ts'
import { openClient, originOf, refusalCode, type WebClient } from '../support/web-client.ts'
import { startWorld, type World } from '../support/world.ts'

/** The vendor's own package, as the H5 pages use it. */
type Jsapi = {
  config(values: Record<string, unknown>): void
  ready(run: () => void): void
  error(run: (error: unknown) => void): void
  requestAuthCode(input: { corpId: string; clientId: string }): Promise<{ code: string }>
}

let world: World
let client: WebClient

beforeAll(async () => {
  world = await startWorld({ env: { DINGTALK_AGENT_ID: '2000001' } })
  client = openClient(world)
})
afterAll(() => world.close())

const page = () => `${originOf(world)}/m/?from=chat#/todos`
const scope = globalThis as unknown as Record<string, unknown>
const NATIVE = ['window', 'document', 'WebViewJavascriptBridge', 'navigator'] as const
const before = Object.fromEntries(NATIVE.map(name => [name, Object.getOwnPropertyDescriptor(globalThis, name)]))

/** The unmodified package inside a page of the emulated client. */
function openIn(bridge: Bridge): Jsapi {
  const set = (name: string, value: unknown) =>
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
  set('window', scope)
  set('document', { addEventListener: () => undefined })
  set('WebViewJavascriptBridge', bridge)
  set('navigator', { userAgent: bridge.userAgent })
  const load = createRequire(import.meta.url)
  return load('dingtalk-jsapi') as Jsapi
}
afterEach(() => {
  for (const [name, descriptor] of Object.entries(before)) {
    if (descriptor) Object.defineProperty(globalThis, name, descriptor)
    else delete scope[name]
  }
})

describe("the vendor's dingtalk-jsapi inside the emulated client", () => {
  test('signs a page of ours and logs its holder in, with what the service gives', async () => {
    const options = await client.go<{ dingtalk: { corpId: string; clientId: string } }>('/api/auth/options')
    const values = await client.go<Record<string, unknown>>(`/api/jsapi/dingtalk?url=${encodeURIComponent(page())}`)
    expect([values.status, values.headers.get('cache-control')]).toEqual([200, 'no-store'])

    const bridge = createBridge(world.dingtalk, { userId: 'u1030', pageUrl: page() })
    const dd = openIn(bridge)
    await new Promise<void>((resolve, reject) => {
      dd.error(reject)
      dd.config({ ...values.body, jsApiList: ['biz.contact.complexPicker'] })
      dd.ready(resolve)
    })
    expect(bridge.granted).toContain('biz.contact.complexPicker')

    const { code } = await dd.requestAuthCode(options.body.dingtalk)
    const login = await client.go('/api/auth/dingtalk', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    })
    expect(login.status).toBe(200)
    expect((await client.go('/api/me')).body).toMatchObject({ person: { name: '陈涛' } })

    const again = await client.go('/api/auth/dingtalk', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    })
    expect([again.status, refusalCode(again)]).toEqual([401, 'auth.code_invalid'])
  })
})

describe('signatures', () => {
  test.each([
    ['another site', 'https://evil.example.com/m/'],
    ['no address', 'x'],
    ['a script', 'javascript:alert(1)'],
    ['nothing', ''],
  ])('%s is not signed', async (_, url) => {
    const answer = await client.go(`/api/jsapi/dingtalk?url=${encodeURIComponent(url)}`)
    expect([answer.status, refusalCode(answer)]).toEqual([400, 'jsapi.foreign_page'])
  })

  test('a platform that is not there has none', async () => {
    expect((await client.go('/api/jsapi/feishu?url=x')).status).toBe(404)
  })

  test('one ticket serves many pages and is renewed when it ends', async () => {
    const asked = () => world.dingtalk.calls.filter(({ path }) => path === '/v1.0/oauth2/jsapiTickets').length
    const sign = () => client.go(`/api/jsapi/dingtalk?url=${encodeURIComponent(page())}`)
    await sign()
    const first = asked()
    await Promise.all([sign(), sign(), sign()])
    expect(asked()).toBe(first)
    await world.advance(7_200_000)
    await sign()
    expect(asked()).toBe(first + 1)
  })
})

test('a browser outside the client is logged in through the vendor page and comes back to where it wanted to go', async () => {
  const browser = openClient(world)
  const away = await browser.go('/api/auth/dingtalk?to=%2Fm%2F%23%2Ftodos')
  const login = new URL(away.headers.get('location') ?? '')
  login.searchParams.set('as', 'u1031')
  const back = await browser.go(login.href)
  const home = await browser.go(back.headers.get('location') ?? '')
  expect(home.headers.get('location')).toBe('/m/#/todos')
  expect((await browser.go('/api/me')).body).toMatchObject({ person: { name: '吴磊' } })
})

test('every request kept to the fields of the vendor pages', () => {
  expect(world.dingtalk.violations).toEqual([])
})
