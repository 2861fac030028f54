import { z } from 'zod'

/** One documented setting. `.env.example` and the README's table are made from these. */
export interface SettingDoc {
  name: string
  default: string
  meaning: string
}

export const SETTINGS: readonly SettingDoc[] = [
  { name: 'PORT', default: '3000', meaning: '监听端口' },
  { name: 'HOST', default: '127.0.0.1', meaning: '监听地址' },
  { name: 'PUBLIC_URL', default: 'http://localhost:PORT', meaning: '发给用户的链接的前缀' },
  { name: 'MONGODB_URI', default: '', meaning: '副本集或分片集群(w: majority);不填则使用 DATA_DIR 下的内置存储' },
  { name: 'DATA_DIR', default: './data', meaning: '内置存储和自动生成的密钥' },
  { name: 'APP_SECRET', default: '', meaning: '所有密钥的根;不填则在 DATA_DIR 生成一次;使用 MONGODB_URI 时必填' },
  { name: 'TZ_NAME', default: 'Asia/Shanghai', meaning: '业务时区' },
  { name: 'ADMIN_USERS', default: '', meaning: '管理员,例如 wecom:zhang3,dingtalk:u1001;不填则启动时打印一次性管理链接' },
  { name: 'WECOM_CORP_ID', default: '', meaning: '企业微信企业 ID(以下五项全填或全不填)' },
  { name: 'WECOM_AGENT_ID', default: '', meaning: '自建应用 AgentId' },
  { name: 'WECOM_SECRET', default: '', meaning: '自建应用 Secret' },
  { name: 'WECOM_TOKEN', default: '', meaning: '接收消息的 Token' },
  { name: 'WECOM_ENCODING_AES_KEY', default: '', meaning: '接收消息的 EncodingAESKey(43 位)' },
  { name: 'WECOM_API_BASE', default: 'https://qyapi.weixin.qq.com', meaning: '接口地址,私有部署时修改' },
  { name: 'WECOM_OAUTH_BASE', default: 'https://open.weixin.qq.com', meaning: '网页授权地址,私有部署时修改' },
  { name: 'DINGTALK_CLIENT_ID', default: '', meaning: '钉钉应用 Client ID(以下三项全填或全不填)' },
  { name: 'DINGTALK_CLIENT_SECRET', default: '', meaning: '钉钉应用 Client Secret' },
  { name: 'DINGTALK_CORP_ID', default: '', meaning: '钉钉企业 CorpId' },
  { name: 'DINGTALK_AGENT_ID', default: '', meaning: '可选;不填则不发工作通知' },
  { name: 'DINGTALK_CARD_TEMPLATE_ID', default: '', meaning: '可选;不填则卡片按钮变为链接' },
  { name: 'DINGTALK_API_BASE', default: 'https://api.dingtalk.com', meaning: '新版接口地址' },
  { name: 'DINGTALK_OAPI_BASE', default: 'https://oapi.dingtalk.com', meaning: '旧版接口地址' },
  { name: 'DINGTALK_LOGIN_BASE', default: 'https://login.dingtalk.com', meaning: '网页登录地址' },
  { name: 'OPENAI_API_KEY', default: '', meaning: '任何兼容 OpenAI 的服务;与 OPENAI_MODEL 同时填写才启用' },
  { name: 'OPENAI_BASE_URL', default: '', meaning: '模型服务地址' },
  { name: 'OPENAI_MODEL', default: '', meaning: '模型名称' },
  {
    name: 'DEMO',
    default: '自动',
    meaning: '未接入任何平台、未设 MONGODB_URI 且只监听本机时为 1:启动模拟平台、示例数据和 /play/ 聊天窗口',
  },
  { name: 'TEST_CLOCK', default: '0', meaning: '1(仅限本机):POST /test/clock {"advanceMs": n} 拨快服务的时钟' },
]

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
  DINGTALK_CLIENT_ID: optional,
  DINGTALK_CLIENT_SECRET: optional,
  DINGTALK_CORP_ID: optional,
  DINGTALK_AGENT_ID: optional,
  DINGTALK_CARD_TEMPLATE_ID: optional,
  DINGTALK_API_BASE: base('https://api.dingtalk.com'),
  DINGTALK_OAPI_BASE: base('https://oapi.dingtalk.com'),
  DINGTALK_LOGIN_BASE: base('https://login.dingtalk.com'),
  OPENAI_API_KEY: optional,
  OPENAI_BASE_URL: optional,
  OPENAI_MODEL: optional,
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
}

