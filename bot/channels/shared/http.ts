import { PlatformRefused, PlatformUnreachable } from '../../../common/errors.ts'

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  url: string
  /** What the request is, for errors and logs: a path without its query, which may carry a token. */
  label: string
  headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  body?: unknown
  /** Sent as multipart instead. */
  form?: FormData
  timeoutMs?: number
  signal?: AbortSignal
}

export interface HttpAnswer {
  status: number
  json: Record<string, unknown>
}

export type HttpCall = (request: HttpRequest) => Promise<HttpAnswer>

/** Longer than the 10 s within which fetch gives up connecting: a dead address then shows as "not connected" and not as a lost answer. */
const DEFAULT_TIMEOUT_MS = 15_000

/** Failures that happen before a byte of the request is written. */
const NEVER_ARRIVED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'PROXY_FAILED',
])

/**
 * One JSON request to a platform. Answers with JSON come back whatever their status: the caller knows the platform's codes.
 *
 * @throws PlatformUnreachable the request did not arrive (`applied: 'no'`), or its answer was lost, cut, or not JSON (`'unknown'`)
 * @throws PlatformRefused `channel.http_status` a 4xx answer that is not JSON
 */
export function createHttpCall(platformName: string, fetchLike: typeof fetch = fetch): HttpCall {
  const unreachable = (request: HttpRequest, applied: 'no' | 'unknown', found: { cause?: unknown; status?: number }) =>
    new PlatformUnreachable(`暂时连不上${platformName},请稍后再试。`, {
      applied,
      details: { call: request.label, ...(found.status !== undefined && { status: found.status }) },
      cause: found.cause,
    })

  return async request => {
    const timeout = AbortSignal.timeout(request.timeoutMs ?? DEFAULT_TIMEOUT_MS)
    let status: number
    let text: string
    try {
      const response = await fetchLike(request.url, {
        method: request.method,
        redirect: 'error',
        signal: request.signal ? AbortSignal.any([request.signal, timeout]) : timeout,
        headers: {
          accept: 'application/json',
          ...(request.body !== undefined && { 'content-type': 'application/json' }),
          ...request.headers,
        },
        ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
        ...(request.form && { body: request.form }),
      })
      status = response.status
      text = await response.text()
    } catch (error) {
      throw unreachable(request, neverArrived(error) ? 'no' : 'unknown', { cause: error })
    }
    const json = parseObject(text)
    if (json) return { status, json }
    if (status >= 400 && status < 500) {
      throw new PlatformRefused('channel.http_status', `${platformName}拒绝了这次请求(HTTP ${status})。`, {
        retryable: status === 429,
        details: { call: request.label, status },
      })
    }
    throw unreachable(request, 'unknown', { status })
  }
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** fetch wraps the socket's error in `cause`; with several addresses that is an AggregateError carrying the first one's code. */
function neverArrived(error: unknown): boolean {
  const cause = (error as { cause?: { code?: unknown; syscall?: unknown } } | null)?.cause
  return NEVER_ARRIVED.has(String(cause?.code)) || cause?.syscall === 'connect'
}

/** A failure on the way to the real request (a token fetch): whatever happened there, the request itself was not made. */
export function asNotApplied(error: unknown): unknown {
  return error instanceof PlatformUnreachable && error.applied === 'unknown'
    ? new PlatformUnreachable(error.message, { applied: 'no', details: error.details, cause: error })
    : error
}
