import type { ErrorBody } from '../../../common/contract/page.ts'

/** What a screen can do about it. `offline`: the server was not reached, so nothing is known about what it did. */
export type ProblemKind = 'offline' | 'login' | 'forbidden' | 'missing' | 'conflict' | 'invalid' | 'server'

export interface ProblemParts {
  code: string
  message: string
  status?: number
  fields?: Record<string, string>
  details?: Record<string, unknown>
}

/** The one kind of failure screens see. `message` is a Chinese sentence for the person, `code` is stable. */
export class Problem extends Error {
  readonly kind: ProblemKind
  readonly code: string
  readonly fields: Record<string, string>
  readonly details: Record<string, unknown>

  constructor(kind: ProblemKind, parts: ProblemParts) {
    super(parts.message)
    this.name = 'Problem'
    this.kind = kind
    this.code = parts.code
    this.fields = parts.fields ?? {}
    this.details = parts.details ?? {}
  }
}

const KIND_BY_STATUS: Record<number, ProblemKind> = {
  400: 'invalid',
  401: 'login',
  403: 'forbidden',
  404: 'missing',
  409: 'conflict',
  413: 'invalid',
  422: 'invalid',
}

const FALLBACK_MESSAGE: Record<ProblemKind, string> = {
  offline: '网络连不上,请检查后重试。',
  login: '登录已过期,请重新登录。',
  forbidden: '您没有权限查看或操作这项内容。',
  missing: '找不到这项内容,它可能已被删除。',
  conflict: '内容刚刚有变化,请查看最新状态。',
  invalid: '有些内容还需要修改。',
  server: '服务暂时出了问题,请稍后重试。',
}

/** A refusal as the server words it; a body that is not an {@link ErrorBody} (a proxy's page) gets our own words. */
export function problemFromAnswer(status: number, body: unknown): Problem {
  const kind = KIND_BY_STATUS[status] ?? 'server'
  const error = (body as Partial<ErrorBody> | null)?.error
  if (error && typeof error.code === 'string' && typeof error.message === 'string') return new Problem(kind, error)
  return new Problem(kind, { code: `http.${status}`, message: FALLBACK_MESSAGE[kind] })
}

/** The server was not reached, or did not answer in time. */
export const offlineProblem = (code: 'network.unreachable' | 'network.timeout') =>
  new Problem('offline', { code, message: code === 'network.timeout' ? '等了很久没有回应,请重试。' : FALLBACK_MESSAGE.offline })

/** Whatever was thrown, as a Problem. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  return new Problem('server', { code: 'app.failed', message: '页面出了点问题,请重试。' })
}
