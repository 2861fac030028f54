export { type ActionCardFace, type DingTalkParams, dingTalkTitle, renderActionCard, renderDingTalk } from './dingtalk.ts'
export { renderText } from './text.ts'
export { renderWeCom, type WeComButton, type WeComRenderOptions, type WeComTemplateCard } from './wecom.ts'
