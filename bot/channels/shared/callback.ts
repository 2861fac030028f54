import type { Context, Middleware } from 'koa'
import type { ErrorDetails } from '../../../common/errors.ts'
import { readBody } from './read-body.ts'

/** What a platform's HTTP request is answered with. */
export interface CallbackAnswer {
  status: number
  body: string
  type?: string
}

/** Refuse with a stable code and nothing else: a stranger learns no more than that. */
export const refusal = (status: number, code: string, details?: ErrorDetails): CallbackAnswer => ({
  status,
  type: 'application/json',
  body: JSON.stringify({ error: { code, ...(details && { details }) } }),
})

/** The largest body that a platform's callback may have, in bytes. */
export const MAX_CALLBACK_BYTES = 1024 * 1024

/**
 * Koa middleware around a plain callback function. Mount it on its route before any body parser: signatures cover the raw bytes.
 */
export function asKoa(
  handle: (ctx: Context, body: Buffer) => Promise<CallbackAnswer>,
  tooLarge: () => CallbackAnswer,
): Middleware {
  return async ctx => {
    const body = ctx.method === 'GET' ? EMPTY : await readBody(ctx.req, MAX_CALLBACK_BYTES)
    const answer = body === null ? tooLarge() : await handle(ctx, body)
    if (body === null) ctx.set('Connection', 'close')
    ctx.status = answer.status
    if (answer.type) ctx.type = answer.type
    ctx.body = answer.body
  }
}

const EMPTY = Buffer.alloc(0)
