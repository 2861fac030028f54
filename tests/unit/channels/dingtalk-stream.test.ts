import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { createDingTalkChannel, type DingTalkConnection } from '../../../bot/channels/index.ts'
import { closedCard, memoryLog, memorySink, until } from './support/fakes.ts'
import { cardClick, type Gateway, robotMessage, startGateway } from './support/gateway.ts'

let gateway: Gateway
let sink: ReturnType<typeof memorySink>
let log: ReturnType<typeof memoryLog>
const started: DingTalkConnection[] = []

const TIMES = {
  connectMs: 300,
  pingEveryMs: 60,
  pongWithinMs: 80,
  backoffFirstMs: 10,
  backoffCapMs: 40,
  stableMs: 0,
  graceMs: 300,
}

const connect = (clientId = 'dingapp1', times = {}) => {
  const connection = createDingTalkChannel(
    { clientId, clientSecret: 'ding-secret-1', corpId: 'dingcorp1', cardTemplateId: 't.schema', apiBase: gateway.base },
    { clock: { now: () => 1_790_000_000_000 }, log, sink, streamTimes: { ...TIMES, ...times }, random: () => 1 },
  )
  started.push(connection)
  connection.stream.start()
  return connection
}
const isOpen = (connection: DingTalkConnection) => () => connection.stream.state().status === 'open' && gateway.live() > 0
const ackOf = (messageId: string) => gateway.acks.find(ack => ack.headers.messageId === messageId)
const acked = (messageId: string) => until(`${messageId} is acknowledged`, () => ackOf(messageId) !== undefined)

beforeEach(async () => {
  gateway = await startGateway()
  sink = memorySink()
  log = memoryLog()
})
afterEach(async () => {
  await Promise.all(started.splice(0).map(connection => connection.stream.stop()))
  await gateway.close()
})

