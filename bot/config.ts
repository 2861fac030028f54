import { z } from 'zod'
import { parseQuietHours } from '../handlers/kernel/quiet-hours.ts'
import type { QuietHours } from '../models/kernel/notice-preferences.ts'
import { SETTINGS } from './settings.ts'

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

const optional = z
  .string()
  .trim()
  .optional()
  .transform(value => (value === '' ? undefined : value))
const flag = optional.pipe(z.enum(['0', '1'], '只能是 0 或 1').optional())
const url = z.url({ protocol: /^https?$/, error: '应为以 http:// 或 https:// 开头的网址' })
const base = (fallback: string) => optional.pipe(url.default(fallback)).transform(value => value.replace(/\/+$/, ''))

const schema = z.object({
  PORT: optional
    .transform(value => (value === undefined ? 3000 : Number(value)))
    .pipe(z.number('应为端口号').int().min(0).max(65_535)),
  HOST: optional.pipe(z.string().default('127.0.0.1')),
  PUBLIC_URL: optional.pipe(url.optional()),
  MONGODB_URI: optional.pipe(
    z
      .string()
      .regex(/^mongodb(\+srv)?:\/\//, '要以 mongodb:// 或 mongodb+srv:// 开头')
      .optional(),
  ),
  DATA_DIR: optional.pipe(z.string().default('./data')),
  APP_SECRET: optional.pipe(z.string().min(16, '至少 16 个字符').optional()),
  APP_SECRET_PREVIOUS: optional.pipe(z.string().min(16, '至少 16 个字符').optional()),
  TZ_NAME: optional.pipe(z.string().default('Asia/Shanghai').refine(isTimeZone, '不是有效的时区名')),
  ADMIN_USERS: optional.transform(value =>
    (value ?? '')
      .split(',')
      .map(part => part.trim())
      .filter(Boolean),
  ),
  WECOM_CORP_ID: optional,
  WECOM_AGENT_ID: optional,
  WECOM_SECRET: optional,
  WECOM_TOKEN: optional,
  WECOM_ENCODING_AES_KEY: optional,
  WECOM_API_BASE: base('https://qyapi.weixin.qq.com'),
  WECOM_OAUTH_BASE: base('https://open.weixin.qq.com'),
  WECOM_PASSIVE_CARDS: flag,
  WECOM_BOT_ID: optional,
  WECOM_BOT_TOKEN: optional,
  WECOM_BOT_ENCODING_AES_KEY: optional,
  WECOM_BOT_SECRET: optional,
  WECOM_BOT_WS_URL: optional.pipe(z.url({ protocol: /^wss?$/, error: '应为以 wss:// 开头的网址' }).optional()),
  DINGTALK_CLIENT_ID: optional,
  DINGTALK_CLIENT_SECRET: optional,
  DINGTALK_CORP_ID: optional,
  DINGTALK_AGENT_ID: optional,
  DINGTALK_CARD_TEMPLATE_ID: optional,
  DINGTALK_GROUP_TEMPLATE_ID: optional,
  DINGTALK_MODE: optional.pipe(z.enum(['stream', 'http'], '只能是 stream 或 http').optional()),
  DINGTALK_EVENT_TOKEN: optional.pipe(
    z
      .string()
      .regex(/^[A-Za-z0-9]{3,32}$/, '应为 3 到 32 位字母或数字')
      .optional(),
  ),
  DINGTALK_EVENT_AES_KEY: optional.pipe(
    z
      .string()
      .regex(/^[A-Za-z0-9]{43}$/, '应为 43 位字母或数字')
      .optional(),
  ),
  DINGTALK_MONTHLY_CALLS: optional
    .transform(value => (value === undefined ? 5000 : Number(value)))
    .pipe(z.number('应为次数').int().min(0)),
  DINGTALK_TODO: flag,
  DINGTALK_JSAPI_HASH: optional.pipe(z.enum(['sha256', 'sha1'], '只能是 sha256 或 sha1').optional()),
  DINGTALK_API_BASE: base('https://api.dingtalk.com'),
  DINGTALK_OAPI_BASE: base('https://oapi.dingtalk.com'),
  DINGTALK_LOGIN_BASE: base('https://login.dingtalk.com'),
  OUTBOUND_PROXY: optional.pipe(url.optional()),
  OPENAI_API_KEY: optional,
  OPENAI_BASE_URL: optional,
  OPENAI_MODEL: optional,
  QUIET_HOURS: optional
    .transform(value => parseQuietHours(value ?? '21:00-08:00'))
    .refine(value => value !== undefined, '应写成 21:00-08:00 或 off'),
  SMS_WEBHOOK_URL: optional.pipe(url.optional()),
  SMS_WEBHOOK_SECRET: optional.pipe(z.string().min(16, '至少 16 个字符').optional()),
  DEMO: flag,
  TEST_CLOCK: flag,
  NODE_ENV: optional,
})

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en-US', { timeZone: name }))
  } catch {
    return false
  }
}

