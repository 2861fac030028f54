import { type ApiReply, type ApiRequest, jsonOf } from '../../kernel/http.ts'
import { meter } from '../quota.ts'
import { DingTalkRefusal, OldApiRefusal, refusalReply } from '../refusal.ts'
import type { DingTalkState } from '../state.ts'
import { cardRoutes } from './cards.ts'
import { contactRoutes } from './contacts.ts'
import { groupRoutes } from './groups.ts'
import { mediaRoutes } from './media.ts'
import { robotRoutes } from './robot.ts'
import { checkFields, objectOf, partsOf, type Route } from './route.ts'
import { todoRoutes } from './todo.ts'
import { tokenRoutes } from './tokens.ts'

export { issueCode, loginPage } from './login.ts'

const routes: Route[] = [
  ...tokenRoutes,
  ...robotRoutes,
  ...cardRoutes,
  ...contactRoutes,
  ...todoRoutes,
  ...groupRoutes,
  ...mediaRoutes,
]

const GROUP_NAMES: Readonly<Record<string, readonly string[]>> = {
  oauth2: ['corpId'],
  contact: ['unionId'],
  todo: ['unionId', 'taskId'],
}

/** Every call that is answered, as `POST /v1.0/…`, for the coverage page. */
export const dingtalkCalls: readonly string[] = routes.map(({ method, path }) => `${method} ${readable(path)}`)

function readable(path: string | RegExp): string {
  if (typeof path === 'string') return path
  const text = path.source.replace(/^\^|\$$/g, '').replace(/\\(.)/g, '$1')
  const names = [...(GROUP_NAMES[text.split('/')[2] ?? ''] ?? [])]
  if (text.includes('/sources/')) names[1] = 'sourceId'
  return text.replace(/\([^)]*\)/g, () => `:${names.shift()}`)
}

const SECOND_MS = 1000

/** Answer one API call of either generation: address, token, rate, quota, fields, then the route (vendor page 调用频率限制). */
export function answerApi(state: DingTalkState, request: ApiRequest): ApiReply {
  try {
    const candidates = routes.flatMap(route => {
      const parts = partsOf(route, request.path)
      return parts ? [{ route, parts }] : []
    })
    const match = candidates.find(({ route }) => route.method === request.method)
    if (!match) throw new DingTalkRefusal('InvalidAction.NotFound', `没有这个接口:${request.method} ${request.path}`, 404)
    const { route, parts } = match
    checkAddress(state, route)
    if (!route.open) checkToken(state, route, request)
    checkRate(state, route, request.path)
    if (route.metered) checkQuota(state, route)
    const body = bodyOf(route, request)
    checkFields(state, route, request, body)
    const reply = route.run({ state, request, query: request.query, body, parts })
    state.notifier.changed()
    if ('whole' in reply) return reply.whole as ApiReply
    return { body: route.generation === 'old' ? { errcode: 0, errmsg: 'ok', ...reply } : reply }
  } catch (error) {
    return refusalReply(error)
  }
}

function checkToken(state: DingTalkState, { generation }: Route, request: ApiRequest) {
  const given = generation === 'old' ? request.query.access_token : String(request.headers['x-acs-dingtalk-access-token'] ?? '')
  if ((state.tokens.get(given ?? '') ?? 0) > state.clock.now()) return
  if (generation === 'old') throw new OldApiRefusal(40014, '不合法的access_token')
  throw new DingTalkRefusal('InvalidAuthentication', '不合法的access_token')
}

function checkAddress(state: DingTalkState, { generation }: Route) {
  if (state.ipAllowed) return
  if (generation === 'old') throw new OldApiRefusal(60020, '访问ip不在白名单之中')
  throw new DingTalkRefusal('Forbidden.AccessDenied.IpNotInWhiteList', '访问ip不在白名单之中', 403)
}

function checkQuota(state: DingTalkState, { generation }: Route) {
  if (meter(state, 'api')) return
  if (generation === 'old') throw new OldApiRefusal(90020, '本月调用次数已用完')
  throw new DingTalkRefusal('Forbidden.AccessDenied.ApiCountLimitForOrg', '本月调用次数已用完', 403)
}

/** The limit protects machines, so it counts real time even when a test moves the clock. */
function checkRate(state: DingTalkState, { generation }: Route, path: string) {
  const now = performance.now()
  const recent = (state.recentCalls.get(path) ?? []).filter(at => now - at < SECOND_MS)
  state.recentCalls.set(path, recent)
  if (recent.length >= state.switches.callsPerSecond) {
    if (generation === 'old') throw new OldApiRefusal(90018, '调用太频繁')
    throw new DingTalkRefusal('Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', '调用太频繁', 403)
  }
  recent.push(now)
}

function bodyOf(route: Route, request: ApiRequest): Record<string, unknown> {
  if (route.raw || request.body.length === 0) return {}
  const body = objectOf(jsonOf(request.body))
  if (body) return body
  if (route.generation === 'old') throw new OldApiRefusal(40035, '请求体不是 JSON')
  throw new DingTalkRefusal('InvalidParameter', '请求体不是 JSON')
}
