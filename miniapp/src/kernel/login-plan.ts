import type { AuthOptions } from '../../../common/contract/people.ts'
import type { Host, PageQuery, Slot } from './host.ts'

export type LoginWay = 'wecom' | 'dingtalk'

/** How to log in: leave for a platform's page, ask DingTalk's client for a code, or let the person choose. */
export type LoginPlan = { type: 'go'; way: LoginWay } | { type: 'dingtalk-code' } | { type: 'choose'; ways: LoginWay[] }

export interface LoginSituation {
  host: Host
  page: PageQuery
  options: Pick<AuthOptions, 'wecom' | 'dingtalk'>
  /** A login just failed or came back without a session: ask instead of going round in circles. */
  askFirst: boolean
}

export function planLogin({ host, page, options, askFirst }: LoginSituation): LoginPlan {
  const ways: LoginWay[] = []
  if (options.wecom) ways.push('wecom')
  if (options.dingtalk) ways.push('dingtalk')
  if (askFirst) return { type: 'choose', ways: waysOf(host, ways) }
  if (host === 'wecom' && options.wecom) return { type: 'go', way: 'wecom' }
  if (host === 'dingtalk' && options.dingtalk) return { type: 'dingtalk-code' }
  if (page.slot && page.via && ways.includes(page.via)) return { type: 'go', way: page.via }
  const [only, ...others] = ways
  return only && others.length === 0 ? { type: 'go', way: only } : { type: 'choose', ways }
}

/** Inside an app only its own login makes sense. */
const waysOf = (host: Host, ways: LoginWay[]) => (host === 'browser' || !ways.includes(host) ? ways : [host])

/** The address that starts a platform's login and comes back to `to` (a hash route such as `#/todos`, or `/admin/`). */
export function loginUrl(way: LoginWay, to: string, slot: Slot | null): string {
  return `/api/auth/${way}?to=${encodeURIComponent(to)}${slot ? `&slot=${slot}` : ''}`
}

/** Where to go after login: the hash the person came for; the login page itself remembers it in its own query. */
export function returnTarget(hash: string): string {
  if (!hash.startsWith('#/login')) return hash.startsWith('#/') ? hash : '#/todos'
  const to = new URLSearchParams(hash.split('?')[1] ?? '').get('to')
  return to?.startsWith('#/') && !to.startsWith('#/login') ? to : '#/todos'
}

/** The reason a login page carries in its hash query, if any. */
export const loginErrorOf = (hash: string) =>
  hash.startsWith('#/login') ? new URLSearchParams(hash.split('?')[1] ?? '').get('login_error') : null
