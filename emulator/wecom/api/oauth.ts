import type { ApiReply } from '../../kernel/http.ts'
import { identityPage, sentencePage, withQuery } from '../../kernel/identity-page.ts'
import { freshId } from '../../kernel/ids.ts'
import { text } from '../../kernel/shape.ts'
import { WeComRefusal } from '../refusal.ts'
import type { WeComState } from '../state.ts'
import type { EndpointTable } from './endpoint.ts'

const CODE_LIFE_MS = 5 * 60_000
const TICKET_LIFE_MS = 1_800_000

/** The exchange of an OAuth code; vendor page 网页授权登录. */
export const oauthEndpoints: EndpointTable = {
  '/cgi-bin/auth/getuserinfo': { method: 'GET', query: ['code'], run: ({ state, query }) => exchange(state, query.code) },
  '/cgi-bin/auth/getuserdetail': {
    method: 'POST',
    fields: { user_ticket: text({ required: true, missing: '84015' }) },
    run: ({ state, body }) => {
      const ticket = state.userTickets.get(String(body.user_ticket ?? ''))
      if (!ticket) throw new WeComRefusal(84015, 'invalid user_ticket')
      if (ticket.expiresAt < state.clock.now()) throw new WeComRefusal(84014, 'user_ticket expired')
      return { userid: ticket.userId, gender: '1', mobile: state.directory.person(ticket.userId)?.mobile ?? '' }
    },
  },
}

function exchange(state: WeComState, value: string | undefined) {
  const code = state.oauthCodes.get(value ?? '')
  if (!code || code.used || code.expiresAt < state.clock.now()) throw new WeComRefusal(40029, 'invalid code')
  code.used = true
  if ('openId' in code.identity) {
    const { openId } = code.identity
    const customer = [...state.customers.values()].find(candidate => candidate.openId === openId)
    return { openid: openId, ...(customer && customer.follows.length > 0 ? { external_userid: customer.externalId } : {}) }
  }
  const { userId } = code.identity
  if (!code.privateInfo) return { userid: userId }
  const ticket = freshId('UT')
  state.userTickets.set(ticket, { userId, expiresAt: state.clock.now() + TICKET_LIFE_MS })
  return { userid: userId, user_ticket: ticket }
}

/**
 * The page a browser is sent to for login (the vendor pages 企业内部开发): `as=zhang3`, `as=member:zhang3` or `as=visitor:<openid>` answers at once,
 * otherwise a page finds out who looks.
 */
export function authorizePage(state: WeComState, query: Record<string, string>): ApiReply {
  const target = URL.canParse(query.redirect_uri ?? '') ? new URL(query.redirect_uri ?? '') : undefined
  const trusted = state.switches.trustedDomain
  if (query.appid !== state.corpId || !target || (trusted !== undefined && target.host !== trusted)) {
    return sentencePage('无法登录', 'redirect_uri 参数错误')
  }
  if (!/^[A-Za-z0-9]{0,128}$/.test(query.state ?? '')) return sentencePage('无法登录', 'state 参数错误 (84025)')
  const as = query.as
  if (as === undefined) {
    const people = state.directory.people.map(({ userId, name, title }) => ({ value: `member:${userId}`, name, note: title }))
    return identityPage('登录企业微信', people)
  }
  const visitor = /^visitor:(.+)$/.exec(as)?.[1]
  const person = state.directory.person(as.replace(/^member:/, ''))
  if (visitor === undefined && !person) return sentencePage('无法登录', `没有这个成员:${as}`)
  const code = freshId('OC')
  state.oauthCodes.set(code, {
    identity: visitor === undefined ? { userId: person?.userId ?? '' } : { openId: visitor },
    privateInfo: query.scope === 'snsapi_privateinfo' && query.agentid === String(state.agentId),
    expiresAt: state.clock.now() + CODE_LIFE_MS,
    used: false,
  })
  return { status: 302, headers: { location: withQuery(target.href, { code, state: query.state ?? '' }) }, body: '' }
}
