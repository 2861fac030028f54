import { timingSafeEqual } from 'node:crypto'
import Router from '@koa/router'
import type { Context } from 'koa'
import { randomId, sha256 } from '../../common/ids.ts'
import type { Services } from '../../handlers/kernel/services.ts'
import { readBody } from '../channels/shared/read-body.ts'
import { plainPage } from './page.ts'
import { SETUP_PERSON, type Sessions } from './session.ts'

const MAX_FORM_BYTES = 1_000

interface SetupToken {
  digest: string
  used: boolean
}

/** While nobody is an admin: a fresh one-time link, which replaces the one printed before. Null when there is an admin. */
export async function setupLink(services: Services): Promise<string | null> {
  if ((await services.organisation.current()).admins().length > 0) return null
  const token = randomId()
  await services.models.settings.set('setupToken', { digest: sha256(token), used: false } satisfies SetupToken)
  return `${services.links.admin()}?setup=${token}`
}

/** The stored token that this one opens; null when it is spent, replaced or wrong. */
async function unspent(services: Services, token: string): Promise<SetupToken | null> {
  const stored = await services.models.settings.get<SetupToken>('setupToken')
  if (!stored || stored.used || !token) return null
  return timingSafeEqual(Buffer.from(sha256(token)), Buffer.from(stored.digest)) ? stored : null
}

/**
 * The one-time link asks for one press, because chat clients open links by themselves; the press spends the link and opens the
 * admin page.
 */
export function setupRoutes(services: Services, sessions: Sessions): Router {
  const router = new Router()

  router.get('/admin/', async (ctx, next) => {
    if (ctx.query.setup === undefined) return next()
    const token = String(ctx.query.setup)
    ctx.set('cache-control', 'no-store')
    ctx.set('referrer-policy', 'no-referrer')
    if (!(await unspent(services, token))) return gone(ctx)
    const form = `<form method="post" action="/admin/setup"><input type="hidden" name="token" value="${/^[a-z0-9]+$/.test(token) ? token : ''}"><button>进入管理页</button></form>`
    ctx.type = 'html'
    ctx.body = plainPage({ title: '初始管理员', text: '这个链接只能使用一次。进入后请先把一位同事设为管理员。', html: form })
  })

  router.post('/admin/setup', async ctx => {
    const body = await readBody(ctx.req, MAX_FORM_BYTES)
    const token = new URLSearchParams(String(body ?? '')).get('token') ?? ''
    const stored = await unspent(services, token)
    const spent = stored && (await services.models.settings.swap('setupToken', stored, { ...stored, used: true }))
    if (!spent) return gone(ctx)
    await sessions.begin(ctx, SETUP_PERSON)
    ctx.redirect('/admin/')
  })

  return router
}

function gone(ctx: Context): void {
  ctx.status = 410
  ctx.type = 'html'
  ctx.body = plainPage({ title: '链接已失效', text: '这个管理链接已经用过或已被替换。请重新启动服务,使用最新打印的链接。' })
}