export interface DingTalkSettings {
  clientId: string
  clientSecret: string
  corpId: string
  agentId?: string
  cardTemplateId?: string
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
  timeZone: string
  adminUsers: string[]
  wecom: WeComSettings | null
  dingtalk: DingTalkSettings | null
  model: { apiKey: string; baseURL?: string; model: string } | null
  /** Why a model that seems wanted is not used. */
  modelHint: string | null
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
  )
  const hasDingTalk = group(s, ['DINGTALK_CLIENT_ID', 'DINGTALK_CLIENT_SECRET', 'DINGTALK_CORP_ID'], '钉钉', [
    'DINGTALK_AGENT_ID',
    'DINGTALK_CARD_TEMPLATE_ID',
  ])
  if (s.WECOM_ENCODING_AES_KEY && !/^[A-Za-z0-9]{43}$/.test(s.WECOM_ENCODING_AES_KEY)) {
    throw new ConfigError('设置 WECOM_ENCODING_AES_KEY 不正确:应为 43 位字母或数字。')
  }
  if (s.WECOM_AGENT_ID && !/^\d+$/.test(s.WECOM_AGENT_ID)) throw new ConfigError('设置 WECOM_AGENT_ID 不正确:应为数字。')
  const bad = s.ADMIN_USERS.find(user => !/^(wecom|dingtalk):\S+$/.test(user))
  if (bad) throw new ConfigError(`设置 ADMIN_USERS 里的 ${bad} 不正确:应写成 wecom:userid 或 dingtalk:userid。`)
  if (s.MONGODB_URI && !s.APP_SECRET)
    throw new ConfigError('使用 MONGODB_URI 时必须设置 APP_SECRET(至少 16 个字符),所有进程用同一个值。')

  const loopback = LOOPBACK.has(s.HOST)
  const demo =
    s.DEMO === undefined ? !hasWeCom && !hasDingTalk && !s.MONGODB_URI && loopback && s.NODE_ENV !== 'production' : s.DEMO === '1'
  if (demo && (hasWeCom || hasDingTalk)) throw new ConfigError('DEMO=1 不能和真实的企业微信或钉钉设置同时使用。请删除其中一方。')
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
        }
      : null,
    dingtalk: hasDingTalk
      ? {
          clientId: s.DINGTALK_CLIENT_ID ?? '',
          clientSecret: s.DINGTALK_CLIENT_SECRET ?? '',
          corpId: s.DINGTALK_CORP_ID ?? '',
          ...(s.DINGTALK_AGENT_ID && { agentId: s.DINGTALK_AGENT_ID }),
          ...(s.DINGTALK_CARD_TEMPLATE_ID && { cardTemplateId: s.DINGTALK_CARD_TEMPLATE_ID }),
          apiBase: s.DINGTALK_API_BASE,
          oapiBase: s.DINGTALK_OAPI_BASE,
          loginBase: s.DINGTALK_LOGIN_BASE,
        }
      : null,
    model,
    modelHint: !model && (s.OPENAI_API_KEY || s.OPENAI_MODEL) ? 'OPENAI_API_KEY 和 OPENAI_MODEL 要同时填写,模型未启用' : null,
    demo,
    testClock: s.TEST_CLOCK === '1',
  }
}

/** The text of `.env.example`. */
export function envExample(): string {
  const rows = SETTINGS.map(({ name, default: value, meaning }) => `# ${meaning}${value ? `(默认 ${value})` : ''}\n# ${name}=`)
  return `# 客联 Kelian 的设置。复制为 .env 后按需填写;一项都不填即可本机试用。\n# 本文件由 npm run settings 生成。\n\n${rows.join('\n\n')}\n`
}
