import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createDingTalkChannel, type DingTalkConnection } from '../../bot/channels/index.ts'
import { systemClock } from '../../common/clock.ts'
import { type DingTalkEmulator, sampleCompany, sampleDingTalkApp, startDingTalkEmulator } from '../../emulator/index.ts'
import { closedCard, memoryLog, memorySink, until } from '../unit/channels/support/fakes.ts'

/** Times a hundred times shorter than in production; their proportions are the same. */
const TIMES = {
  connectMs: 150,
  pingEveryMs: 250,
  pongWithinMs: 100,
  backoffFirstMs: 10,
  backoffCapMs: 600,
  stableMs: 50,
  graceMs: 120,
}
const OPEN = '/v1.0/gateway/connections/open'

let platform: DingTalkEmulator
let sink: ReturnType<typeof memorySink>
let log: ReturnType<typeof memoryLog>
let connections: DingTalkConnection[]
let timersBefore: number

const timers = (): number => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length

beforeEach(async () => {
  const quick = { messageTimeoutMs: 400, cardTimeoutMs: 400, eventRetryMs: 30, pollMs: 50 }
  platform = await startDingTalkEmulator({ ...sampleDingTalkApp, ...quick, company: sampleCompany })
  sink = memorySink()
  log = memoryLog()
  connections = []
  timersBefore = timers()
})
afterEach(async () => {
  await Promise.all(connections.map(({ stream }) => stream.stop()))
  await platform.close()
})

function connect(change: { clientSecret?: string } = {}, times: Partial<typeof TIMES> = {}): DingTalkConnection {
  const base = { apiBase: platform.baseUrl, oapiBase: platform.baseUrl, loginBase: platform.baseUrl }
  const connection = createDingTalkChannel(
    { ...sampleDingTalkApp, ...base, ...change },
    { clock: systemClock, log, sink, streamTimes: { ...TIMES, ...times }, random: () => 1 },
  )
  connections.push(connection)
  connection.stream.start()
  return connection
}
const opens = (): number => platform.calls.filter(({ path }) => path === OPEN).length
const isOpen =
  ({ stream }: DingTalkConnection) =>
  () =>
    stream.state().status === 'open' && platform.connections() > 0
const open = (connection: DingTalkConnection) => until('the stream is open', isOpen(connection))
const opened = ({ stream }: DingTalkConnection, times: number) =>
  until(`it was opened ${times} times`, () => stream.state().opened >= times)
const failed = ({ stream }: DingTalkConnection, times: number) =>
  until(`it failed ${times} times`, () => stream.state().failures >= times)
/** One message goes through and one socket is there. */
async function isWell(connection: DingTalkConnection): Promise<void> {
  await open(connection)
  expect(await platform.userSendsText('u1001', '帮助')).toMatchObject({ acked: true })
  expect(platform.connections()).toBe(1)
}

