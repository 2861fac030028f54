import type {
  Channel,
  Directory,
  Groups,
  InboundSink,
  LoginProvider,
  PageSigner,
  TodoBoard,
} from '../../../handlers/kernel/ports.ts'
import {
  type CallLedger,
  type CallMeter,
  type CallMeterOptions,
  type ChannelLog,
  createCallMeter,
  createHttpCall,
  type FreshnessClocks,
  type Outbound,
  type SharedTokens,
} from '../shared/index.ts'
import { createDingTalkCallback, type DingTalkCallback } from './callback.ts'
import { registerCardCallback } from './card-callback.ts'
import { createDingTalkChecks, type DingTalkChecks } from './checks.ts'
import { createDingTalkClient } from './client.ts'
import { createDingTalkDirectory } from './directory.ts'
import { createDingTalkGroups } from './groups.ts'
import { createDingTalkLogin } from './login.ts'
import { createDingTalkMessages } from './messages.ts'
import { createDingTalkPageSigner } from './page-signer.ts'
import { type DingTalkSettingsInput, dingtalkSettings } from './settings.ts'
import { createFrameHandlers, createStream, type Stream, type StreamTimes } from './stream/index.ts'
import { createDingTalkTodoBoard } from './todo-board.ts'

export type { DingTalkCallback } from './callback.ts'
export type { DingTalkChecks } from './checks.ts'
export { type DingTalkSettings, type DingTalkSettingsInput, dingtalkSettings } from './settings.ts'
export type { Stream, StreamState, StreamTimes } from './stream/index.ts'

export interface DingTalkDeps extends FreshnessClocks, Partial<Outbound> {
  log: ChannelLog
  /** Receives what people say and click. */
  sink: InboundSink
  /** Where processes agree on the calls of the month; absent: nobody counts. */
  calls?: CallLedger
  /** The month's calls near their end. */
  onAlarm?: CallMeterOptions['onAlarm']
  /** Where processes share the app's token; absent: each fetches its own. */
  tokens?: SharedTokens
  random?: () => number
  /** Shorter times for tests. */
  streamTimes?: Partial<StreamTimes>
}

export interface DingTalkConnection {
  channel: Channel
  directory: Directory
  login: LoginProvider
  callback: DingTalkCallback
  stream: Stream
  pages: PageSigner
  /** Null when the setting says that the platform's to-do list is left alone. */
  todos: TodoBoard | null
  /** Null without a group template. */
  groups: Groups | null
  /** Null when nobody counts. */
  meter: CallMeter | null
  /** For the doctor. */
  checks: DingTalkChecks
  /** Start to receive: the stream, or in HTTP mode the registration of `callbackUrl` for card clicks. */
  start(callbackUrl: string): Promise<void>
  stop(): Promise<void>
}

/** An internal DingTalk app with its robot: messages out, stream or HTTP in, contacts, login. @throws ZodError when a setting is malformed */
export function createDingTalkChannel(input: DingTalkSettingsInput, deps: DingTalkDeps): DingTalkConnection {
  const settings = dingtalkSettings.parse(input)
  const { calls: ledger, onAlarm, clock, log } = deps
  const monthlyCalls = settings.monthlyCalls === 0 ? Number.POSITIVE_INFINITY : settings.monthlyCalls
  const meter = ledger ? createCallMeter({ ledger, clock, log, monthlyCalls, ...(onAlarm && { onAlarm }) }) : null
  const counted = { ...deps, ...(meter && { meter }) }
  const client = createDingTalkClient(settings, counted)
  const channel = createDingTalkMessages(settings, client, counted)
  const stream = createStream({
    clientId: settings.clientId,
    clientSecret: settings.clientSecret,
    apiBase: settings.apiBase.replace(/\/+$/, ''),
    http: createHttpCall('钉钉', deps.fetch),
    handlers: createFrameHandlers({ corp: settings.corpId, app: settings.clientId }, deps),
    log,
    now: () => clock.now(),
    ...(deps.socketOptions && { socketOptions: deps.socketOptions }),
    ...(deps.random && { random: deps.random }),
    ...(deps.streamTimes && { times: deps.streamTimes }),
  })
  return {
    channel,
    directory: createDingTalkDirectory(settings.corpId, client, deps),
    login: createDingTalkLogin(settings, client),
    callback: createDingTalkCallback(settings, deps),
    stream,
    pages: createDingTalkPageSigner(settings, client, deps),
    todos: settings.todoBoard ? createDingTalkTodoBoard(settings.corpId, client) : null,
    groups: settings.groupTemplateId ? createDingTalkGroups(settings.groupTemplateId, client, channel) : null,
    meter,
    checks: createDingTalkChecks(settings, client, deps),
    async start(callbackUrl) {
      if (settings.mode === 'stream') stream.start()
      else if (settings.cardTemplateId) await registerCardCallback(settings, client, callbackUrl)
    },
    async stop() {
      await stream.stop()
      await meter
        ?.close()
        .catch(error => log.warn({ code: 'dingtalk.meter_away', err: error }, 'unused calls were not given back'))
    },
  }
}