/** A start that cannot go on; the message is a sentence for the person at the terminal. */
export class ConfigError extends Error {}

export interface WeComSettings {
  corpId: string
  agentId: string
  secret: string
  token: string
  encodingAesKey: string
  apiBase: string
  oauthBase: string
  passiveCards?: boolean
  bot?: WeComBotSettings
}

/** The AI bot beside the app, in one of its two modes. */
export type WeComBotSettings =
  | { mode: 'webhook'; id: string; token: string; encodingAesKey: string }
  | { mode: 'socket'; id: string; secret: string; url?: string }

export interface DingTalkSettings {
  clientId: string
  clientSecret: string
  corpId: string
  agentId?: string
  cardTemplateId?: string
  groupTemplateId?: string
  mode: 'stream' | 'http'
  events?: { token: string; aesKey: string }
  monthlyCalls: number
  todoBoard: boolean
  jsapiHash: 'sha256' | 'sha1'
  apiBase: string
  oapiBase: string
  loginBase: string
}

export interface Config {
  port: number
  host: string
  publicUrl: string | undefined
  mongodbUri: string | undefined
  dataDir: string
  appSecret: string | undefined
  /** While the secret is being changed. */
  appSecretPrevious: string | undefined
  timeZone: string
  adminUsers: string[]
  wecom: WeComSettings | null
  dingtalk: DingTalkSettings | null
  /** Forward proxy on the way to the platforms; may hold a password. */
  outboundProxy: string | null
  model: { apiKey: string; baseURL?: string; model: string } | null
  /** Why a model that seems wanted is not used. */
  modelHint: string | null
  /** When notices wait; null: never. */
  quietHours: QuietHours | null
  sms: { url: string; secret: string } | null
  demo: boolean
  testClock: boolean
}

/** All of a group or none of it; what is optional in it is nothing without the rest. */
function group(
  env: Readonly<Record<string, unknown>>,
  names: readonly string[],
  title: string,
  optionalNames: readonly string[] = [],
): boolean {
  const given = [...names, ...optionalNames].filter(name => env[name] !== undefined)
  if (given.length === 0) return false
  const missing = names.filter(name => env[name] === undefined)
  if (missing.length > 0)
    throw new ConfigError(`${title}的设置不完整:已有 ${given.join('、')},还缺 ${missing.join('、')}。请补全,或全部删除。`)
  return true
}

const BOT_NAMES = [
  'WECOM_BOT_ID',
  'WECOM_BOT_TOKEN',
  'WECOM_BOT_ENCODING_AES_KEY',
  'WECOM_BOT_SECRET',
  'WECOM_BOT_WS_URL',
] as const

