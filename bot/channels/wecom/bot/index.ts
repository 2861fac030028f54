import { setTimeout as sleep } from 'node:timers/promises'
import type { Middleware } from 'koa'
import { z } from 'zod'
import { asAppError } from '../../../../common/errors.ts'
import { randomId } from '../../../../common/ids.ts'
import type { InboundSink } from '../../../../handlers/kernel/ports.ts'
import { type ChannelLog, createHttpCall, type FreshnessClocks, type Outbound } from '../../shared/index.ts'
import type { WeComClient } from '../client.ts'
import { type Answers, createAnswers, QUIET_TIME_MS } from './answers.ts'
import { type BotConnection, type BotConnectionTimes, createBotConnection } from './connection.ts'
import { type BotReading, botDelivery, readBot } from './events.ts'
import { createSenders } from './people.ts'
import { type WeComBotSettings, wecomBotSettings } from './settings.ts'
import { createBotWebhook } from './webhook.ts'

export type { BotConnectionTimes } from './connection.ts'
export { type WeComBotSettings, wecomBotSettings } from './settings.ts'

/** Tokens of answers begin so; whoever sends sees by it where the question came from. */
const TOKEN = 'bot:'
/** The platform asks for the rest of an answer for six minutes; with a long connection it may take ten. */
const LONGEST_ANSWER_MS = 5.5 * 60_000
const STILL_WORKING = '还在处理,结果会发到应用消息里。'
/** `response_url`: once, within an hour of the message. */
const RESPONSE_LIFE_MS = 3_600_000

export interface WeComBot {
  /** Webhook mode only. */
  middleware: Middleware | null
  /** Long connection only: keep connected until the signal says stop. One process at a time. */
  run(signal: AbortSignal): Promise<void>
  /** Answer where the question was asked. False: that is no longer possible, send it as a message of the app. */
  answer(replyTo: string | undefined, text: string): Promise<boolean>
  status(): 'webhook' | 'open' | 'down'
}

export interface WeComBotDeps extends FreshnessClocks {
  log: ChannelLog
  sink: InboundSink
  fetch?: Outbound['fetch']
  socketOptions?: Outbound['socketOptions']
  times?: Partial<BotConnectionTimes>
}

const ok = z.object({ errcode: z.literal(0) })

/**
 * The AI bot as a second way in. What is said to it becomes an ordinary event; the answer streams back into the same bubble. Cards stay with
 * the app, where they can be kept true: the bot tells in words what they say.
 */
export function createWeComBot(input: WeComBotSettings, corp: string, call: WeComClient, deps: WeComBotDeps): WeComBot {
  const settings = wecomBotSettings.parse(input)
  const { log, sink } = deps
  const app = { corp, bot: settings.id }
  const answers = createAnswers(() => performance.now())
  const senderOf = createSenders(call, log)
  const later = createLater(deps)

  /** Store what was said; null when it was known already. The answer is begun first, because it may be there before storing ends. */
  async function take(reading: Extract<BotReading, { kind: 'said' }>): Promise<string | null> {
    const token = `${TOKEN}${randomId()}`
    const userId = await senderOf(reading.sender)
    answers.begin(token)
    if (reading.callback.response_url) later.keep(token, reading.callback.response_url)
    const { fresh } = await sink.accept(botDelivery(app, reading, userId, token, deps.clock.now()))
    if (!fresh) {
      answers.close(token)
      return null
    }
    // Also where the platform stopped asking: nothing of it stays behind.
    setTimeout(() => void answers.add(token, STILL_WORKING).then(() => answers.close(token)), LONGEST_ANSWER_MS).unref()
    return token
  }

  const putAside = (reason: string, body: string) =>
    sink.quarantine({ platform: 'wecom', corp, app: `bot:${settings.id}`, reason, body })

  let connection: BotConnection | null = null
  if (settings.mode === 'socket') {
    connection = createBotConnection(settings, {
      log,
      ...(deps.times && { times: deps.times }),
      ...(deps.socketOptions && { socketOptions: deps.socketOptions }),
      onFrame(reqId, body) {
        receive(reqId, body).catch(error =>
          log.error(
            { code: 'wecom.not_stored', app: `bot:${settings.id}`, err: error },
            'a message of the bot could not be stored',
          ),
        )
      },
    })
  }

  async function receive(reqId: string, body: unknown): Promise<void> {
    const reading = readBot(body)
    if (reading.kind === 'unreadable') await putAside(reading.reason, JSON.stringify(body))
    if (reading.kind !== 'said') return
    const token = await take(reading)
    if (token === null || !connection) return
    await pushAnswer(connection, answers, { reqId, token, isWelcome: reading.event.type === 'enter' })
  }

  return {
    middleware: settings.mode === 'webhook' ? createBotWebhook(settings, { ...deps, answers, take, putAside }).middleware : null,
    async run(signal) {
      await connection?.run(signal)
    },
    async answer(replyTo, text) {
      if (!replyTo?.startsWith(TOKEN)) return false
      return (await answers.add(replyTo, text)) || later.send(replyTo, text)
    },
    status: () => connection?.status() ?? 'webhook',
  }
}

/** Push an answer as it grows, at most one frame at a time; each carries everything so far. */
async function pushAnswer(
  connection: BotConnection,
  answers: Answers,
  { reqId, token, isWelcome }: { reqId: string; token: string; isWelcome: boolean },
): Promise<void> {
  for (;;) {
    // Looked at before waiting: the answer may be there already.
    const begun = answers.show(token)
    if (!begun) return
    if (begun.shown.content === '') {
      await answers.wait(token, LONGEST_ANSWER_MS)
      continue
    }
    if (!begun.shown.finish) await sleep(QUIET_TIME_MS, undefined, { ref: false })
    const now = answers.show(token)
    if (!now) return
    const errcode = isWelcome
      ? await connection.send('aibot_respond_welcome_msg', reqId, { msgtype: 'text', text: { content: now.shown.content } })
      : await connection.send('aibot_respond_msg', reqId, { msgtype: 'stream', stream: { id: token, ...now.shown } })
    if (errcode === 0) now.confirm()
    if (errcode !== 0 || isWelcome || now.shown.finish) return answers.close(token)
  }
}

/** The one message that may follow a finished answer in webhook mode. */
function createLater({ log, clock, fetch }: WeComBotDeps) {
  const http = createHttpCall('企业微信', fetch)
  const urls = new Map<string, { url: string; until: number }>()
  return {
    keep(token: string, url: string): void {
      for (const [known, { until }] of urls) if (until < clock.now()) urls.delete(known)
      urls.set(token, { url, until: clock.now() + RESPONSE_LIFE_MS })
    },
    async send(token: string, text: string): Promise<boolean> {
      const found = urls.get(token)
      urls.delete(token)
      if (!found || found.until < clock.now()) return false
      try {
        const body = { msgtype: 'markdown', markdown: { content: text } }
        const { json } = await http({ method: 'POST', url: found.url, label: 'aibot/response', body })
        return ok.safeParse(json).success
      } catch (error) {
        log.warn({ code: asAppError(error).code }, 'an answer of the bot goes by the app')
        return false
      }
    },
  }
}
