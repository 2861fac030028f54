import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Middleware } from 'koa'
import { sha256 } from '../../../common/ids.ts'
import type { InboundSink } from '../../../handlers/kernel/ports.ts'
import {
  asKoa,
  type CallbackAnswer,
  type ChannelLog,
  type FreshnessClocks,
  isFresh,
  MAX_CALLBACK_BYTES,
  refusal,
} from '../shared/index.ts'
import { CLICK_WAIT_MS, clickAnswer } from './click-answer.ts'
import { createEventCallback, FRESH_MS } from './event-callback.ts'
import { parseJson, readCardCallback, readRobotMessage } from './inbound.ts'
import type { DingTalkSettings } from './settings.ts'

export interface DingTalkCallback {
  /**
   * `POST`: a robot message or a card click, told apart by their signature headers, or an event, signed in its query. Header names in lower case;
   * `query` without `?`.
   */
  receive(headers: Readonly<Record<string, string | string[] | undefined>>, body: Buffer, query?: string): Promise<CallbackAnswer>
  /** For Koa; to be mounted before any body parser. */
  middleware: Middleware
}

export interface DingTalkCallbackDeps extends FreshnessClocks {
  log: ChannelLog
  sink: InboundSink
}

const EMPTY: CallbackAnswer = { status: 200, body: '{}', type: 'application/json' }

/**
 * What comes by HTTP: events where they are set up so, and everything in HTTP mode, for organisations that cannot use the stream. A robot message is
 * signed with the client secret over its timestamp; a card callback with the secret it was registered with, for which we register the client secret as
 * well. Neither signature covers the body: the address must be https.
 *
 * Refusals: `dingtalk.bad_request`, `dingtalk.body_too_large`, `dingtalk.signature_mismatch`, `dingtalk.timestamp_stale`, and those of
 * {@link createEventCallback}.
 */
export function createDingTalkCallback(settings: DingTalkSettings, deps: DingTalkCallbackDeps): DingTalkCallback {
  const { log, sink } = deps
  const app = { corp: settings.corpId, app: settings.clientId }
  const secret = settings.clientSecret

  const refuse = (status: number, code: string): CallbackAnswer => {
    log.warn({ code, app: app.app }, 'callback refused')
    return refusal(status, code)
  }

  const checked = (timestamp: string, given: string, signed: string): CallbackAnswer | null => {
    const expected = createHmac('sha256', secret).update(signed).digest()
    const bytes = Buffer.from(given, 'base64')
    if (bytes.length !== expected.length || !timingSafeEqual(bytes, expected)) return refuse(403, 'dingtalk.signature_mismatch')
    if (!/^\d{1,15}$/.test(timestamp)) return refuse(400, 'dingtalk.bad_request')
    return isFresh(Number(timestamp), FRESH_MS, deps) ? null : refuse(403, 'dingtalk.timestamp_stale')
  }

  const robotMessage = async (text: string): Promise<CallbackAnswer> => {
    const reading = readRobotMessage(parseJson(text), app)
    if (reading.kind === 'unreadable') await quarantine(reading.reason, text)
    if (reading.kind === 'deliveries') for (const delivery of reading.deliveries) await sink.accept(delivery)
    return { ...EMPTY, body: '{"msgtype":"empty"}' }
  }

  const cardCallback = async (text: string, timestamp: string): Promise<CallbackAnswer> => {
    const deliveryId = sha256(`${timestamp}\n${text}`)
    const reading = readCardCallback(parseJson(text), app, { deliveryId, at: Number(timestamp) })
    if (reading.kind === 'unreadable') await quarantine(reading.reason, text)
    const [click] = reading.kind === 'deliveries' ? reading.deliveries : []
    if (!click) return EMPTY
    const { card } = await sink.accept(click, { waitMs: CLICK_WAIT_MS })
    return { ...EMPTY, body: JSON.stringify(clickAnswer(card)) }
  }

  const quarantine = async (reason: string, body: string) => {
    log.warn({ code: reason, app: app.app }, 'callback quarantined')
    await sink.quarantine({ platform: 'dingtalk', ...app, reason, body })
  }

  const event = createEventCallback(settings, { ...deps, refuse, quarantine })

  const receive: DingTalkCallback['receive'] = async (headers, body, query = '') => {
    if (body.length > MAX_CALLBACK_BYTES) return refuse(413, 'dingtalk.body_too_large')
    const header = (name: string): string => String(headers[name] ?? '')
    const robot = { timestamp: header('timestamp'), sign: header('sign') }
    const card = { timestamp: header('x-ddpaas-signature-timestamp'), sign: header('x-ddpaas-signature') }
    const text = body.toString('utf8')
    try {
      if (/(^|&)(msg_)?signature=/.test(query)) return await event(query, text)
      if (card.sign !== '')
        return checked(card.timestamp, card.sign, card.timestamp) ?? (await cardCallback(text, card.timestamp))
      if (robot.sign === '' || robot.timestamp === '') return refuse(400, 'dingtalk.bad_request')
      return checked(robot.timestamp, robot.sign, `${robot.timestamp}\n${secret}`) ?? (await robotMessage(text))
    } catch (error) {
      log.error({ code: 'dingtalk.not_stored', app: app.app, err: error }, 'callback could not be stored')
      return refusal(500, 'dingtalk.not_stored')
    }
  }

  const middleware = asKoa(
    (ctx, body) => receive(ctx.headers, body, ctx.querystring),
    () => refuse(413, 'dingtalk.body_too_large'),
  )
  return { receive, middleware }
}
