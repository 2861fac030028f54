import type { Channel, Directory, InboundSink, LoginProvider } from '../../../handlers/kernel/ports.ts'
import type { ChannelLog, FreshnessClocks } from '../shared/index.ts'
import { createWeComCallback, type WeComCallback } from './callback/index.ts'
import { createWeComClient } from './client.ts'
import { createWeComDirectory } from './directory.ts'
import { createWeComLogin } from './login.ts'
import { createWeComMessages } from './messages.ts'
import { type WeComSettingsInput, wecomSettings } from './settings.ts'

export { createWeComCallback, type WeComCallback } from './callback/index.ts'
export { type WeComSettings, type WeComSettingsInput, wecomSettings } from './settings.ts'

export interface WeComDeps extends FreshnessClocks {
  log: ChannelLog
  /** Receives what people say and click. */
  sink: InboundSink
  fetch?: typeof fetch
}

export interface WeComConnection {
  channel: Channel
  directory: Directory
  login: LoginProvider
  callback: WeComCallback
}

/** A self-built WeCom app: messages out, callbacks in, contacts, web login. @throws ZodError when a setting is malformed */
export function createWeComChannel(input: WeComSettingsInput, deps: WeComDeps): WeComConnection {
  const settings = wecomSettings.parse(input)
  const call = createWeComClient(settings, deps)
  return {
    channel: createWeComMessages(settings, call, deps.log),
    directory: createWeComDirectory(settings.corpId, call, deps),
    login: createWeComLogin(settings, call),
    callback: createWeComCallback(settings, deps),
  }
}
