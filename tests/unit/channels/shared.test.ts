import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createHttpCall, createTokenCache, mapLimited, sendParts, splitText } from '../../../bot/channels/shared/index.ts'
import { ShiftedClock } from '../../../common/clock.ts'
import { PlatformRefused, PlatformUnreachable } from '../../../common/errors.ts'
import { type Platform, startPlatform } from './support/platform-server.ts'

describe('splitting a long text', () => {
  test('every part fits, no character is torn, and the parts together are the text', () => {
    const text = fc.string({
      unit: fc.oneof(fc.constantFrom('中', '😀', '\n', 'a', 'é'), fc.string({ unit: 'grapheme', maxLength: 1 })),
      maxLength: 300,
    })
    fc.assert(
      fc.property(text, fc.integer({ min: 8, max: 120 }), (whole, maxBytes) => {
        const parts = splitText(whole, maxBytes)
        expect(parts.join('')).toBe(whole)
        for (const part of parts) {
          expect(Buffer.byteLength(part)).toBeLessThanOrEqual(maxBytes)
          expect(part).not.toMatch(/\p{Surrogate}/u)
        }
      }),
    )
  })

  test('a part ends at a line break when one is near', () => {
    expect(splitText('aaaaaaa\nbbbbb', 10)).toEqual(['aaaaaaa\n', 'bbbbb'])
  })
})

describe('sending in parts', () => {
  const failing = (at: number) => {
    let sent = 0
    return async () => {
      sent += 1
      if (sent > at) throw new PlatformRefused('x', 'no', { retryable: true })
      return sent
    }
  }

  test('a failure of the first part stays what it was', async () => {
    await expect(sendParts(['a', 'b'], failing(0))).rejects.toMatchObject({ code: 'x', retryable: true })
  })

  test('a failure after the first part is reported as partly done, so that nothing is repeated', async () => {
    await expect(sendParts(['a', 'b'], failing(1))).rejects.toMatchObject({ code: 'channel.unreachable', applied: 'unknown' })
  })
})

test('work in parallel keeps the order and the limit', async () => {
  let running = 0
  let most = 0
  const results = await mapLimited([5, 4, 3, 2, 1, 0], 2, async n => {
    running += 1
    most = Math.max(most, running)
    for (let turn = 0; turn < n; turn += 1) await Promise.resolve()
    running -= 1
    return n * 10
  })
  expect(results).toEqual([50, 40, 30, 20, 10, 0])
  expect(most).toBe(2)
})

describe('the token cache', () => {
  const clock = new ShiftedClock({ now: () => 1_000_000 })
  const setUp = () => {
    const state = { fetched: 0, failure: null as unknown }
    const cache = createTokenCache({
      clock,
      isMisconfigured: error => error instanceof PlatformRefused,
      fetchToken: async () => {
        state.fetched += 1
        if (state.failure) throw state.failure
        return { value: `t${state.fetched}`, lifeMs: 7_200_000 }
      },
    })
    return { cache, state }
  }

  test('fifty callers at once share one fetch, and one more when the platform rejects the token to all of them', async () => {
    const { cache, state } = setUp()
    const all = () => Promise.all(Array.from({ length: 50 }, () => cache.get()))
    expect(new Set(await all())).toEqual(new Set(['t1']))
    for (let caller = 0; caller < 50; caller += 1) cache.reject('t1')
    expect(new Set(await all())).toEqual(new Set(['t2']))
    cache.reject('t1')
    expect(await cache.get()).toBe('t2')
    expect(state.fetched).toBe(2)
  })

  test('a token is renewed five minutes before its end', async () => {
    const { cache } = setUp()
    await cache.get()
    clock.advance(7_200_000 - 300_001)
    expect(await cache.get()).toBe('t1')
    clock.advance(1)
    expect(await cache.get()).toBe('t2')
  })

  test('a wrong setting is not tried again before the cool-down, which grows', async () => {
    const { cache, state } = setUp()
    state.failure = new PlatformRefused('wrong', 'wrong secret')
    for (let call = 0; call < 5; call += 1) await expect(cache.get()).rejects.toMatchObject({ code: 'wrong' })
    expect(state.fetched).toBe(1)
    clock.advance(60_000)
    await expect(cache.get()).rejects.toMatchObject({ code: 'wrong' })
    clock.advance(60_000)
    await expect(cache.get()).rejects.toMatchObject({ code: 'wrong' })
    expect(state.fetched).toBe(2)
    clock.advance(60_000)
    state.failure = null
    expect(await cache.get()).toBe('t3')
  })

  test('a lost token answer leaves the real request certainly not done', async () => {
    const { cache, state } = setUp()
    state.failure = new PlatformUnreachable('lost', { applied: 'unknown' })
    await expect(cache.get()).rejects.toMatchObject({ code: 'channel.unreachable', applied: 'no' })
    state.failure = null
    expect(await cache.get()).toBe('t2')
  })
})

