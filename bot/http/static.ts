import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { send } from '@koa/send'
import type { Middleware } from 'koa'

const YEAR_MS = 365 * 24 * 3600 * 1000

/** The built mini-app: `/m/` for employees, `/admin/` for the admin page. Hashed assets are kept for a year, pages are asked anew. */
export function miniappFiles(root: string): Middleware {
  return async (ctx, next) => {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return next()
    if (ctx.path === '/') return ctx.redirect('/m/')
    if (ctx.path === '/m' || ctx.path === '/admin') return ctx.redirect(`${ctx.path}/${ctx.search}`)
    const page = ctx.path === '/m/' ? 'index.html' : ctx.path === '/admin/' ? 'admin.html' : null
    if (page) {
      if (!existsSync(join(root, page))) return next()
      ctx.set('cache-control', 'no-cache')
      await send(ctx, page, { root })
      return
    }
    if (!ctx.path.startsWith('/m/')) return next()
    const file = ctx.path.slice('/m/'.length)
    if (!existsSync(join(root, file))) return next()
    await send(ctx, file, { root, maxAge: file.startsWith('assets/') ? YEAR_MS : 0, immutable: file.startsWith('assets/') })
  }
}
