import { randomUUID } from 'node:crypto'
import type { ApiReply } from '../kernel/http.ts'

/** An error of the new API: an HTTP status and `{code, message, requestid}` (vendor page 调用频率限制). */
export class DingTalkRefusal extends Error {
  readonly code: string
  readonly status: number

  constructor(code: string, message: string, status = 400) {
    super(message)
    this.name = 'DingTalkRefusal'
    this.code = code
    this.status = status
  }
}

/** An error of the old API: HTTP 200 with an errcode. */
export class OldApiRefusal extends Error {
  readonly errcode: number

  constructor(errcode: number, errmsg: string) {
    super(errmsg)
    this.name = 'OldApiRefusal'
    this.errcode = errcode
  }
}

/** The reply that tells an error; anything else is thrown on. */
export function refusalReply(error: unknown): ApiReply {
  if (error instanceof DingTalkRefusal) {
    return { status: error.status, body: { code: error.code, requestid: randomUUID(), message: error.message } }
  }
  if (error instanceof OldApiRefusal) return { body: { errcode: error.errcode, errmsg: error.message, request_id: randomUUID() } }
  throw error
}
