import { z } from 'zod'

/** Webhook mode (console page "API 模式创建 › 短连接"): the platform calls us and asks for the rest of an answer. */
const webhook = z.object({
  mode: z.literal('webhook'),
  id: z.string().min(1),
  token: z.string().regex(/^[A-Za-z0-9]{1,32}$/),
  encodingAesKey: z.string().regex(/^[A-Za-z0-9]{43}$/),
})

/** Long connection (console page "API 模式创建 › 长连接"): we call the platform; one process at a time. */
const socket = z.object({
  mode: z.literal('socket'),
  id: z.string().min(1),
  secret: z.string().min(1),
  url: z.url({ protocol: /^wss?$/ }).default('wss://openws.work.weixin.qq.com'),
})

/** The AI bot (智能机器人) beside the app. It has no access token: who speaks and everything that is not an answer goes through the app. */
export const wecomBotSettings = z.discriminatedUnion('mode', [webhook, socket])

export type WeComBotSettings = z.input<typeof wecomBotSettings>
export type WeComWebhookBot = z.infer<typeof webhook>
export type WeComSocketBot = z.infer<typeof socket>
