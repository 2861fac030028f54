import type { Violation } from '../../kernel/fields.ts'
import { type ApiReply, type ApiRequest, jsonOf } from '../../kernel/http.ts'
import { checkShape } from '../../kernel/shape.ts'
import { fieldsOfType } from '../card-fields.ts'
import { overLong } from '../display.ts'
import { countCall } from '../quota.ts'
import { refusalBody, WeComRefusal } from '../refusal.ts'
import type { CardJson, WeComState } from '../state.ts'
import { appchatEndpoints } from './appchat.ts'
import { baseEndpoints } from './base.ts'
import { contactEndpoints } from './contacts.ts'
import { type Endpoint, type EndpointTable, isWhole } from './endpoint.ts'
import { externalEndpoints } from './external.ts'
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
  ...externalEndpoints,
}

/** Everybody calls from this machine. */
const CALLER_IP = '127.0.0.1'
/** The page names no errcode for this field: 不合法的参数 †. */
const INVALID_PARAMETER = 40058

/** Every API path that is played; the coverage page counts them. */
export const emulatedPaths = (): string[] => Object.keys(endpoints).sort()

/** Answer one API call: gate, field tables, then the endpoint itself (the vendor pages 企业内部开发). Business errors are HTTP 200. */
export function answerApi(state: WeComState, request: ApiRequest): ApiReply {
  try {
    const endpoint = Object.hasOwn(endpoints, request.path) ? endpoints[request.path] : undefined
    if (!endpoint) return { status: 404, body: 'not found' }
    if (request.method !== endpoint.method) throw new WeComRefusal(40063, `use ${endpoint.method}`)
    if (!endpoint.open) checkToken(state, request.query.access_token)
    if (!endpoint.open && !state.enabled) throw new WeComRefusal(50003, 'app disabled')
    // The address of the caller is looked at for every call but the one that gets the token.
    if (!endpoint.open && state.trustedIps && !state.trustedIps.includes(CALLER_IP)) {
      throw new WeComRefusal(60020, `not allow to access from your ip`)
    }
    countCall(state, request.path)
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
  const note = (kind: Violation['kind'], field: string, detail: string) =>
    state.violations.push({ at, path, kind, field, detail })
  const allowed = new Set(['access_token', ...(endpoint.query ?? [])])
  for (const name of Object.keys(request.query)) if (!allowed.has(name)) note('unknown_field', `?${name}`, '页面上没有这个参数')
  const complaints = checkShape(endpoint.fields ?? {}, body)
  for (const { kind, field, detail } of complaints) note(kind, field, detail)
  noteCard(body, note)
  // An unknown field is ignored by the platform; a wrong or missing one is not.
  const refused = complaints.find(({ kind }) => kind !== 'unknown_field')
  if (refused) throw new WeComRefusal(Number(refused.code ?? INVALID_PARAMETER), `${refused.field}: ${refused.detail}`)
}

function noteCard(body: Record<string, unknown>, note: (kind: Violation['kind'], field: string, detail: string) => void) {
  const card = body.template_card as CardJson | undefined
  if (typeof card !== 'object' || card === null) return
  for (const { field, detail } of overLong(card)) note('over_length', `template_card.${field}`, detail)
  const shown = fieldsOfType[String(card.card_type)]
  for (const field of Object.keys(card)) {
    if (shown && !shown.has(field)) note('not_for_type', `template_card.${field}`, `${String(card.card_type)} 不显示这个字段`)
  }
}