describe('the faults of the vendor page, section 8.4', () => {
  test('the opening call is refused (401): tried again ever more slowly, not once a second, and recovered from', async () => {
    platform.fault({ path: OPEN, httpStatus: 401, code: 'authFailed', times: 5 })
    const connection = connect()
    await failed(connection, 5)
    expect(connection.stream.state().lastError).toBe('dingtalk.credentials_wrong')
    await isWell(connection)
    expect(opens()).toBe(6)
  })

  test('the opening call is never answered: given up in time', async () => {
    platform.fault({ path: OPEN, delayMs: 60_000 })
    const connection = connect()
    await failed(connection, 1)
    expect(connection.stream.state().lastError).toBe('channel.unreachable')
    await isWell(connection)
  })

  test('upgrades are refused for a while: one attempt after another, afterwards one socket', async () => {
    platform.refuseUpgrades(6)
    const connection = connect()
    await failed(connection, 6)
    await isWell(connection)
    // The SDK alone makes 127 attempts of seven refusals and ends with 128 sockets.
    expect(opens()).toBe(7)
  })

  test('an upgrade is never answered: given up in time', async () => {
    platform.ignoreUpgrades(1)
    const connection = connect()
    await isWell(connection)
    expect(opens()).toBe(2)
  })

  test('the endpoint refuses TCP: a new ticket is fetched for each attempt', async () => {
    platform.misdirect(3)
    const connection = connect()
    await isWell(connection)
    expect(opens()).toBe(4)
  })

  test('the server goes away in good order while we are told to stop: we do not come back', async () => {
    const connection = connect()
    await open(connection)
    platform.goAway()
    await connection.stream.stop()
    const before = opens()
    const other = connect()
    await isWell(other)
    expect([opens(), connection.stream.state().status]).toEqual([before + 1, 'stopped'])
  })

  test('the server goes away in good order: one new connection', async () => {
    const connection = connect()
    await open(connection)
    platform.goAway()
    await opened(connection, 2)
    await isWell(connection)
  })

  test('a frozen peer is noticed and replaced', async () => {
    const connection = connect()
    await open(connection)
    platform.freeze()
    await opened(connection, 2)
    expect(await platform.userSendsText('u1001', '帮助')).toMatchObject({ acked: true })
  })

  test('a malformed frame, then a message: the message is taken on the same connection', async () => {
    const connection = connect()
    await open(connection)
    platform.sendMalformedFrame()
    await isWell(connection)
    expect([connection.stream.state().opened, log.codes().includes('dingtalk.stream_fault')]).toEqual([1, true])
  })

  test('what takes a message fails at once, or later: not acknowledged, the next one is taken on the same connection', async () => {
    const connection = connect()
    await open(connection)
    const { accept } = sink
    sink.accept = () => {
      throw new Error('thrown')
    }
    expect(await platform.userSendsText('u1001', 'a')).toMatchObject({ acked: false, reason: 'timeout' })
    sink.accept = () => Promise.reject(new Error('rejected'))
    expect(await platform.userSendsText('u1001', 'b')).toMatchObject({ acked: false, reason: 'timeout' })
    sink.accept = accept
    await isWell(connection)
    expect(connection.stream.state().opened).toBe(1)
  })

  test('the server asks to leave: the next connection is there before the old one ends, and nothing is lost', async () => {
    const connection = connect({}, { stableMs: 0 })
    await open(connection)
    platform.sendDisconnect()
    await opened(connection, 2)
    await isWell(connection)
  })

  test('a server that drops every connection at once is not called in a loop', async () => {
    const connection = connect({}, { stableMs: 60_000 })
    for (let drops = 1; drops <= 4; drops += 1) {
      await opened(connection, drops)
      platform.dropConnections()
      await failed(connection, drops)
    }
    await isWell(connection)
    expect(opens()).toBe(5)
  })

  test('two apps in one process keep to their own topics and secrets', async () => {
    const right = connect()
    const wrong = connect({ clientSecret: 'another' })
    await open(right)
    await failed(wrong, 2)
    expect(wrong.stream.state().lastError).toBe('dingtalk.credentials_wrong')
    await isWell(right)
  })

  test('an answer that is late after a reconnect is not sent on the new connection', async () => {
    const connection = connect()
    await open(connection)
    const { accept } = sink
    let store = () => {}
    let begun = false
    sink.accept = async (...given) => {
      begun = true
      await new Promise<void>(resolve => {
        store = resolve
      })
      return accept(...given)
    }
    const push = platform.userSendsText('u1001', 'a')
    await until('storing began', () => begun)
    platform.dropConnections()
    await opened(connection, 2)
    store()
    sink.accept = accept
    expect(await push).toMatchObject({ acked: false })
    await isWell(connection)
  })

  test('one message in two frames is stored once and acknowledged twice', async () => {
    const connection = connect()
    await open(connection)
    const push = await platform.userSendsText('u1001', '帮助')
    expect(await platform.redeliver(push)).toMatchObject({ acked: true })
    expect(sink.deliveries).toHaveLength(1)
  })

  test('an event is asked for again until it could be stored', async () => {
    const connection = connect()
    await open(connection)
    sink.failing = true
    const push = platform.sendEvent('user_add_org', { userId: ['u1001'] })
    await until('it was tried', () => log.codes().includes('dingtalk.not_stored'))
    sink.failing = false
    expect(await push).toMatchObject({ acked: true, response: { status: 'SUCCESS' } })
    expect(sink.deliveries.map(({ event }) => event.type)).toEqual(['contact_changed'])
  })
})

describe('after all of it', () => {
  test('neither timers nor sockets are left when the stream is stopped, after many reconnects', async () => {
    const connection = connect({}, { stableMs: 0 })
    for (let times = 1; times <= 5; times += 1) {
      await opened(connection, times)
      await open(connection)
      if (times % 2) platform.dropConnections()
      else platform.sendDisconnect()
    }
    await opened(connection, 6)
    await connection.stream.stop()
    await until('no socket is left', () => platform.connections() === 0)
    // The emulator's own ten-second closings of connections that it told to go are timers too.
    expect(timers()).toBeLessThanOrEqual(timersBefore + 2)
  })

  test('the number of pings does not grow with reconnects', async () => {
    const connection = connect({}, { stableMs: 0, pingEveryMs: 40 })
    for (let times = 1; times <= 3; times += 1) {
      await opened(connection, times)
      await open(connection)
      platform.dropConnections()
    }
    await opened(connection, 4)
    await open(connection)
    const from = platform.pings()
    const startedAt = performance.now()
    await until('pings were counted', () => platform.pings() >= from + 8)
    expect(performance.now() - startedAt).toBeGreaterThan(7 * 40 * 0.8)
  })
})

describe('a click over the stream', () => {
  test('is answered with the card, merged by key into what the client shows', async () => {
    const connection = connect()
    await open(connection)
    const { channel } = connection
    await channel.sendCard(
      { kind: 'person', userId: 'u1030' },
      { ...closedCard, status: '待处理', buttons: [{ type: 'callback', id: 'approve', label: '同意' }] },
      { cardId: 'c1' },
    )
    sink.card = closedCard
    expect(await platform.userClicksCard('u1030', 'c1', 'approve')).toMatchObject({ acked: true })
    expect(platform.view('u1030').at(-1)?.card).toMatchObject({ status: '已同意', buttons: [] })
  })

  test('is acknowledged with nothing changed when there is no new card', async () => {
    const connection = connect()
    await open(connection)
    await connection.channel.sendCard(
      { kind: 'person', userId: 'u1030' },
      { ...closedCard, status: '待处理', buttons: [{ type: 'callback', id: 'approve', label: '同意' }] },
      { cardId: 'c1' },
    )
    expect(await platform.userClicksCard('u1030', 'c1', 'approve')).toMatchObject({ acked: true, response: {} })
    expect(platform.view('u1030').at(-1)?.card).toMatchObject({ status: '待处理' })
  })
})
