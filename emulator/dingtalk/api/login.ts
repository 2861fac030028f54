import type { ApiReply } from '../../kernel/http.ts'
import { identityPage, sentencePage, withQuery } from '../../kernel/identity-page.ts'
import { freshId } from '../../kernel/ids.ts'
import type { DingTalkState } from '../state.ts'

const CODE_LIFE_MS = 5 * 60_000

/** A single-use code for a person: `app` as the client's requestAuthCode gives, `web` as the login page gives. */
export function issueCode(state: DingTalkState, userId: string, kind: 'app' | 'web'): string {
  const code = freshId('AC')
  state.authCodes.set(code, { userId, kind, expiresAt: state.clock.now() + CODE_LIFE_MS, used: false })
  return code
}

/** The web login page (vendor page 登录与免登): `as=u1001` answers at once, otherwise a page finds out who looks. */
export function loginPage(state: DingTalkState, query: Record<string, string>): ApiReply {
  const target = query.redirect_uri ?? ''
  if (query.client_id !== state.clientId || !URL.canParse(target))
    return sentencePage('无法登录', 'client_id 或 redirect_uri 不对')
  if (query.response_type !== 'code') return sentencePage('无法登录', 'response_type 应为 code')
  if (query.as === undefined) {
    const people = state.directory.people.map(({ userId, name, title }) => ({ value: userId, name, note: title }))
    return identityPage('登录钉钉', people)
  }
  const person = state.directory.person(query.as.replace(/^member:/, ''))
  if (!person) return sentencePage('无法登录', `没有这个员工:${query.as}`)
  const location = withQuery(target, { authCode: issueCode(state, person.userId, 'web'), state: query.state ?? '' })
  return { status: 302, headers: { location }, body: '' }
}
