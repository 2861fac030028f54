import type { Middleware } from 'koa'
import type { ErrorBody } from '../../common/contract/page.ts'
import { asAppError } from '../../common/errors.ts'
import type { Log } from '../../handlers/kernel/services.ts'

/** The first middleware: whatever was thrown becomes one JSON refusal with a stable code; only unexpected failures are logged in full. */
export function answerErrors(log: Log): Middleware {
  return async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      const status = (error as { status?: unknown }).status
      const failure = asAppError(error)
      if (failure.code === 'internal' && typeof status === 'number' && status < 500) {
        // The framework's own refusals: too large a body, broken JSON.
        ctx.status = status
        const refused =
          status === 413
            ? { code: 'http.body_too_large', message: '内容太大,没有保存。请缩短后再提交。' }
            : { code: 'http.bad_request', message: '请求无法识别。' }
        ctx.body = { error: refused } satisfies ErrorBody
        return
      }
      if (failure.status >= 500) {
        log.error(
          { code: failure.code, path: ctx.path, err: error instanceof Error ? (error.stack ?? error.message) : String(error) },
          'a request failed',
        )
      }
      const { fields, ...details } = failure.details
      ctx.status = failure.status
      ctx.body = {
        error: {
          code: failure.code,
          message: failure.message,
          ...(fields !== undefined && { fields: fields as Record<string, string> }),
          ...(Object.keys(details).length > 0 && { details }),
        },
      } satisfies ErrorBody
    }
  }
}
