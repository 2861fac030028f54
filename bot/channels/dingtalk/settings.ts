import { z } from 'zod'

/** One internal app with a robot (DingTalk console: 应用开发 → 企业内部应用, 机器人). */
export const dingtalkSettings = z.object({
  clientId: z.string().trim().min(1),
  clientSecret: z.string().trim().min(1),
  corpId: z.string().trim().min(1),
  /** Needed by the page's JSAPI only. */
  agentId: z.string().optional(),
  /** `<uuid>.schema`; without it cards are ActionCards, whose buttons can only open pages. */
  cardTemplateId: z.string().optional(),
  /** Group template that includes our robot; without it no groups are made. */
  groupTemplateId: z.string().optional(),
  /** `http`: the platform posts to our address, for organisations that cannot use the stream. */
  mode: z.enum(['stream', 'http']).default('stream'),
  /** Where the organisation's events come over HTTP (console: 事件订阅 → HTTP 推送); absent: by the stream alone. */
  events: z.object({ token: z.string().regex(/^[A-Za-z0-9]{3,32}$/), aesKey: z.string().regex(/^[A-Za-z0-9]{43}$/) }).optional(),
  /** Metered calls a month that this app may make; 0: no limit known. */
  monthlyCalls: z.number().int().nonnegative().default(5000),
  /** Keep the person's own 待办 list equal to ours; costs two calls for each to-do. */
  todoBoard: z.boolean().default(true),
  jsapiHash: z.enum(['sha256', 'sha1']).default('sha256'),
  apiBase: z.url().default('https://api.dingtalk.com'),
  oapiBase: z.url().default('https://oapi.dingtalk.com'),
  loginBase: z.url().default('https://login.dingtalk.com'),
})

export type DingTalkSettings = z.infer<typeof dingtalkSettings>
export type DingTalkSettingsInput = z.input<typeof dingtalkSettings>
