/** What a caller may learn beside the code: small, safe to show and to log. */
export type ErrorDetails = Readonly<Record<string, unknown>>

export interface AppErrorOptions {
  status?: number
  details?: ErrorDetails
  cause?: unknown
}

/**
 * The one error family. `code` is stable and machine-readable (`approval.already_decided`), `message` is a Chinese sentence for
 * the person, `status` the HTTP status an edge answers with.
 */
export class AppError extends Error {
  readonly code: string
  readonly status: number
  readonly details: ErrorDetails

  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.status = options.status ?? 400
    this.details = options.details ?? {}
  }
}

/** The input does not make sense; the person can mend it. */
export class InvalidError extends AppError {
  constructor(code: string, message: string, details?: ErrorDetails) {
    super(code, message, { status: 400, ...(details && { details }) })
  }
}

/** Nobody is logged in, or the session ended. */
export class UnauthenticatedError extends AppError {
  constructor(message = '请先登录。', code = 'auth.required') {
    super(code, message, { status: 401 })
  }
}

/** The person is known and may not do or see this. */
export class DeniedError extends AppError {
  constructor(code: string, message: string, details?: ErrorDetails) {
    super(code, message, { status: 403, ...(details && { details }) })
  }
}

export class NotFoundError extends AppError {
  constructor(code: string, message: string) {
    super(code, message, { status: 404 })
  }
}

/** Somebody was faster; `details` carries the committed state. */
export class ConflictError extends AppError {
  constructor(code: string, message: string, details?: ErrorDetails) {
    super(code, message, { status: 409, ...(details && { details }) })
  }
}

/** The platform was reached and said no. `retryable` is true only where the answer proves that nothing was done. */
export class PlatformRefused extends AppError {
  readonly retryable: boolean
  constructor(code: string, message: string, options: { retryable?: boolean; details?: ErrorDetails; cause?: unknown } = {}) {
    super(code, message, { status: 502, ...options })
    this.retryable = options.retryable ?? false
  }
}

/** The platform was not reached, or its answer was lost. `applied: 'no'` only when the request certainly never arrived. */
export class PlatformUnreachable extends AppError {
  readonly applied: 'no' | 'unknown'
  constructor(message: string, options: { applied: 'no' | 'unknown'; cause?: unknown; details?: ErrorDetails }) {
    super('channel.unreachable', message, { status: 502, ...options })
    this.applied = options.applied
  }
}

/** Whatever was thrown, as an AppError; foreign errors become `internal` without their text. */
export function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  return new AppError('internal', '系统出了点问题,我们已记录。请稍后再试。', { status: 500, cause: error })
}
