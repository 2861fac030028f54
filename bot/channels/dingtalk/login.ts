import { z } from 'zod'
import { AppError, InvalidError, PlatformRefused } from '../../../common/errors.ts'
import type { LoginProvider } from '../../../handlers/kernel/ports.ts'
import type { DingTalkClient } from './client.ts'
import type { DingTalkSettings } from './settings.ts'

const inAppUser = z.object({ result: z.object({ userid: z.string().min(1) }) })
const userToken = z.object({ accessToken: z.string().min(1), corpId: z.string().nullish() })
const me = z.object({ unionId: z.string().min(1) })
const byUnionId = z.object({ result: z.object({ contact_type: z.coerce.number().optional(), userid: z.string().nullish() }) })

const INTERNAL = 0

/** Login inside the client (免登, page "通过免登码获取用户信息") and in a browser (page "实现登录第三方网站"). */
export function createDingTalkLogin(settings: DingTalkSettings, client: DingTalkClient): LoginProvider {
  const identity = (userId: string) => ({ platform: 'dingtalk', corp: settings.corpId, userId })

  const inClient = async (code: string) => {
    const answer = await client.oapi({ path: '/topapi/v2/user/getuserinfo', body: { code }, answer: inAppUser })
    return identity(answer.result.userid)
  }

  const inBrowser = async (code: string) => {
    const body = { clientId: settings.clientId, clientSecret: settings.clientSecret, code, grantType: 'authorization_code' }
    const request = { method: 'POST', path: '/v1.0/oauth2/userAccessToken', token: 'none', body, answer: userToken } as const
    const { accessToken, corpId } = await client.api(request)
    if (corpId && corpId !== settings.corpId) throw notMember()
    const headers = { 'x-acs-dingtalk-access-token': accessToken }
    const { unionId } = await client.api({ method: 'GET', path: '/v1.0/contact/users/me', token: 'none', headers, answer: me })
    const found = await client
      .oapi({ path: '/topapi/user/getbyunionid', body: { unionid: unionId }, answer: byUnionId })
      .catch(error => {
        throw error instanceof PlatformRefused && error.code === 'dingtalk.person_unknown' ? notMember(error) : error
      })
    const { userid, contact_type: contactType } = found.result
    if (!userid || (contactType ?? INTERNAL) !== INTERNAL) throw notMember()
    return identity(userid)
  }

  return {
    platform: 'dingtalk',
    corp: settings.corpId,

    authorizeUrl({ redirectUri, state }) {
      if (!/^[A-Za-z0-9]{1,128}$/.test(state)) throw new InvalidError('auth.state_invalid', '登录状态无效,请重新打开页面。')
      const query = [
        `client_id=${encodeURIComponent(settings.clientId)}`,
        `redirect_uri=${encodeURIComponent(redirectUri)}`,
        'response_type=code',
        'scope=openid%20corpid',
        `state=${state}`,
        'prompt=consent',
      ]
      return `${settings.loginBase.replace(/\/+$/, '')}/oauth2/auth?${query.join('&')}`
    },

    async exchange(code, kind) {
      if (code === '' || code.length > 512) throw codeInvalid()
      try {
        return await (kind === 'client' ? inClient(code) : inBrowser(code))
      } catch (error) {
        // The browser exchange has no documented code for a used one: any refusal that names no other cause counts.
        const refused = error instanceof PlatformRefused ? error.code : ''
        throw refused === 'dingtalk.login_code_invalid' || refused === 'dingtalk.refused' ? codeInvalid(error) : error
      }
    },
  }
}

const codeInvalid = (cause?: unknown) =>
  new AppError('auth.code_invalid', '登录凭证已失效,请重新打开页面。', { status: 401, cause })

const notMember = (cause?: unknown) => new AppError('auth.not_member', '这里只对本企业成员开放。', { status: 403, cause })
