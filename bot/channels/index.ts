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
export {
  type CallMeter,
  type ChannelLog,
  type Outbound,
  openTunnel,
  ProxyFailure,
  type SharedTokens,
  throughProxy,
} from './shared/index.ts'
export {
  createWeComChannel,
  type MenuButton,
  type WeComCallback,
  type WeComConnection,
  type WeComDeps,
  type WeComSettingsInput,
  wecomSettings,
} from './wecom/index.ts'
