export {
  createDingTalkChannel,
  type DingTalkCallback,
  type DingTalkChecks,
  type DingTalkConnection,
  type DingTalkDeps,
  type DingTalkSettingsInput,
  dingtalkSettings,
  type Stream,
  type StreamState,
} from './dingtalk/index.ts'
export type { CallMeter, ChannelLog } from './shared/index.ts'
export {
  createWeComChannel,
  type MenuButton,
  type WeComCallback,
  type WeComConnection,
  type WeComDeps,
  type WeComSettingsInput,
  wecomSettings,
} from './wecom/index.ts'
