import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from '@jest/globals'
import Koa from 'koa'
import { createWeComChannel, type WeComConnection } from '../../../bot/channels/index.ts'
import type { Delivery } from '../../../common/inbound.ts'
import { type BotSettings, startWeComEmulator, type WeComEmulator } from '../../../emulator/index.ts'
import { handClock, sampleCompany, sampleWeComApp } from '../emulator/support.ts'
import { memoryLog, openCard, until } from './support/fakes.ts'

const ID = 'aibot-1'
const webhook = { id: ID, token: 'botToken01', encodingAesKey: 'QPONMLKJIHGFEDCBAzyxwvutsrqponmlkjihgfedcba' }
const TIMES = { pingEveryMs: 40, ackWithinMs: 200, backoffFirstMs: 10, backoffCapMs: 40, refusedPauseMs: 60 }

let platform: WeComEmulator
let clock: ReturnType<typeof handClock>
let closers: (() => Promise<unknown> | unknown)[] = []
let answering: Promise<unknown>[] = []

interface Subject {
  connection: WeComConnection
  deliveries: Delivery[]
  log: ReturnType<typeof memoryLog>
  bot: NonNullable<WeComEmulator['bot']>
}

/** The service's side: what is said is answered by `answer`, as the product would, through the channel. */
async function start(
  settings: BotSettings,
  answer: (delivery: Delivery, connection: WeComConnection) => Promise<unknown> = async () => undefined,
): Promise<Subject> {
  clock = handClock()
  platform = await startWeComEmulator({
    ...sampleWeComApp,
    company: sampleCompany,
    clock,
    callbackUrl: 'http://127.0.0.1:1/cb',
    bot: { pollMs: 60, ...settings },
  })
  const log = memoryLog()
  const deliveries: Delivery[] = []
  const bot = settings.secret
    ? ({ mode: 'socket', id: settings.id, secret: settings.secret, url: platform.baseUrl.replace('http', 'ws') } as const)
    : ({ mode: 'webhook', ...webhook } as const)
  const connection: WeComConnection = createWeComChannel(
    { ...sampleWeComApp, apiBase: platform.baseUrl, oauthBase: platform.baseUrl, homeUrl: 'https://crm.example.com/m/' },
    {
      clock,
      log,
      bot,
      botTimes: TIMES,
      sink: {
        async accept(delivery) {
          if (deliveries.some(known => known.key === delivery.key)) return { fresh: false, card: null }
          deliveries.push(delivery)
          answering.push(new Promise(resolve => setImmediate(resolve)).then(() => answer(delivery, connection)))
          return { fresh: true, card: null }
        },
        quarantine: async () => undefined,
      },
    },
  )
  closers.push(() => platform.close())
  if (!platform.bot) throw new Error('the platform has a bot')
  return { connection, deliveries, log, bot: platform.bot }
}

