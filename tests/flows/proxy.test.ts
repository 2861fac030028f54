import { createServer } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { WebSocket } from 'ws'
import { openTunnel, throughProxy } from '../../bot/channels/index.ts'
import { createHttpCall } from '../../bot/channels/shared/index.ts'
import { checkPlatforms } from '../../bot/cli/checks/platforms.ts'
import { sampleDingTalkApp } from '../../emulator/index.ts'
import { type ForwardProxy, startForwardProxy } from '../support/forward-proxy.ts'
import { startWorld, type World } from '../support/world.ts'
import { until } from '../unit/channels/support/fakes.ts'

const BOT = { id: 'bot-1', secret: 'bot-secret' }

/** Names that only the proxy knows. */
const names: Record<string, string> = {}
let proxy: ForwardProxy
let world: World

beforeAll(async () => {
  proxy = await startForwardProxy(names)
  world = await startWorld({
    wecom: { bot: BOT },
    env: {
      OUTBOUND_PROXY: proxy.url,
      WECOM_API_BASE: 'http://wecom.invalid',
      WECOM_BOT_ID: BOT.id,
      WECOM_BOT_SECRET: BOT.secret,
      WECOM_BOT_WS_URL: 'ws://wecom.invalid',
      DINGTALK_API_BASE: 'http://dingtalk.invalid',
      DINGTALK_OAPI_BASE: 'http://dingtalk.invalid',
    },
    extra: ({ wecom, dingtalk }) => {
      names['wecom.invalid:80'] = new URL(wecom.baseUrl).host
      names['dingtalk.invalid:80'] = new URL(dingtalk.baseUrl).host
      return []
    },
  })
})
beforeEach(() => proxy.answerWith(200))
afterAll(async () => {
  await world.close()
  await proxy.close()
})

/** One connection to a port of its own, and the first bytes that came. */
async function listenOnce(): Promise<{ port: number; heard: Promise<Buffer>; close(): void }> {
  const server = createServer()
  const heard = new Promise<Buffer>(resolve =>
    server.on('connection', socket =>
      socket.once('data', bytes => {
        resolve(bytes)
        socket.destroy()
      }),
    ),
  )
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as { port: number }).port, heard, close: () => server.close() }
}

describe('behind a forward proxy', () => {
  test('contacts, both long connections, messages, cards and answers go through it', async () => {
    const streamHost = new URL(world.dingtalk.baseUrl).host
    expect(proxy.asked).toContain(streamHost)
    await until('the stream is open', () => world.dingtalk.connections() === 1)
    await until('the bot is connected', () => world.wecom.bot?.socket.connected() === true)
    await world.say('zhang3', '新建线索 重庆长安汽车 张伟 13812345678')
    await world.press('zhang3', '确认')
    expect(world.lastText('zhang3') + JSON.stringify(world.lastCard('zhang3'))).toContain('重庆长安汽车')
    await world.say('u1031', '帮助')
    expect(world.lastText('u1031')).toContain('我能帮您')
    expect(new Set(proxy.asked)).toEqual(new Set(['wecom.invalid:80', 'dingtalk.invalid:80', streamHost]))
  })

  test('a request that the proxy refused is known not to have reached the platform', async () => {
    proxy.answerWith(403)
    const refused = await openTunnel(new URL(proxy.url), 'wecom.invalid', 80).catch((error: unknown) => error)
    // As fetch reports it; jest's own realm would hide the cause of a real one.
    const call = createHttpCall('企业微信', () => Promise.reject(new TypeError('fetch failed', { cause: refused })))
    await expect(call({ method: 'POST', url: 'http://wecom.invalid/x', label: 'x', body: {} })).rejects.toMatchObject({
      code: 'channel.unreachable',
      applied: 'no',
    })
  })

  test.each(['https', 'wss'])('%s is encrypted from end to end, for the server that was named', async scheme => {
    const server = await listenOnce()
    names['secure.invalid:443'] = `127.0.0.1:${server.port}`
    const { fetch, socketOptions } = throughProxy(proxy.url)
    const url = `${scheme}://secure.invalid/`
    if (scheme === 'https') fetch(url).catch(() => undefined)
    else new WebSocket(url, socketOptions(url)).on('error', () => undefined)
    const hello = await server.heard
    server.close()
    // A TLS handshake record, with the server's name in it.
    expect(hello[0]).toBe(22)
    expect(hello.toString('latin1')).toContain('secure.invalid')
  })
})

describe('the doctor', () => {
  const report = async (outboundProxy = proxy.url): Promise<string> => {
    const findings = await checkPlatforms({ ...world.config, wecom: null, outboundProxy }, Date.now)
    return findings.map(({ state, text, next }) => `${state} ${text}${next ? ` → ${next}` : ''}`).join('\n')
  }

  test('says that the proxy lets us through, and checks the platform by it', async () => {
    const words = await report()
    expect(words).toContain('可以连到 dingtalk.invalid')
    expect(words).toContain('钉钉 Stream 可以取得连接票据')
    expect(words).not.toContain('p%40ss')
  })

  test.each<[string, () => Promise<string>, RegExp]>([
    ['refuses the platform', () => report(), /bad 代理 .* 不让连到 dingtalk\.invalid\(HTTP 403\) →.*放行/],
    ['wants another password', () => report(proxy.url.replace('p%40ss', 'x')), /bad .*HTTP 407.*→.*用户:密码/],
    ['is not there', () => report('http://127.0.0.1:1'), /bad 代理 127\.0\.0\.1:1 没有回答 →.*OUTBOUND_PROXY/],
  ])('says what to do when the proxy %s', async (_, ask, words) => {
    proxy.answerWith(403)
    const said = await ask()
    expect(said).toMatch(words)
    expect(said).not.toContain(sampleDingTalkApp.clientSecret)
  })
})
