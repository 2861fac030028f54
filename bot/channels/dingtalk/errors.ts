import { PlatformRefused } from '../../../common/errors.ts'

interface Rule {
  test: RegExp
  code: string
  message: string
  /** Nothing was done and the same request may succeed later. */
  retryAfterMs?: number
  /** Only the operator can mend it: logged as an error. */
  operator?: true
}

/**
 * Codes of both API generations (pages "服务端API错误码", "调用频率限制"): new APIs answer `{code, message}` with an HTTP status, old ones
 * `{errcode, errmsg, sub_code?}` with 200. Old ones are matched as `errcode` or, for the collective code 88, as `sub_code`.
 */
const RULES: readonly Rule[] = [
  {
    test: /^(InvalidAuthentication|40014|42001|40001)$/,
    code: 'dingtalk.token_invalid',
    message: '钉钉的访问凭证已失效,稍后会再试。',
    retryAfterMs: 1000,
  },
  {
    test: /^(invalidClientIdOrSecret|authFailed|40089|40013|40091|41002|41004)$/,
    code: 'dingtalk.credentials_wrong',
    message: '钉钉应用的 Client ID 或密钥不对,请管理员检查设置。',
    operator: true,
  },
  {
    test: /IpNotInWhiteList$|^60020$/,
    code: 'dingtalk.ip_not_allowed',
    message: '服务器的 IP 不在钉钉应用的出口 IP 列表里,请管理员添加。',
    operator: true,
  },
  {
    test: /ApiCountLimitForOrg$|^90020$|^90030$/,
    code: 'dingtalk.quota_exhausted',
    message: '本月的钉钉调用额度已用完。',
    operator: true,
  },
  {
    test: /AccessTokenPermissionDenied$|^60011$|^50002$|^50004$/,
    code: 'dingtalk.not_permitted',
    message: '钉钉没有给应用这项权限。',
  },
  {
    test: /Qp[sm]Limit|^90018$|^90002$/,
    code: 'dingtalk.rate_limited',
    message: '钉钉的调用频率到了上限,稍后会再试。',
    retryAfterMs: 1000,
  },
  {
    test: /[tT]oo\.?[fF]ast$|^too\.many\.|^302033$|^410100$/,
    code: 'dingtalk.rate_limited',
    message: '发送太快,稍后会再试。',
    retryAfterMs: 2000,
  },
  {
    test: /^systemBusy$|^system\.|\.systemError$|^-1$|^15$/,
    code: 'dingtalk.busy',
    message: '钉钉正忙,稍后会再试。',
    retryAfterMs: 1000,
  },
  {
    test: /^banned$/,
    code: 'dingtalk.banned',
    message: '钉钉暂时封禁了服务器的 IP,稍后会再试。',
    retryAfterMs: 300_000,
    operator: true,
  },
  {
    test: /^(33012|60121|staffId\.notExisted|param\.userIdNotExist|robot\.oto\.notExist)$/,
    code: 'dingtalk.person_unknown',
    message: '钉钉里找不到这位成员,或不在应用的可见范围内。',
  },
  { test: /^40078$/, code: 'dingtalk.login_code_invalid', message: '登录凭证已失效,请重新打开页面。' },
  { test: /^param\.cardNotExist$/, code: 'card.not_repaintable', message: '钉钉里找不到这张卡片。' },
  { test: /^param\.cardAlreadyExist$/, code: 'dingtalk.card_exists', message: '这张卡片已经发送过。' },
  {
    test: /^param\.template/,
    code: 'dingtalk.template_unusable',
    message: '钉钉卡片模板不可用,请管理员检查模板 ID 并发布模板。',
    operator: true,
  },
]

const UNKNOWN = { code: 'dingtalk.refused', message: '钉钉拒绝了这次请求。' }

const ruleFor = (platformCode: string): Omit<Rule, 'test'> => RULES.find(rule => rule.test.test(platformCode)) ?? UNKNOWN

/** The token itself is at fault; a new one may help. */
export const isTokenFault = (platformCode: string): boolean => ruleFor(platformCode).code === 'dingtalk.token_invalid'

/** Too fast: nothing was done and nothing is billed. */
export const isRateLimit = (platformCode: string): boolean => ruleFor(platformCode).code === 'dingtalk.rate_limited'

/** The organisation's calls of this month are used up. */
export const isQuotaEnd = (platformCode: string): boolean => ruleFor(platformCode).code === 'dingtalk.quota_exhausted'

/** What the platform calls the failure in an answer, or null for a success. */
export function platformCodeOf(status: number, json: Readonly<Record<string, unknown>>): string | null {
  if (json.punish !== undefined && json.status === 1111) return 'banned'
  const errcode = json.errcode === undefined ? 0 : Number(json.errcode)
  if (errcode !== 0) return errcode === 88 && json.sub_code !== undefined ? String(json.sub_code) : String(errcode)
  if (status < 400) return null
  const code = json.code ?? json.Code
  if (typeof code === 'string' && code !== '') return code
  return status === 401 ? 'InvalidAuthentication' : status === 429 ? 'systemBusy' : `http_${status}`
}

/** A refusal of the platform. `details`: `platformCode`, `call`, `retryAfterMs` when retryable, `scopes` when permissions are missing. */
export function dingtalkRefusal(platformCode: string, json: Readonly<Record<string, unknown>>, call: string): PlatformRefused {
  const rule = ruleFor(platformCode)
  const scopes = (json.accessdenieddetail as { requiredScopes?: unknown } | undefined)?.requiredScopes
  return new PlatformRefused(rule.code, rule.message, {
    retryable: rule.retryAfterMs !== undefined,
    details: {
      platformCode,
      call,
      ...(rule.retryAfterMs !== undefined && { retryAfterMs: rule.retryAfterMs }),
      ...(rule.operator && { operator: true }),
      ...(Array.isArray(scopes) && { scopes }),
    },
  })
}

/** Are the app's own credentials refused? Then asking again at once only makes it worse. */
export const isMisconfigured = (error: unknown): boolean =>
  error instanceof PlatformRefused &&
  ['dingtalk.credentials_wrong', 'dingtalk.ip_not_allowed', 'dingtalk.banned'].includes(error.code)
