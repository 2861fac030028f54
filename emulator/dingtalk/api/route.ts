import type { ApiReply, ApiRequest } from '../../kernel/http.ts'
import { type Complaint, checkShape, type Shape } from '../../kernel/shape.ts'
import { DingTalkRefusal, OldApiRefusal } from '../refusal.ts'
import type { DingTalkState } from '../state.ts'

export interface DingTalkCall {
  state: DingTalkState
  request: ApiRequest
  query: Record<string, string>
  body: Record<string, unknown>
  /** The groups of the path's pattern. */
  parts: string[]
}

/** One API path of either generation. */
export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** A full path, or a pattern whose groups become `parts`. */
  path: string | RegExp
  /** Old: token in the query, errcode in the reply. New: token in a header, HTTP status. */
  generation: 'old' | 'new'
  /** Works without an access token. */
  open?: boolean
  /** Counts against the monthly API quota (vendor page 不纳入调用量限制的接口清单). */
  metered?: boolean
  /** The body is not JSON. */
  raw?: boolean
  /** The page's table of the body; absent: the call has none. */
  fields?: Shape
  /** The page's table of the query, beside the token. */
  query?: Shape
  /** The page's error for a field that has none of its own. */
  badField?: string
  /** The reply's body; the old generation gets errcode 0 added. */
  run(call: DingTalkCall): Record<string, unknown> | ReplyInFull
}

export interface ReplyInFull {
  whole: ApiReply
}

/** The groups of a route's pattern, or undefined when the path is another. */
export function partsOf(route: Route, path: string): string[] | undefined {
  if (typeof route.path === 'string') return route.path === path ? [] : undefined
  return route.path.exec(path)?.slice(1).map(decodeURIComponent)
}

/** Hold a request against its page: everything wrong is noted, the first of it is the platform's answer. */
export function checkFields(
  state: DingTalkState,
  route: Route,
  { path, query }: ApiRequest,
  body: Record<string, unknown>,
): void {
  if (route.raw) return
  const { access_token: _token, ...asked } = query
  const found = [...checkShape(route.query ?? {}, asked, 'query'), ...checkShape(route.fields ?? {}, body)]
  for (const { kind, field, detail } of found) state.violations.push({ at: state.clock.now(), path, kind, field, detail })
  const [first] = found
  if (first) throw refusalOf(route, first)
}

function refusalOf({ generation, badField }: Route, { field, detail, code }: Complaint) {
  const words = `${field}:${detail}`
  const given = code ?? badField
  return generation === 'old'
    ? new OldApiRefusal(Number(given ?? 400002), words)
    : new DingTalkRefusal(given ?? 'invalidParameter', words)
}

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

export const stringsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []

export const objectOf = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