describe('what a failed request may have done', () => {
  let platform: Platform
  const http = createHttpCall('企业微信')
  const ask = (path: string, timeoutMs = 5000) =>
    http({ method: 'POST', url: `${platform.base}${path}?access_token=secret-token`, label: path, body: {}, timeoutMs })

  beforeAll(async () => {
    platform = await startPlatform()
  })
  beforeEach(() => {
    platform.routes['/x'] = () => ({ ok: true })
  })
  afterAll(() => platform.close())

  test('an answer with JSON comes back whatever its status', async () => {
    platform.routes['/x'] = () => [400, { code: 'no' }]
    expect(await ask('/x')).toEqual({ status: 400, json: { code: 'no' } })
  })

  test('a refused connection and an unknown host did nothing', async () => {
    const closed = createServer()
    const port = await new Promise<number>(resolve =>
      closed.listen(0, '127.0.0.1', () => resolve((closed.address() as { port: number }).port)),
    )
    await new Promise(resolve => closed.close(resolve))
    for (const url of [`http://127.0.0.1:${port}/`, 'http://no-such-host.invalid/']) {
      await expect(http({ method: 'GET', url, label: 'x' })).rejects.toMatchObject({ code: 'channel.unreachable', applied: 'no' })
    }
  })

  test('a connection that drops, an answer cut short, a silence and a gateway error leave it unknown', async () => {
    const silent: Server = createServer(socket => socket.on('error', () => {}))
    const port = await new Promise<number>(resolve =>
      silent.listen(0, '127.0.0.1', () => resolve((silent.address() as { port: number }).port)),
    )
    const unknown = { code: 'channel.unreachable', applied: 'unknown' }
    for (const reply of ['drop', 'cut', [502, '<html>'], [200, 'not json'], [200, '[1]']] as const) {
      platform.routes['/x'] = () => reply as never
      await expect(ask('/x')).rejects.toMatchObject(unknown)
    }
    await expect(
      http({ method: 'POST', url: `http://127.0.0.1:${port}/`, label: 'x', body: {}, timeoutMs: 100 }),
    ).rejects.toMatchObject(unknown)
    silent.close()
  })

  test('an error page with a 4xx status is a refusal, repeatable only when too fast', async () => {
    platform.routes['/x'] = () => [404, 'nothing here']
    await expect(ask('/x')).rejects.toMatchObject({ code: 'channel.http_status', retryable: false })
    platform.routes['/x'] = () => [429, 'slow down']
    await expect(ask('/x')).rejects.toMatchObject({ code: 'channel.http_status', retryable: true })
  })

  test('no error tells the token', async () => {
    platform.routes['/x'] = () => 'drop'
    const error = await ask('/x').catch(failure => failure)
    expect(JSON.stringify([error, error.message, error.details])).not.toContain('secret-token')
  })
})