async function startWebhook(answer?: Parameters<typeof start>[1], more: Partial<BotSettings> = {}): Promise<Subject> {
  const subject = await start({ ...webhook, ...more }, answer)
  const app = new Koa()
  const { middleware } = subject.connection.bot ?? {}
  if (middleware) app.use(middleware)
  const server: Server = createServer(app.callback())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  subject.bot.setCallbackUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}/callbacks/wecom-bot`)
  return subject
}

async function startSocket(
  answer?: Parameters<typeof start>[1],
  secret = 'botSecret',
): Promise<Subject & { stop(): Promise<void> }> {
  const subject = await start({ id: ID, secret }, answer)
  const stopping = new AbortController()
  const running = subject.connection.bot?.run(stopping.signal)
  const stop = async () => {
    stopping.abort()
    await running
  }
  closers.unshift(stop)
  return { ...subject, stop }
}

const says =
  (text: string) =>
  async ({ event }: Delivery, { channel }: WeComConnection) =>
    channel.sendText({ kind: 'person', userId: event.userId }, text, event.replyTo ? { replyTo: event.replyTo } : {})

const shown = (chat = 'zhang3') => platform.bot?.chat(chat).filter(({ from }) => from === 'bot') ?? []

afterEach(async () => {
  await Promise.all(answering)
  const found = platform.violations
  for (const close of closers) await close()
  closers = []
  answering = []
  expect(found).toEqual([])
})

describe('the bot behind a webhook', () => {
  test('its address is verified with an empty receiver', async () => {
    const { bot } = await startWebhook()
    expect(await bot.verifyUrl()).toMatchObject({ ok: true })
  })

  test('an answer that is ready comes with the first reply and costs no call', async () => {
    const { bot, deliveries } = await startWebhook(says('待办 3 条'))
    const turn = await bot.says('zhang3', '待办')
    await turn.finished
    expect(deliveries[0]?.event).toMatchObject({ type: 'text', text: '待办', userId: 'zhang3', app: `bot:${ID}` })
    expect(shown()).toMatchObject([{ msgtype: 'stream', text: '待办 3 条', finished: true }])
    expect(platform.calls.filter(call => call.path.endsWith('/message/send'))).toEqual([])
  })

  test('an answer that takes long streams in when it is asked for, part by part', async () => {
    const { bot } = await startWebhook(async (delivery, connection) => {
      await new Promise(resolve => setTimeout(resolve, 2_300))
      await Promise.all([says('第一部分')(delivery, connection), says('第二部分')(delivery, connection)])
    })
    const turn = await bot.says('zhang3', '本月业绩')
    await turn.finished
    expect(shown()).toMatchObject([{ text: '第一部分\n\n第二部分', finished: true }])
    expect(shown()).toHaveLength(1)
  })

  test('the same message again, encrypted anew, is one message', async () => {
    const { bot, deliveries } = await startWebhook(says('好的'))
    const turn = await bot.says('zhang3', '待办')
    await bot.repeats(turn)
    expect(deliveries).toHaveLength(1)
    expect(shown()).toHaveLength(1)
  })

  test('what comes after the end is one more message in the chat; after that the app says it', async () => {
    const { bot, connection, deliveries } = await startWebhook(says('好的'))
    await (await bot.says('zhang3', '待办')).finished
    const { replyTo = '' } = deliveries[0]?.event ?? {}
    await connection.channel.sendText({ kind: 'person', userId: 'zhang3' }, '还有一条', { replyTo })
    await connection.channel.sendText({ kind: 'person', userId: 'zhang3' }, '再一条', { replyTo })
    expect(shown().map(({ text }) => text)).toEqual(['好的', '还有一条'])
    expect(platform.view('zhang3').map(({ text }) => text)).toEqual(['再一条'])
  })

  test('a sealed sender is turned into the member, once', async () => {
    const { bot, deliveries } = await startWebhook(says('好的'), { creatorIsSuperAdmin: false })
    for (const text of ['待办', '帮助']) await (await bot.says('zhang3', text)).finished
    expect(deliveries.map(({ event }) => event.userId)).toEqual(['zhang3', 'zhang3'])
    expect(platform.calls.filter(call => call.path.endsWith('/openuserid_to_userid'))).toHaveLength(1)
  })

  test('a card is told in words; its buttons are in the app', async () => {
    const { bot } = await startWebhook(({ event }, { channel }) =>
      channel.sendCard({ kind: 'person', userId: event.userId }, openCard, {
        cardId: 'card-1',
        ...(event.replyTo && { replyTo: event.replyTo }),
      }),
    )
    await (await bot.says('zhang3', '我的审批')).finished
    expect(shown()[0]?.text).toContain('620,000.00 元')
    expect(shown()[0]?.text).toContain('按钮在应用消息的卡片上')
    expect(platform.view('zhang3')[0]?.card?.buttons.map(({ text }) => text)).toContain('同意')
  })

  test('spoken words are words; in a group the name it was called by is taken off; a picture is no words', async () => {
    const { bot, deliveries } = await startWebhook(says('好的'))
    await (await bot.speaks('zhang3', '查长安汽车')).finished
    await (await bot.says('zhang3', '查 长安', 'group-1')).finished
    await (await bot.sendsImage('zhang3')).finished
    expect(deliveries.map(({ event }) => event)).toMatchObject([
      { type: 'text', text: '查长安汽车', conversation: { kind: 'single' } },
      { type: 'text', text: '查 长安', conversation: { kind: 'group', id: 'group-1' } },
      { type: 'other_message', kind: 'image' },
    ])
  })

  test('opening the chat is welcomed with words', async () => {
    const { bot, deliveries } = await startWebhook(says('张三,您好'))
    await bot.enters('zhang3')
    expect(deliveries[0]?.event.type).toBe('enter')
    expect(shown()).toMatchObject([{ msgtype: 'text', text: '张三,您好' }])
  })
})

describe('the bot on a long connection', () => {
  test('is let in, hears and answers', async () => {
    const { bot, deliveries } = await startSocket(says('待办 3 条'))
    await until('it is connected', () => bot.socket.connected())
    await (await bot.says('zhang3', '待办')).finished
    expect(deliveries[0]?.event).toMatchObject({ text: '待办', userId: 'zhang3' })
    expect(shown()).toMatchObject([{ text: '待办 3 条', finished: true }])
  })

  test('comes back after the network failed, and after the platform fell silent', async () => {
    const { bot } = await startSocket(says('在'))
    await until('it is connected', () => bot.socket.connected())
    bot.socket.drop()
    await until('it is gone', () => !bot.socket.connected())
    await until('it is back', () => bot.socket.connected())
    const before = bot.socket.subscriptions()
    bot.socket.freeze()
    await until('it tries anew', () => bot.socket.subscriptions() > before)
  })

  test('refused upgrades are tried again with growing pauses, not in a storm', async () => {
    const { bot, log } = await startSocket(says('在'))
    await until('it is connected', () => bot.socket.connected())
    bot.socket.refuseUpgrades(3)
    bot.socket.drop()
    await until('it is gone', () => !bot.socket.connected())
    await until('it is back', () => bot.socket.connected())
    expect(log.codes().filter(code => code === 'wecom.bot_socket').length).toBeLessThanOrEqual(4)
  })

  test('a wrong secret is said once per pause, and nothing else is tried', async () => {
    const subject = await start({ id: ID, secret: 'the right one' })
    const stopping = new AbortController()
    const { createWeComBot } = await import('../../../bot/channels/wecom/bot/index.ts')
    const settings = { mode: 'socket', id: ID, secret: 'a wrong one', url: platform.baseUrl.replace('http', 'ws') } as const
    const sink = { accept: async () => ({ fresh: true, card: null }), quarantine: async () => undefined }
    const call = (() => Promise.reject(new Error('no call'))) as never
    const bot = createWeComBot(settings, sampleWeComApp.corpId, call, { clock, log: subject.log, sink, times: TIMES })
    const running = bot.run(stopping.signal)
    await until('it was refused', () => subject.log.codes().includes('wecom.bot_credentials_wrong'))
    expect(subject.bot.socket.subscriptions()).toBe(1)
    stopping.abort()
    await running
    expect(bot.status()).toBe('down')
  })

  test('when another connection takes over, it stays away for a while instead of taking it back', async () => {
    const { bot, log } = await startSocket(says('在'))
    await until('it is connected', () => bot.socket.connected())
    const { WebSocket } = await import('ws')
    const rival = new WebSocket(platform.baseUrl.replace('http', 'ws'))
    await new Promise(resolve => rival.once('open', resolve))
    rival.send(JSON.stringify({ cmd: 'aibot_subscribe', headers: { req_id: 'r' }, body: { bot_id: ID, secret: 'botSecret' } }))
    await until('it was told', () => log.codes().includes('wecom.bot_taken_over'))
    expect(bot.socket.subscriptions()).toBe(2)
    rival.terminate()
  })

  test('a stop leaves no socket and no timer', async () => {
    const { bot, stop } = await startSocket()
    await until('it is connected', () => bot.socket.connected())
    await stop()
    expect(bot.socket.connected()).toBe(false)
  })

  test('an answer that nobody can take any more goes by the app', async () => {
    const { bot, connection, deliveries, stop } = await startSocket()
    await until('it is connected', () => bot.socket.connected())
    await bot.says('zhang3', '待办')
    await until('it was heard', () => deliveries.length === 1)
    await stop()
    const { event } = deliveries[0] ?? {}
    const to = { kind: 'person', userId: 'zhang3' } as const
    await connection.channel.sendText(to, '待办 3 条', event?.replyTo ? { replyTo: event.replyTo } : {})
    expect(shown()).toEqual([])
    expect(platform.view('zhang3').map(({ text }) => text)).toEqual(['待办 3 条'])
  })
})