/** The AI bot's settings: a webhook or a long connection, whole or not at all. */
function botOf(s: z.output<typeof schema>): WeComBotSettings | null {
  const title = '企业微信智能机器人'
  const isSocket = s.WECOM_BOT_SECRET !== undefined || s.WECOM_BOT_WS_URL !== undefined
  const wanted = isSocket
    ? ['WECOM_BOT_ID', 'WECOM_BOT_SECRET']
    : ['WECOM_BOT_ID', 'WECOM_BOT_TOKEN', 'WECOM_BOT_ENCODING_AES_KEY']
  if (isSocket && (s.WECOM_BOT_TOKEN || s.WECOM_BOT_ENCODING_AES_KEY)) {
    throw new ConfigError(`${title}只能用一种方式:短连接(TOKEN 和 ENCODING_AES_KEY)或长连接(SECRET)。请删除其中一方。`)
  }
  if (!group(s, wanted, title, ['WECOM_BOT_WS_URL'])) return null
  const id = s.WECOM_BOT_ID ?? ''
  if (isSocket)
    return { mode: 'socket', id, secret: s.WECOM_BOT_SECRET ?? '', ...(s.WECOM_BOT_WS_URL && { url: s.WECOM_BOT_WS_URL }) }
  if (!/^[A-Za-z0-9]{43}$/.test(s.WECOM_BOT_ENCODING_AES_KEY ?? '')) {
    throw new ConfigError('设置 WECOM_BOT_ENCODING_AES_KEY 不正确:应为 43 位字母或数字。')
  }
  return { mode: 'webhook', id, token: s.WECOM_BOT_TOKEN ?? '', encodingAesKey: s.WECOM_BOT_ENCODING_AES_KEY ?? '' }
}

