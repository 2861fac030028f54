import { type FieldTable, plain, unknownFields } from '../../kernel/fields.ts'
import type { ApiReply, ApiRequest } from '../../kernel/http.ts'
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
  /** Counts against the monthly API quota. */
  metered?: boolean
  /** The body is not JSON. */
  raw?: boolean
  fields?: FieldTable
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

/** Note every field that the route's page does not list. */
export function recordUnknown(state: DingTalkState, route: Route, path: string, body: Record<string, unknown>): void {
  if (!route.fields) return
  for (const field of unknownFields(route.fields, body)) {
    state.violations.push({ at: state.clock.now(), path, kind: 'unknown_field', field, detail: '页面上没有这个字段' })
  }
}

export { plain }

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

export const stringsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []

export const objectOf = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
