import { randomId } from '../../../common/ids.ts'
import type {
  Channel,
  Directory,
  ExternalContacts,
  Groups,
  InboundSink,
  LoginProvider,
  PageSigner,
} from '../../../handlers/kernel/ports.ts'
import type { ChannelLog, FreshnessClocks, Outbound, SharedTokens } from '../shared/index.ts'
import { type BotConnectionTimes, createWeComBot, type WeComBot, type WeComBotSettings } from './bot/index.ts'
import { createWeComCallback, type WeComCallback } from './callback/index.ts'
import { createWeComClient } from './client.ts'
import { createWeComDirectory } from './directory.ts'
import { createWeComExternalContacts } from './external-contacts.ts'
import { createWeComGroups } from './groups.ts'
import { createWeComJsapi } from './jsapi.ts'
import { createWeComLogin } from './login.ts'
import { createWeComMedia, type WeComMedia } from './media.ts'
import { ensureMenu, type MenuButton, readMenu } from './menu.ts'
import { createWeComMessages } from './messages.ts'
import { type WeComSettingsInput, wecomSettings } from './settings.ts'

export { createWeComCallback, type WeComCallback } from './callback/index.ts'
export { jsapiSignature, type WeComJsapi } from './jsapi.ts'
export type { MenuButton } from './menu.ts'
export { type WeComSettings, type WeComSettingsInput, wecomSettings } from './settings.ts'

export interface WeComDeps extends FreshnessClocks, Partial<Outbound> {
  log: ChannelLog
  /** Receives what people say and click. */
  sink: InboundSink
  /** Where processes share the app's token; absent: each fetches its own. */
  tokens?: SharedTokens
  /** The AI bot beside the app. */
  bot?: WeComBotSettings | null
  botTimes?: Partial<BotConnectionTimes>
}

export interface WeComConnection {
  channel: Channel
  directory: Directory
  login: LoginProvider
  callback: WeComCallback
  groups: Groups
  externalContacts: ExternalContacts
  media: WeComMedia
  /** The AI bot, where one is set. */
  bot: WeComBot | null
  pages: PageSigner
  /** Why no call gets through at present, for people; null when calls do, or none was tried lately. */
  trouble(): string | null
  /** The app's menu as the platform has it; null when there is none. */
  appMenu(): Promise<unknown[] | null>
  /** Make the app's menu what it should be; true when it had to be written. */
  ensureMenu(buttons: readonly MenuButton[]): Promise<boolean>
}

/** A self-built WeCom app: messages out, callbacks in, contacts, web login. @throws ZodError when a setting is malformed */
export function createWeComChannel(input: WeComSettingsInput, deps: WeComDeps): WeComConnection {
  const settings = wecomSettings.parse(input)
  const call = createWeComClient(settings, deps)
  const media = createWeComMedia(call)
  const bot = deps.bot
    ? createWeComBot(deps.bot, settings.corpId, call, { ...deps, ...(deps.botTimes && { times: deps.botTimes }) })
    : null
  return {
    channel: createWeComMessages(settings, call, media, bot, deps.log),
    directory: createWeComDirectory(settings.corpId, call, deps),
    login: createWeComLogin(settings, call),
    callback: createWeComCallback(settings, deps),
    groups: createWeComGroups(settings, call),
    externalContacts: createWeComExternalContacts(settings, call, deps.log),
    media,
    bot,
    trouble: call.trouble,
    pages: { platform: 'wecom', sign: createWeComJsapi(settings, call, { clock: deps.clock, nonce: randomId }) },
    appMenu: () => readMenu(settings, call),
    ensureMenu: buttons => ensureMenu(settings, call, buttons),
  }
}