/**
 * Parse the settings once.
 * @throws ConfigError a sentence that names the setting and what to do
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const known = new Set(SETTINGS.map(setting => setting.name))
  const stray = Object.keys(env).find(name => /^(WECOM|DINGTALK)_/.test(name) && !known.has(name))
  if (stray) throw new ConfigError(`不认识的设置 ${stray}。可用的设置见 .env.example,请检查拼写。`)
  const parsed = schema.safeParse(env)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new ConfigError(`设置 ${issue?.path.join('.') ?? ''} 不正确:${issue?.message ?? ''}。`)
  }
  const s = parsed.data
  const hasWeCom = group(
    s,
    ['WECOM_CORP_ID', 'WECOM_AGENT_ID', 'WECOM_SECRET', 'WECOM_TOKEN', 'WECOM_ENCODING_AES_KEY'],
    '企业微信',
    ['WECOM_PASSIVE_CARDS', ...BOT_NAMES],
  )
  const wecomBot = botOf(s)
  const hasDingTalk = group(s, ['DINGTALK_CLIENT_ID', 'DINGTALK_CLIENT_SECRET', 'DINGTALK_CORP_ID'], '钉钉', [
    'DINGTALK_AGENT_ID',
    'DINGTALK_CARD_TEMPLATE_ID',
    'DINGTALK_GROUP_TEMPLATE_ID',
    'DINGTALK_MODE',
    'DINGTALK_EVENT_TOKEN',
    'DINGTALK_EVENT_AES_KEY',
    'DINGTALK_TODO',
    'DINGTALK_JSAPI_HASH',
  ])
  const hasEvents = group(s, ['DINGTALK_EVENT_TOKEN', 'DINGTALK_EVENT_AES_KEY'], '钉钉事件订阅(HTTP 推送)')
  if (s.WECOM_ENCODING_AES_KEY && !/^[A-Za-z0-9]{43}$/.test(s.WECOM_ENCODING_AES_KEY)) {
    throw new ConfigError('设置 WECOM_ENCODING_AES_KEY 不正确:应为 43 位字母或数字。')
  }
  if (s.WECOM_AGENT_ID && !/^\d+$/.test(s.WECOM_AGENT_ID)) throw new ConfigError('设置 WECOM_AGENT_ID 不正确:应为数字。')
  group(s, ['APP_SECRET'], '更换密钥', ['APP_SECRET_PREVIOUS'])
  const hasSms = group(s, ['SMS_WEBHOOK_URL', 'SMS_WEBHOOK_SECRET'], '短信')
  const bad = s.ADMIN_USERS.find(user => !/^(wecom|dingtalk):\S+$/.test(user))
  if (bad) throw new ConfigError(`设置 ADMIN_USERS 里的 ${bad} 不正确:应写成 wecom:userid 或 dingtalk:userid。`)
  if (s.MONGODB_URI && !s.APP_SECRET)
    throw new ConfigError('使用 MONGODB_URI 时必须设置 APP_SECRET(至少 16 个字符),所有进程用同一个值。')

  const loopback = LOOPBACK.has(s.HOST)
  const demo =
    s.DEMO === undefined ? !hasWeCom && !hasDingTalk && !s.MONGODB_URI && loopback && s.NODE_ENV !== 'production' : s.DEMO === '1'
  if (demo && (hasWeCom || hasDingTalk)) throw new ConfigError('DEMO=1 不能和真实的企业微信或钉钉设置同时使用。请删除其中一方。')
  if (demo && s.MONGODB_URI) throw new ConfigError('DEMO=1 会写入示例数据,不能和 MONGODB_URI 同时使用。请删除其中一方。')
  if (demo && !loopback) throw new ConfigError(`DEMO=1 只能监听本机地址,现在的 HOST 是 ${s.HOST}。`)
  if (demo && s.NODE_ENV === 'production') throw new ConfigError('NODE_ENV=production 时不能使用 DEMO=1。')
  if (s.TEST_CLOCK === '1' && !loopback) throw new ConfigError(`TEST_CLOCK=1 只能监听本机地址,现在的 HOST 是 ${s.HOST}。`)

  const model =
    s.OPENAI_API_KEY && s.OPENAI_MODEL
      ? { apiKey: s.OPENAI_API_KEY, model: s.OPENAI_MODEL, ...(s.OPENAI_BASE_URL && { baseURL: s.OPENAI_BASE_URL }) }
      : null
  return {
    port: s.PORT,
    host: s.HOST,
    publicUrl: s.PUBLIC_URL?.replace(/\/+$/, ''),
    mongodbUri: s.MONGODB_URI,
    dataDir: s.DATA_DIR,
    appSecret: s.APP_SECRET,
    appSecretPrevious: s.APP_SECRET_PREVIOUS,
    timeZone: s.TZ_NAME,
    adminUsers: s.ADMIN_USERS,
    wecom: hasWeCom
      ? {
          corpId: s.WECOM_CORP_ID ?? '',
          agentId: s.WECOM_AGENT_ID ?? '',
          secret: s.WECOM_SECRET ?? '',
          token: s.WECOM_TOKEN ?? '',
          encodingAesKey: s.WECOM_ENCODING_AES_KEY ?? '',
          apiBase: s.WECOM_API_BASE,
          oauthBase: s.WECOM_OAUTH_BASE,
          passiveCards: s.WECOM_PASSIVE_CARDS === '1',
          ...(wecomBot && { bot: wecomBot }),
        }
      : null,
    dingtalk: hasDingTalk
      ? {
          clientId: s.DINGTALK_CLIENT_ID ?? '',
          clientSecret: s.DINGTALK_CLIENT_SECRET ?? '',
          corpId: s.DINGTALK_CORP_ID ?? '',
          ...(s.DINGTALK_AGENT_ID && { agentId: s.DINGTALK_AGENT_ID }),
          ...(s.DINGTALK_CARD_TEMPLATE_ID && { cardTemplateId: s.DINGTALK_CARD_TEMPLATE_ID }),
          ...(s.DINGTALK_GROUP_TEMPLATE_ID && { groupTemplateId: s.DINGTALK_GROUP_TEMPLATE_ID }),
          mode: s.DINGTALK_MODE ?? 'stream',
          ...(hasEvents && { events: { token: s.DINGTALK_EVENT_TOKEN ?? '', aesKey: s.DINGTALK_EVENT_AES_KEY ?? '' } }),
          monthlyCalls: s.DINGTALK_MONTHLY_CALLS,
          todoBoard: s.DINGTALK_TODO !== '0',
          jsapiHash: s.DINGTALK_JSAPI_HASH ?? 'sha256',
          apiBase: s.DINGTALK_API_BASE,
          oapiBase: s.DINGTALK_OAPI_BASE,
          loginBase: s.DINGTALK_LOGIN_BASE,
        }
      : null,
    outboundProxy: s.OUTBOUND_PROXY ?? null,
    model,
    modelHint: !model && (s.OPENAI_API_KEY || s.OPENAI_MODEL) ? 'OPENAI_API_KEY 和 OPENAI_MODEL 要同时填写,模型未启用' : null,
    quietHours: s.QUIET_HOURS ?? null,
    sms: hasSms ? { url: s.SMS_WEBHOOK_URL ?? '', secret: s.SMS_WEBHOOK_SECRET ?? '' } : null,
    demo,
    testClock: s.TEST_CLOCK === '1',
  }
}
