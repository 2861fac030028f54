import { z } from 'zod'
import { AppError, InvalidError, PlatformRefused } from '../../../common/errors.ts'
import type { LoginProvider } from '../../../handlers/kernel/ports.ts'
import type { WeComClient } from './client.ts'
import type { WeComSettings } from './settings.ts'

const visitor = z.object({
  userid: z.string().optional(),
  /** Spelling of the older alias of this call. */
  UserId: z.string().optional(),
})

/** Silent web login (page "构造网页授权链接", "获取访问用户身份"). */
export function createWeComLogin(settings: WeComSettings, call: WeComClient): LoginProvider {
  return {
    platform: 'wecom',
    corp: settings.corpId,

    authorizeUrl({ redirectUri, state }) {
      if (!/^[A-Za-z0-9]{1,128}$/.test(state)) throw new InvalidError('auth.state_invalid', '登录状态无效,请重新打开页面。')
      // The client wants this order of parameters and the fragment at the end.
      const query = [
        `appid=${encodeURIComponent(settings.corpId)}`,
        `redirect_uri=${encodeURIComponent(redirectUri)}`,
        'response_type=code',
        'scope=snsapi_base',
        `state=${state}`,
        `agentid=${settings.agentId}`,
      ]
      return `${settings.oauthBase.replace(/\/+$/, '')}/connect/oauth2/authorize?${query.join('&')}#wechat_redirect`
    },

    async exchange(code) {
      if (code === '' || code.length > 512) throw codeInvalid()
      const answer = await call({ method: 'GET', path: 'auth/getuserinfo', query: { code }, answer: visitor }).catch(error => {
        throw error instanceof PlatformRefused && error.code === 'wecom.login_code_invalid' ? codeInvalid(error) : error
      })
      const userId = answer.userid ?? answer.UserId
      // Members of other corps come as "CorpId/userid", people of WeChat as an open id alone.
      if (!userId || userId.includes('/')) {
        throw new AppError('auth.not_member', '这里只对本企业成员开放,请用企业微信打开。', { status: 403 })
      }
      return { platform: 'wecom', corp: settings.corpId, userId }
    },
  }
}

const codeInvalid = (cause?: unknown) =>
  new AppError('auth.code_invalid', '登录凭证已失效,请重新打开页面。', { status: 401, cause })