describe('frames', () => {
  test('a robot message is stored and then acknowledged; its repetition is acknowledged and not stored twice', async () => {
    await until('the stream is open', isOpen(connect()))
    gateway.robot(robotMessage(), 'f1')
    gateway.robot(robotMessage(), 'f2')
    await acked('f2')
    expect(ackOf('f1')).toMatchObject({ code: 200, data: '{"response":{}}' })
    expect(sink.deliveries).toEqual([
      {
        key: 'dingtalk:dingcorp1:dingapp1:msgAAA==',
        event: {
          platform: 'dingtalk',
          corp: 'dingcorp1',
          app: 'dingapp1',
          userId: 'u1001',
          conversation: { kind: 'single' },
          at: 1_790_000_000_000,
          replyTo: '1790005400000|https://oapi.dingtalk.com/robot/sendBySession?session=0123',
          type: 'text',
          text: '待办',
        },
      },
    ])
  })

  test('what cannot be stored is not acknowledged, so that it may come again', async () => {
    await until('the stream is open', isOpen(connect()))
    sink.failing = true
    gateway.robot(robotMessage(), 'lost')
    gateway.click(cardClick(), 'lost-click')
    await until('the failures are logged', () => log.codes().filter(code => code === 'dingtalk.not_stored').length === 2)
    sink.failing = false
    gateway.robot(robotMessage(), 'again')
    await acked('again')
    expect([ackOf('lost'), ackOf('lost-click')]).toEqual([undefined, undefined])
    expect(sink.deliveries).toHaveLength(1)
  })

  test('a click is answered with the new card when there is one, else with nothing changed', async () => {
    await until('the stream is open', isOpen(connect()))
    gateway.click(cardClick(), 'c1')
    await acked('c1')
    expect(JSON.parse(ackOf('c1')?.data ?? '')).toEqual({ response: {} })
    sink.card = closedCard
    gateway.click(cardClick(), 'c2')
    await acked('c2')
    const { response } = JSON.parse(ackOf('c2')?.data ?? '')
    expect(response).toMatchObject({
      cardUpdateOptions: { updateCardDataByKey: true },
      cardData: { cardParamMap: { status: '已同意', buttons: '[]' } },
    })
    expect(sink.deliveries.map(delivery => delivery.event)).toEqual(
      Array(2).fill(expect.objectContaining({ type: 'card_action', cardId: 'card-1', action: 'approve', userId: 'u1001' })),
    )
  })

  test('the same click delivered twice has one key; a second click has its own', async () => {
    await until('the stream is open', isOpen(connect()))
    gateway.click(cardClick(), 'c1')
    gateway.click(cardClick(), 'c1')
    gateway.click(cardClick(), 'c2')
    await acked('c2')
    expect(sink.deliveries).toHaveLength(2)
  })

  test('the server’s ping comes back with its own headers and data', async () => {
    await until('the stream is open', isOpen(connect()))
    gateway.system('ping', '{"opaque":"x"}')
    await until('the ping is answered', () => gateway.acks.some(ack => ack.data === '{"opaque":"x"}'))
  })

  test('garbage is survived: a broken frame, a broken message, a click without action', async () => {
    const connection = connect()
    await until('the stream is open', isOpen(connection))
    gateway.sendRaw('{broken')
    gateway.sendRaw('null')
    gateway.sendRaw('{"type":"CALLBACK","headers":{"topic":"error"},"data":"{}"}')
    gateway.robot('{broken', 'g1')
    gateway.click(cardClick({ content: '{"cardPrivateData":{}}' }), 'g2')
    gateway.robot(robotMessage(), 'good')
    await acked('good')
    expect(sink.deliveries).toHaveLength(1)
    expect(sink.quarantined.map(item => item.reason)).toEqual(['dingtalk.message_invalid', 'dingtalk.card_action_missing'])
    expect([connection.stream.state().opened, gateway.live()]).toEqual([1, 1])
  })

  test('two apps in one process subscribe to their own topics only', async () => {
    await until('the first is open', isOpen(connect('app-a')))
    await until('the second is open', isOpen(connect('app-b')))
    for (const open of gateway.opens) {
      expect(open.subscriptions).toEqual([
        { type: 'EVENT', topic: '*' },
        { type: 'CALLBACK', topic: '/v1.0/im/bot/messages/get' },
        { type: 'CALLBACK', topic: '/v1.0/card/instances/callback' },
      ])
    }
  })
})

describe('keeping the connection', () => {
  test('refused credentials are reported, retried ever more slowly, and recovered from with one socket', async () => {
    gateway.faults.open = 'refused'
    const connection = connect()
    await until('it failed twice', () => connection.stream.state().failures >= 2)
    expect(connection.stream.state().lastError).toBe('dingtalk.credentials_wrong')
    gateway.faults.open = 'ok'
    await until('the stream is open', isOpen(connection))
    expect(gateway.live()).toBe(1)
  })

  test('refused upgrades do not multiply connections', async () => {
    gateway.faults.refuseUpgrades = 4
    const connection = connect()
    await until('the stream is open', isOpen(connection))
    expect([gateway.opens.length, gateway.live(), connection.stream.state().failures]).toEqual([5, 1, 4])
  })

  test('a gateway that never answers is given up', async () => {
    gateway.faults.open = 'silent'
    const connection = connect('dingapp1', { connectMs: 50 })
    await until('the attempt failed', () => connection.stream.state().failures > 0)
    expect(connection.stream.state().lastError).toBe('channel.unreachable')
    gateway.faults.open = 'ok'
    await until('the stream is open', isOpen(connection))
  })

  test('a dropped connection is replaced by one, and messages flow again', async () => {
    const connection = connect()
    await until('the stream is open', isOpen(connection))
    gateway.dropAll()
    await until('it was opened again', () => connection.stream.state().opened === 2 && isOpen(connection)())
    gateway.robot(robotMessage(), 'after')
    await acked('after')
    expect(gateway.live()).toBe(1)
  })

  test('a peer that went silent is noticed and replaced', async () => {
    const connection = connect()
    await until('the stream is open', isOpen(connection))
    gateway.freeze()
    await until('it was opened again', () => connection.stream.state().opened === 2)
    gateway.robot(robotMessage(), 'after')
    await acked('after')
  })

  test('a healthy quiet connection is kept', async () => {
    const connection = connect()
    await until('the stream is open', isOpen(connection))
    let pings = 0
    gateway.newest().on('ping', () => {
      pings += 1
    })
    await until('several pings were answered', () => pings >= 4)
    expect(connection.stream.state().opened).toBe(1)
  })

  test('when the server asks to leave, the next connection is opened first and the old one still delivers', async () => {
    const connection = connect()
    await until('the stream is open', isOpen(connection))
    const old = gateway.newest()
    gateway.system('disconnect', '{"reason":"connection is expired"}')
    await until('the next is open', () => connection.stream.state().opened === 2 && gateway.live() === 2)
    old.send(
      JSON.stringify({
        type: 'CALLBACK',
        headers: { topic: '/v1.0/im/bot/messages/get', messageId: 'late' },
        data: JSON.stringify(robotMessage()),
      }),
    )
    await acked('late')
    await until('the old one is gone', () => gateway.live() === 1)
    expect(connection.stream.state().opened).toBe(2)
  })

  test('a server that sends every connection away is not called in a loop', async () => {
    gateway.faults.leaveAtOnce = true
    const connection = connect('dingapp1', { stableMs: 60_000, backoffFirstMs: 20, backoffCapMs: 1000 })
    await until('it failed three times', () => connection.stream.state().failures >= 3)
    expect(gateway.opens.length).toBeLessThanOrEqual(4)
  })
})

