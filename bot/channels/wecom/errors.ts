import { PlatformRefused } from '../../../common/errors.ts'

interface Rule {
  code: string
  message: string
  /** Nothing was done and the same request may succeed later. */
  retryAfterMs?: number
  /** Only the operator can mend it: logged as an error. */
  operator?: true
  /** Calling on makes it worse or is pointless: `call` holds back this call, `all` every call, until some time has passed. */
  hold?: 'call' | 'all'
}

export const WRONG_CREDENTIALS = 'wecom.credentials_wrong'

const credentials: Rule = {
  code: WRONG_CREDENTIALS,
  message: '企业微信的企业 ID 或应用密钥不对,请管理员检查设置。',
  operator: true,
}
const appDisabled: Rule = {
  code: 'wecom.app_disabled',
  message: '企业微信里的应用已停用,请管理员启用。',
  operator: true,
  hold: 'all',
}
const notPermitted: Rule = { code: 'wecom.not_permitted', message: '企业微信没有给应用这项权限。' }
const unknownPerson: Rule = { code: 'wecom.person_unknown', message: '企业微信里找不到这位成员,或不在应用的可见范围内。' }
const codeInvalid: Rule = { code: 'wecom.login_code_invalid', message: '登录凭证已失效,请重新打开页面。' }
const notRepaintable: Rule = { code: 'card.not_repaintable', message: '这张卡片不能再更新。' }
const cardInvalid: Rule = { code: 'wecom.card_invalid', message: '企业微信没有接受这张卡片。', operator: true }

/** Error codes of the platform (page "全局错误码") by what they mean to us. */
const RULES = new Map<number, Rule>([
  [-1, { code: 'wecom.busy', message: '企业微信正忙,稍后会再试。', retryAfterMs: 1000 }],
  ...[40001, 40013, 40091, 41002, 41004].map(code => [code, credentials] as const),
  ...[40014, 42001].map(
    code =>
      [code, { code: 'wecom.token_invalid', message: '企业微信的访问凭证已失效,稍后会再试。', retryAfterMs: 1000 }] as const,
  ),
  ...[40029, 42003, 42022].map(code => [code, codeInvalid] as const),
  ...[50003, 48006, 60031].map(code => [code, appDisabled] as const),
  ...[48002, 48009, 60011, 84074, 48011, 301055].map(code => [code, notPermitted] as const),
  ...[40003, 60111, 60021].map(code => [code, unknownPerson] as const),
  [50001, { code: 'wecom.domain_untrusted', message: '网页域名没有设为应用的可信域名,请管理员设置。', operator: true }],
  [
    60020,
    { code: 'wecom.ip_not_allowed', message: '服务器的 IP 不在应用的企业可信 IP 里,请管理员添加。', operator: true, hold: 'all' },
  ],
  [301002, { code: 'wecom.wrong_app', message: '应用 ID 与密钥不是同一个应用,请管理员检查设置。', operator: true }],
  [81013, { code: 'wecom.nobody_reached', message: '企业微信没有把消息送到这位成员。' }],
  [60140, { code: 'card.handle_spent', message: '这张卡片的更新凭证已用过或已过期。' }],
  ...[42015, 42016, 82101, 82102].map(code => [code, notRepaintable] as const),
  [42014, { code: 'wecom.card_id_refused', message: '企业微信没有接受卡片编号,它可能已经用过。' }],
  ...[
    ...[42017, 42018, 42019, 42020, 42027, 42028, 42029, 42030, 42031, 42033, 42035, 42036, 42037, 42038, 42039, 42040],
    ...[42041, 42042, 42043, 42044, 42045, 42046, 42047, 42049, 42050, 42051],
  ].map(code => [code, cardInvalid] as const),
  ...[40007, 40004].map(code => [code, { code: 'media.gone', message: '这个文件已经过期或不存在。' }] as const),
  ...[40006, 45001].map(code => [code, { code: 'media.too_large', message: '文件太大或是空的。' }] as const),
  [42052, { code: 'message.not_recallable', message: '这条消息不能再撤回。' }],
  [86215, { code: 'wecom.group_exists', message: '这个群已经有了。' }],
  ...[40050, 49008, 86001, 86003, 86008].map(
    code => [code, { code: 'group.unknown', message: '这个群已解散,或不是由应用建立的。' }] as const,
  ),
  [86006, { code: 'group.too_few', message: '企业微信的群至少要有两位成员。' }],
  ...[86007, 86216, 86207].map(code => [code, unknownPerson] as const),
  ...[84061, 40096].map(code => [code, { code: 'wecom.customer_unknown', message: '这位客户已不在通讯录里。' }] as const),
  [43012, { code: 'wecom.callback_missing', message: '应用还没有设置接收消息的地址,不能发送带按钮的卡片。', operator: true }],
  // Minute limits block for a minute, hour limits for an hour (page 访问频率限制); which of them it was is not told.
  [45009, { code: 'wecom.rate_limited', message: '企业微信的调用次数到了上限,稍后会再试。', retryAfterMs: 60_000, hold: 'call' }],
  [45033, { code: 'wecom.rate_limited', message: '企业微信的并发调用到了上限,稍后会再试。', retryAfterMs: 2000 }],
  [45035, { code: 'wecom.write_conflict', message: '企业微信正在处理同一对象,稍后会再试。', retryAfterMs: 1000 }],
])

const UNKNOWN: Rule = { code: 'wecom.refused', message: '企业微信拒绝了这次请求。' }

/** The token itself is at fault; a new one may help. 40001 says so everywhere but at `gettoken`, where it means a wrong secret. */
export const isTokenFault = (errcode: number): boolean => errcode === 40014 || errcode === 42001 || errcode === 40001

/** A refusal of the platform. `details`: `errcode`, `call`, `retryAfterMs` when retryable, `ip` when the platform named our address. */
export function wecomRefusal(errcode: number, errmsg: string, call: string): PlatformRefused {
  const rule = RULES.get(errcode) ?? UNKNOWN
  const ip = errcode === 60020 ? /\d{1,3}(?:\.\d{1,3}){3}/.exec(errmsg)?.[0] : undefined
  return new PlatformRefused(rule.code, rule.message, {
    retryable: rule.retryAfterMs !== undefined,
    details: {
      errcode,
      call,
      ...(rule.retryAfterMs !== undefined && { retryAfterMs: rule.retryAfterMs }),
      ...(rule.operator && { operator: true }),
      ...(ip && { ip }),
    },
  })
}

/** How far this error holds back further calls, if it does. */
export const holdOf = (errcode: number): 'call' | 'all' | undefined => RULES.get(errcode)?.hold

/** Does only a change of settings help? */
export const isMisconfigured = (error: unknown): boolean =>
  error instanceof PlatformRefused && error.code !== 'wecom.callback_missing' && error.details.operator === true
