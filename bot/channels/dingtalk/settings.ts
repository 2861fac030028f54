import { z } from 'zod'

/** One internal app with a robot (DingTalk console: 应用开发 → 企业内部应用, 机器人). */
export const dingtalkSettings = z.object({
  clientId: z.string().trim().min(1),
  clientSecret: z.string().trim().min(1),
  corpId: z.string().trim().min(1),
  /** Needed by work notifications and the page's JSAPI only. */
  agentId: z.string().optional(),
  /** `<uuid>.schema`; without it cards are ActionCards, whose buttons can only open pages. */
  cardTemplateId: z.string().optional(),
  apiBase: z.url().default('https://api.dingtalk.com'),
  oapiBase: z.url().default('https://oapi.dingtalk.com'),
  loginBase: z.url().default('https://login.dingtalk.com'),
})

export type DingTalkSettings = z.infer<typeof dingtalkSettings>
export type DingTalkSettingsInput = z.input<typeof dingtalkSettings>
