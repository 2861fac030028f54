import { unknownFields } from '../../kernel/fields.ts'
import { type ApiReply, type ApiRequest, jsonOf } from '../../kernel/http.ts'
import { fieldsOfType } from '../card-fields.ts'
import { overLong } from '../display.ts'
import { refusalBody, WeComRefusal } from '../refusal.ts'
import type { CardJson, WeComState } from '../state.ts'
import { appchatEndpoints } from './appchat.ts'
import { baseEndpoints } from './base.ts'
import { contactEndpoints } from './contacts.ts'
import { type Endpoint, type EndpointTable, isWhole } from './endpoint.ts'
import { mediaEndpoints } from './media.ts'
import { oauthEndpoints } from './oauth.ts'
import { sendEndpoints } from './send.ts'
import { updateEndpoints } from './update.ts'

export { authorizePage } from './oauth.ts'

const endpoints: EndpointTable = {
  ...baseEndpoints,
  ...sendEndpoints,
  ...updateEndpoints,
  ...contactEndpoints,
  ...mediaEndpoints,
  ...appchatEndpoints,
  ...oauthEndpoints,
}

/** Answer one API call: gate, field tables, then the endpoint itself (the vendor pages 企业内部开发). Business errors are HTTP 200. */
export function answerApi(state: WeComState, request: ApiRequest): ApiReply {
  try {
    const endpoint = Object.hasOwn(endpoints, request.path) ? endpoints[request.path] : undefined
    if (!endpoint) return { status: 404, body: 'not found' }
    if (request.method !== endpoint.method) throw new WeComRefusal(40063, `use ${endpoint.method}`)
    if (!endpoint.open) checkToken(state, request.query.access_token)
    const body = bodyOf(endpoint, request)
    recordViolations(state, endpoint, request, body)
    const reply = endpoint.run({ state, request, query: request.query, body })
    state.notifier.changed()
    return isWhole(reply) ? reply.whole : { body: { errcode: 0, errmsg: 'ok', ...reply } }
  } catch (error) {
    if (error instanceof WeComRefusal) return { body: refusalBody(error.errcode, error.message) }
    throw error
  }
}

function checkToken(state: WeComState, token: string | undefined) {
  if (!token) throw new WeComRefusal(41001, 'access_token missing')
  const current = state.accessToken
  if (current?.value === token && !current.revoked && current.expiresAt > state.clock.now()) return
  if (current?.value === token || state.retiredTokens.has(token)) throw new WeComRefusal(42001, 'access_token expired')
  throw new WeComRefusal(40014, 'invalid access_token')
}

function bodyOf(endpoint: Endpoint, request: ApiRequest): Record<string, unknown> {
  if (endpoint.method === 'GET' || endpoint.raw) return {}
  const body = jsonOf(request.body)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new WeComRefusal(47001, 'data format error')
  return body as Record<string, unknown>
}

function recordViolations(state: WeComState, endpoint: Endpoint, request: ApiRequest, body: Record<string, unknown>) {
  const { path } = request
  const at = state.clock.now()
  const note = (kind: 'unknown_field' | 'over_length' | 'not_for_type', field: string, detail: string) =>
    state.violations.push({ at, path, kind, field, detail })
  const allowed = new Set(['access_token', ...(endpoint.query ?? [])])
  for (const name of Object.keys(request.query)) if (!allowed.has(name)) note('unknown_field', `?${name}`, '页面上没有这个参数')
  for (const field of unknownFields(endpoint.fields ?? {}, body)) note('unknown_field', field, '页面上没有这个字段')
  const card = body.template_card as CardJson | undefined
  if (typeof card !== 'object' || card === null) return
  for (const { field, detail } of overLong(card)) note('over_length', `template_card.${field}`, detail)
  const shown = fieldsOfType[String(card.card_type)]
  for (const field of Object.keys(card)) {
    if (shown && !shown.has(field)) note('not_for_type', `template_card.${field}`, `${String(card.card_type)} 不显示这个字段`)
  }
}