describe('stopping', () => {
  test('leaves no socket, whatever it was doing, and does not come back', async () => {
    const open = connect()
    await until('the stream is open', isOpen(open))
    gateway.system('disconnect')
    await until('two are open', () => gateway.live() === 2)
    await open.stream.stop()
    await until('no socket is left', () => gateway.live() === 0)

    gateway.faults.refuseUpgrades = 1000
    const waiting = connect('dingapp1', { backoffFirstMs: 30 })
    await until('it is waiting', () => waiting.stream.state().status === 'waiting')
    await waiting.stream.stop()
    gateway.faults.open = 'silent'
    const connecting = connect()
    await connecting.stream.stop()
    gateway.faults.open = 'ok'
    // By the time another app has got through after four attempts, any timer left behind would have fired.
    gateway.faults.refuseUpgrades = 4
    const opens = gateway.opens.length
    await until('the control is open', isOpen(connect('control', { backoffFirstMs: 30 })))
    expect(new Set(gateway.opens.slice(opens).map(call => call.clientId))).toEqual(new Set(['control']))
    expect(gateway.live()).toBe(1)
    expect([open, waiting, connecting].map(connection => connection.stream.state().status)).toEqual([
      'stopped',
      'stopped',
      'stopped',
    ])
  })

  test('waits for what is being stored, and acknowledges it', async () => {
    const connection = connect()
    await until('the stream is open', isOpen(connection))
    let store = () => {}
    const accept = sink.accept
    let begun = false
    sink.accept = async delivery => {
      begun = true
      await new Promise<void>(resolve => {
        store = resolve
      })
      return accept(delivery)
    }
    gateway.robot(robotMessage(), 'slow')
    await until('storing began', () => begun)
    const stopped = connection.stream.stop()
    store()
    await stopped
    await acked('slow')
  })
})

test('neither the console nor the log tells a secret or a ticket', async () => {
  const methods = ['log', 'info', 'warn', 'error'] as const
  const spies = methods.map(method => jest.spyOn(console, method).mockImplementation(() => {}))
  gateway.faults.refuseUpgrades = 1
  await until('the stream is open', isOpen(connect()))
  gateway.dropAll()
  const written = spies.flatMap(spy => spy.mock.calls)
  for (const spy of spies) spy.mockRestore()
  expect(written).toEqual([])
  expect(log.text()).not.toMatch(/ding-secret-1|ticket=/)
})
