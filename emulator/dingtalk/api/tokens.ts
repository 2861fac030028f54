import { freshId } from '../../kernel/ids.ts'
import { DingTalkRefusal, OldApiRefusal } from '../refusal.ts'
import type { DingTalkState } from '../state.ts'
import { plain, type Route, textOf } from './route.ts'

const LIFE_MS = 7_200_000

/** Access tokens and JSAPI tickets; vendor page 调用频率限制. */
export const tokenRoutes: Route[] = [
  {
    method: 'POST',
    path: '/v1.0/oauth2/accessToken',
    generation: 'new',
    open: true,
    fields: plain('appKey', 'appSecret'),
    run: ({ state, body }) => {
      if (body.appKey !== state.clientId || body.appSecret !== state.clientSecret) {
        throw new DingTalkRefusal('invalidClientIdOrSecret', '无效的clientId或者clientSecret')
      }
      return { accessToken: currentToken(state), expireIn: LIFE_MS / 1000 }
    },
  },
  {
    method: 'POST',
    path: /^\/v1\.0\/oauth2\/([^/]+)\/token$/,
    generation: 'new',
    open: true,
    fields: plain('client_id', 'client_secret', 'grant_type'),
    run: ({ state, body, parts }) => {
      if (parts[0] !== state.corpId || body.client_id !== state.clientId || body.client_secret !== state.clientSecret) {
        throw new DingTalkRefusal('invalidClientIdOrSecret', '无效的clientId或者clientSecret')
      }
      return { access_token: currentToken(state), expires_in: LIFE_MS / 1000 }
    },
  },
  {
    method: 'GET',
    path: '/gettoken',
    generation: 'old',
    open: true,
    run: ({ state, query }) => {
      if (query.appkey !== state.clientId || query.appsecret !== state.clientSecret)
        throw new OldApiRefusal(40089, '不合法的appkey或appsecret')
      return { access_token: currentToken(state), expires_in: LIFE_MS / 1000 }
    },
  },
  {
    method: 'POST',
    path: '/v1.0/oauth2/jsapiTickets',
    generation: 'new',
    run: ({ state }) => ({ jsapiTicket: jsTicket(state), expireIn: LIFE_MS / 1000 }),
  },
  {
    method: 'GET',
    path: '/get_jsapi_ticket',
    generation: 'old',
    run: ({ state }) => ({ ticket: jsTicket(state), expires_in: LIFE_MS / 1000 }),
  },
  {
    method: 'POST',
    path: '/v1.0/oauth2/userAccessToken',
    generation: 'new',
    open: true,
    fields: plain('clientId', 'clientSecret', 'code', 'grantType', 'refreshToken'),
    run: ({ state, body }) => {
      if (body.clientId !== state.clientId || body.clientSecret !== state.clientSecret) {
        throw new DingTalkRefusal('invalidClientIdOrSecret', '无效的clientId或者clientSecret')
      }
      const code = state.authCodes.get(textOf(body.code))
      if (code?.kind !== 'web' || code.used || code.expiresAt < state.clock.now()) {
        throw new DingTalkRefusal('invalidParameter.authCode.notFound', '不合法的临时授权码')
      }
      code.used = true
      const token = freshId('DU')
      const unionId = state.directory.person(code.userId)?.unionId ?? ''
      state.userTokens.set(token, { unionId, expiresAt: state.clock.now() + LIFE_MS })
      return { accessToken: token, refreshToken: freshId('DR'), expireIn: LIFE_MS / 1000, corpId: state.corpId }
    },
  },
]

/** The token in use: the same within its life, which each request extends. */
function currentToken(state: DingTalkState): string {
  const now = state.clock.now()
  const live = state.current !== undefined && (state.tokens.get(state.current) ?? 0) > now
  const token = live && state.current ? state.current : freshId('DT')
  state.current = token
  state.tokens.set(token, now + LIFE_MS)
  return token
}

function jsTicket(state: DingTalkState): string {
  const now = state.clock.now()
  if (!state.jsTicket || state.jsTicket.expiresAt < now) state.jsTicket = { value: freshId('JT'), expiresAt: now + LIFE_MS }
  return state.jsTicket.value
}
