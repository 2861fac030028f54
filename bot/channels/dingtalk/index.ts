import type { Channel, Directory, InboundSink, LoginProvider } from '../../../handlers/kernel/ports.ts'
import { type ChannelLog, createHttpCall, type FreshnessClocks } from '../shared/index.ts'
import { createDingTalkCallback, type DingTalkCallback } from './callback.ts'
import { createDingTalkClient } from './client.ts'
import { createDingTalkDirectory } from './directory.ts'
import { createDingTalkLogin } from './login.ts'
import { createDingTalkMessages } from './messages.ts'
import { type DingTalkSettingsInput, dingtalkSettings } from './settings.ts'
import { createFrameHandlers, createStream, type Stream, type StreamTimes } from './stream/index.ts'

export type { DingTalkCallback } from './callback.ts'
export { type DingTalkSettings, type DingTalkSettingsInput, dingtalkSettings } from './settings.ts'
export type { Stream, StreamState, StreamTimes } from './stream/index.ts'

export interface DingTalkDeps extends FreshnessClocks {
  log: ChannelLog
  /** Receives what people say and click. */
  sink: InboundSink
  fetch?: typeof fetch
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
}

/** An internal DingTalk app with its robot: messages out, stream or HTTP in, contacts, login. @throws ZodError when a setting is malformed */
export function createDingTalkChannel(input: DingTalkSettingsInput, deps: DingTalkDeps): DingTalkConnection {
  const settings = dingtalkSettings.parse(input)
  const client = createDingTalkClient(settings, deps)
  return {
    channel: createDingTalkMessages(settings, client, deps),
    directory: createDingTalkDirectory(settings.corpId, client, deps),
    login: createDingTalkLogin(settings, client),
    callback: createDingTalkCallback(settings, deps),
    stream: createStream({
      clientId: settings.clientId,
      clientSecret: settings.clientSecret,
      apiBase: settings.apiBase.replace(/\/+$/, ''),
      http: createHttpCall('钉钉', deps.fetch),
      handlers: createFrameHandlers({ corp: settings.corpId, app: settings.clientId }, deps),
      log: deps.log,
      now: () => deps.clock.now(),
      ...(deps.random && { random: deps.random }),
      ...(deps.streamTimes && { times: deps.streamTimes }),
    }),
  }
}
