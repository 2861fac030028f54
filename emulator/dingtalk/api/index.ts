import { type ApiReply, type ApiRequest, jsonOf } from '../../kernel/http.ts'
import { DingTalkRefusal, OldApiRefusal, refusalReply } from '../refusal.ts'
import type { DingTalkState } from '../state.ts'
import { cardRoutes } from './cards.ts'
import { contactRoutes } from './contacts.ts'
import { mediaRoutes } from './media.ts'
import { robotRoutes } from './robot.ts'
import { objectOf, partsOf, type Route, recordUnknown } from './route.ts'
import { todoRoutes } from './todo.ts'
import { tokenRoutes } from './tokens.ts'

export { issueCode, loginPage } from './login.ts'

const routes: Route[] = [...tokenRoutes, ...robotRoutes, ...cardRoutes, ...contactRoutes, ...todoRoutes, ...mediaRoutes]

const SECOND_MS = 1000

/** Answer one API call of either generation: token, rate, fields, then the route (vendor page 调用频率限制). */
export function answerApi(state: DingTalkState, request: ApiRequest): ApiReply {
  try {
    const candidates = routes.flatMap(route => {
      const parts = partsOf(route, request.path)
      return parts ? [{ route, parts }] : []
    })
    const match = candidates.find(({ route }) => route.method === request.method)
    if (!match) throw new DingTalkRefusal('InvalidAction.NotFound', `没有这个接口:${request.method} ${request.path}`, 404)
    const { route, parts } = match
    if (!route.open) checkToken(state, route, request)
    checkRate(state, route, request.path)
    const body = bodyOf(route, request)
    recordUnknown(state, route, request.path, body)
    if (route.metered) state.usage.api += 1
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
