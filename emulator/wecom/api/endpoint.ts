import type { ApiReply, ApiRequest } from '../../kernel/http.ts'
import type { Shape } from '../../kernel/shape.ts'
import type { WeComState } from '../state.ts'

export interface WeComCall {
  state: WeComState
  request: ApiRequest
  query: Record<string, string>
  body: Record<string, unknown>
}

/** One API path: how it is called, which fields its page lists, what it does. */
export interface Endpoint {
  method: 'GET' | 'POST'
  /** Works without an access token. */
  open?: boolean
  /** Query parameters besides access_token. */
  query?: readonly string[]
  /** Body fields, with the errcode of each where the page names one; a call with a body that is not JSON sets `raw`. */
  fields?: Shape
  raw?: boolean
  /** The reply without errcode and errmsg, or a whole HTTP reply. */
  run(call: WeComCall): Record<string, unknown> | ReplyInFull
}

/** Marks a reply that is not the usual JSON. */
export interface ReplyInFull {
  whole: ApiReply
}

export type EndpointTable = Readonly<Record<string, Endpoint>>

export const isWhole = (reply: Record<string, unknown> | ReplyInFull): reply is ReplyInFull => 'whole' in reply

/** A list field of strings; anything else counts as empty. */
export const stringsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
