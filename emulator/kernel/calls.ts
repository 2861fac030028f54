/** One API call that reached an emulator; tokens and secrets read `***`. */
export interface ApiCall {
  at: number
  method: string
  path: string
  query: Record<string, string>
  body: unknown
  status: number
  reply: unknown
  ms: number
  /** Set when an injected fault destroyed the connection. */
  dropped?: 'before' | 'after'
}

const KEPT = 20_000
const SECRET =
  /^(access_token|accesstoken|corpsecret|appsecret|clientsecret|client_secret|secret|refreshtoken|ticket|jsapiticket|session|appkeysecret)$/i

/** A copy in which values of secret names read `***`; only the top level carries any on these platforms. */
export function masked(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Buffer.isBuffer(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, SECRET.test(key) ? '***' : entry]))
}

/** Append to a call log and drop its oldest entries, so that a long bench does not grow without end. */
export function logCall(calls: ApiCall[], call: ApiCall): void {
  calls.push(call)
  if (calls.length > KEPT) calls.splice(0, calls.length - KEPT)
}
