import { freshId } from '../../kernel/ids.ts'
import { text } from '../../kernel/shape.ts'
import { DingTalkRefusal, OldApiRefusal } from '../refusal.ts'
import type { DingTalkState } from '../state.ts'
import { type Route, textOf } from './route.ts'

const LIFE_MS = 7_200_000
const TICKET_LIFE_MS = 24 * 3_600_000

/** Access tokens and JSAPI tickets; vendor page 调用频率限制. */
export const tokenRoutes: Route[] = [
  {
    method: 'POST',
    path: '/v1.0/oauth2/accessToken',
    generation: 'new',
    open: true,
    fields: { appKey: text({ required: true }), appSecret: text({ required: true }) },
    badField: 'invalidClientIdOrSecret',
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
    fields: {
      client_id: text({ required: true }),
      client_secret: text({ required: true }),
      grant_type: text({ required: true, oneOf: ['client_credentials'] }),
    },
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
    query: { appkey: text({ required: true, missing: '40089' }), appsecret: text({ required: true, missing: '40089' }) },
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
    run: ({ state }) => {
      const { value, lifeS } = jsTicket(state)
      return { jsapiTicket: value, expireIn: lifeS }
    },
  },
  {
    method: 'GET',
    path: '/get_jsapi_ticket',
    generation: 'old',
    run: ({ state }) => {
      const { value, lifeS } = jsTicket(state)
      return { ticket: value, expires_in: lifeS }
    },
  },
  {
    method: 'POST',
    path: '/v1.0/oauth2/userAccessToken',
    generation: 'new',
    open: true,
    fields: {
      clientId: text({ required: true }),
      clientSecret: text({ required: true }),
      code: text(),
      refreshToken: text(),
      grantType: text({ required: true, oneOf: ['authorization_code', 'refresh_token'] }),
    },
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

/** Asking again gives it two hours more, but never more than a day from its making. */
function jsTicket(state: DingTalkState): { value: string; lifeS: number } {
  const now = state.clock.now()
  const live = state.jsTicket !== undefined && state.jsTicket.expiresAt > now ? state.jsTicket : undefined
  const ticket = live ?? { value: freshId('JT'), madeAt: now, expiresAt: now }
  ticket.expiresAt = Math.min(now + LIFE_MS, ticket.madeAt + TICKET_LIFE_MS)
  state.jsTicket = ticket
  return { value: ticket.value, lifeS: Math.floor((ticket.expiresAt - now) / 1000) }
}
