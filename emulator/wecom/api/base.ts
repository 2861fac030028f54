import { freshId } from '../../kernel/ids.ts'
import { list, type Shape, text } from '../../kernel/shape.ts'
import { WeComRefusal } from '../refusal.ts'
import type { WeComState } from '../state.ts'
import type { EndpointTable } from './endpoint.ts'

const BUTTON: Shape = { type: text(), name: text(), key: text(), url: text() }
const TOKEN_LIFE_MS = 7_200_000
const BAD_SECRETS_BEFORE_BAN = 20

/** Tokens, tickets, menu, callback addresses; vendor page 获取access_token. */
export const baseEndpoints: EndpointTable = {
  '/cgi-bin/gettoken': {
    method: 'GET',
    open: true,
    query: ['corpid', 'corpsecret'],
    run: ({ state, query }) => {
      if (!query.corpid) throw new WeComRefusal(41002, 'corpid missing')
      if (!query.corpsecret) throw new WeComRefusal(41004, 'corpsecret missing')
      if (query.corpid !== state.corpId) throw new WeComRefusal(40013, 'invalid corpid')
      if (state.badSecrets >= BAD_SECRETS_BEFORE_BAN) throw new WeComRefusal(45009, 'api freq out of limit')
      if (query.corpsecret !== state.secret) {
        state.badSecrets += 1
        throw new WeComRefusal(40001, 'invalid credential')
      }
      return tokenFor(state)
    },
  },
  '/cgi-bin/getcallbackip': { method: 'GET', run: () => ({ ip_list: ['127.0.0.1'] }) },
  '/cgi-bin/get_api_domain_ip': { method: 'GET', run: () => ({ ip_list: ['127.0.0.1'] }) },
  '/cgi-bin/get_jsapi_ticket': { method: 'GET', run: ({ state }) => ticketOf(state, 'corp') },
  '/cgi-bin/ticket/get': {
    method: 'GET',
    query: ['type'],
    run: ({ state, query }) => {
      if (query.type !== 'agent_config') throw new WeComRefusal(91040, 'invalid type')
      return ticketOf(state, 'agent')
    },
  },
  '/cgi-bin/menu/create': {
    method: 'POST',
    query: ['agentid'],
    fields: { button: list({ ...BUTTON, sub_button: list(BUTTON) }, { required: true, missing: '40016' }) },
    run: ({ state, query, body }) => {
      if (Number(query.agentid) !== state.agentId) throw new WeComRefusal(301002, 'agentid not match the access_token')
      const buttons = Array.isArray(body.button) ? body.button : []
      checkMenu(buttons as MenuButton[])
      state.menu = buttons
      return {}
    },
  },
  '/cgi-bin/menu/get': {
    method: 'GET',
    query: ['agentid'],
    run: ({ state, query }) => {
      if (Number(query.agentid) !== state.agentId) throw new WeComRefusal(301002, 'agentid not match the access_token')
      if (state.menu.length === 0) throw new WeComRefusal(46003, 'menu not exist')
      return { button: state.menu }
    },
  },
}

interface MenuButton {
  type?: string
  name?: string
  key?: string
  url?: string
  sub_button?: MenuButton[]
}

const BYTES = { name: 16, subName: 40, key: 128, url: 1024 }

/** Page 创建菜单: 1–3 buttons, 1–5 below one, two levels, lengths in bytes. */
function checkMenu(buttons: MenuButton[]) {
  if (buttons.length < 1 || buttons.length > 3) throw new WeComRefusal(40016, 'invalid button size')
  for (const button of buttons) {
    checkButton(button, BYTES.name)
    if (button.sub_button === undefined) continue
    if (button.sub_button.length < 1 || button.sub_button.length > 5) throw new WeComRefusal(40023, 'invalid sub button size')
    for (const below of button.sub_button) {
      if (below.sub_button !== undefined) throw new WeComRefusal(40022, 'invalid sub button level')
      checkButton(below, BYTES.subName)
    }
  }
}

function checkButton({ type, name = '', key = '', url = '', sub_button: below }: MenuButton, mostBytes: number) {
  const long = (value: string, most: number) => Buffer.byteLength(value) > most
  if (name === '' || long(name, mostBytes)) throw new WeComRefusal(40018, 'invalid button name size')
  if (below !== undefined) return
  if (type === 'view' && (!URL.canParse(url) || long(url, BYTES.url))) throw new WeComRefusal(40020, 'invalid button url')
  if (type !== 'view' && (key === '' || long(key, BYTES.key))) throw new WeComRefusal(40019, 'invalid button key size')
}

function tokenFor(state: WeComState) {
  const now = state.clock.now()
  const current = state.accessToken
  if (current && !current.revoked && current.expiresAt > now) return reply(current.value, current.expiresAt - now)
  if (current) state.retiredTokens.add(current.value)
  const fresh = { value: freshId('WT'), expiresAt: now + TOKEN_LIFE_MS, revoked: false }
  state.accessToken = fresh
  return reply(fresh.value, TOKEN_LIFE_MS)
}

const reply = (token: string, leftMs: number) => ({ access_token: token, expires_in: Math.max(1, Math.floor(leftMs / 1000)) })

/** The ticket of a kind, for whoever checks a signature. */
export function ticketOf(state: WeComState, kind: 'corp' | 'agent') {
  const now = state.clock.now()
  const known = state.jsTickets.get(kind)
  const ticket = known && known.expiresAt > now ? known : { value: freshId(`JT-${kind}-`), expiresAt: now + TOKEN_LIFE_MS }
  state.jsTickets.set(kind, ticket)
  return { ticket: ticket.value, expires_in: Math.floor((ticket.expiresAt - now) / 1000) }
}
