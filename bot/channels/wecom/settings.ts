import { z } from 'zod'

/** One self-built app of one corp (WeCom console: 应用管理 → 自建, 接收消息). */
export const wecomSettings = z.object({
  corpId: z.string().min(1),
  agentId: z.coerce.number().int().positive(),
  secret: z.string().min(1),
  token: z.string().regex(/^[A-Za-z0-9]{1,32}$/),
  encodingAesKey: z.string().regex(/^[A-Za-z0-9]{43}$/),
  apiBase: z.url().default('https://qyapi.weixin.qq.com'),
  oauthBase: z.url().default('https://open.weixin.qq.com'),
  /** Where a tap on a card without any link leads; without it such a card is sent as text. */
  homeUrl: z.url().optional(),
  /**
   * Answer a click with the new card itself. Whether clients show such an answer is unconfirmed (page "被动回复消息" and its own list disagree), hence
   * off: a card that was not shown would be believed painted.
   */
  passiveCards: z.boolean().default(false),
})

export type WeComSettings = z.infer<typeof wecomSettings>
export type WeComSettingsInput = z.input<typeof wecomSettings>
