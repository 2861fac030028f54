import type { Context } from 'koa'
import { DeniedError } from '../../common/errors.ts'

const hostOf = (address: string): string | undefined => (URL.canParse(address) ? new URL(address).host : undefined)

/** A page of another site cannot make the browser write here: its Origin differs. @throws DeniedError `http.foreign_origin` */
export function requireSameOrigin(ctx: Context, publicUrl: string): void {
  if (ctx.method === 'GET' || ctx.method === 'HEAD') return
  const origin = ctx.get('origin')
  const host = hostOf(origin)
  if (origin && host !== ctx.host && host !== hostOf(publicUrl)) throw new DeniedError('http.foreign_origin', '请求来源不正确。')
}
