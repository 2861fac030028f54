import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import type { Context } from 'koa'
import { z } from 'zod'
import type { AuthOptions } from '../../common/contract/people.ts'
import { AppError, asAppError, DeniedError, NotFoundError } from '../../common/errors.ts'
import { randomId } from '../../common/ids.ts'
import { parseInput } from '../../handlers/kernel/execute.ts'
import type { LoginProvider } from '../../handlers/kernel/ports.ts'
import type { Services } from '../../handlers/kernel/services.ts'
import { personBehind } from '../../handlers/people/index.ts'
import { requireSameOrigin } from './origin.ts'
import type { Sessions } from './session.ts'

export interface AuthRouteOptions {
  services: Services
  sessions: Sessions
  logins: ReadonlyMap<string, LoginProvider>
  /** Public ids that DingTalk's client wants before it gives a code. */
  dingtalk: { corpId: string; clientId: string } | null
}

const HERE = 'http://here'
const HOME = '/m/'
/** Everything behind them is a hash route. */
const PAGES = new Set([HOME, '/admin/'])
/** It travels in a cookie, and browsers drop large ones. */
const MAX_LANDING = 1_000

/** Where a login may lead: a page of ours, never another site. */
function landing(raw: unknown): string {
  const given = typeof raw === 'string' ? raw : ''
  const to = given.startsWith('#/') ? `${HOME}${given}` : given
  if (to.length > MAX_LANDING || !/^\/[^\s\\]*$/.test(to)) return HOME
  const url = new URL(to, HERE)
  return url.origin === HERE && PAGES.has(url.pathname) ? `${url.pathname}${url.search}${url.hash}` : HOME
}

/** The landing page with the phone's slot kept in its query. */
function withSlot(to: string, slot: string | null, platform: string): string {
  if (!slot) return to
  const url = new URL(to, HERE)
  url.searchParams.set('slot', slot)
  url.searchParams.set('via', platform)
  return `${url.pathname}${url.search}${url.hash}`
}

/** `/api/auth/`: login through the platforms, inside their clients and from a plain browser. */
export function authRoutes({ services, sessions, logins, dingtalk }: AuthRouteOptions): Router {
  const router = new Router({ prefix: '/api/auth' })
  router.use((ctx, next) => {
    requireSameOrigin(ctx, services.links.base)
    return next()
  })

  async function admit(provider: LoginProvider, code: string, kind: 'redirect' | 'client'): Promise<string> {
    const identity = await provider.exchange(code, kind)
    const person = await personBehind(services, identity)
    if (!person) throw new DeniedError('person.unknown', '您的账号不在应用的可见范围内,请联系管理员。')
    return person._id
  }

  const providerOf = (ctx: Context): LoginProvider => {
    const provider = logins.get(String(ctx.params.platform))
    if (!provider) throw new NotFoundError('auth.no_provider', '没有接入这个平台。')
    return provider
  }

  router.get('/options', async ctx => {
    ctx.set('cache-control', 'no-store')
    ctx.body = { companyName: await services.companyName(), wecom: logins.has('wecom'), dingtalk } satisfies AuthOptions
  })

  router.post('/logout', ctx => {
    sessions.end(ctx)
    ctx.body = { ok: true }
  })

  router.post('/dingtalk', bodyParser({ enableTypes: ['json'] }), async ctx => {
    const provider = logins.get('dingtalk')
    if (!provider) throw new NotFoundError('auth.no_provider', '没有接入钉钉。')
    const { code } = parseInput(z.object({ code: z.string().min(1).max(512) }), ctx.request.body)
    await sessions.begin(ctx, await admit(provider, code, 'client'))
    ctx.body = { ok: true }
  })

  router.get('/:platform', async ctx => {
    const provider = providerOf(ctx)
    // The cookie must be set on the host that the platform sends people back to.
    const home = new URL(services.links.base)
    // Once only: a balancer may hand on another host name.
    if (ctx.host !== home.host && ctx.query.home === undefined) {
      return ctx.redirect(
        `${services.links.base}${ctx.path}?${new URLSearchParams({ ...(ctx.query as Record<string, string>), home: '1' })}`,
      )
    }
    const state = randomId()
    await sessions.depart(ctx, state, { to: landing(ctx.query.to), slot: sessions.slotOf(ctx) })
    ctx.redirect(provider.authorizeUrl({ redirectUri: services.links.loginCallback(provider.platform), state }))
  })

  router.get('/:platform/callback', async ctx => {
    const provider = providerOf(ctx)
    const pending = await sessions.arrive(ctx, String(ctx.query.state ?? ''))
    try {
      if (!pending) throw new AppError('auth.state_invalid', '登录已超时,请重试。')
      const code = String(ctx.query.code ?? ctx.query.authCode ?? '')
      if (!code) throw new AppError('auth.denied', '没有获得授权,请重试。')
      await sessions.begin(ctx, await admit(provider, code, 'redirect'), pending.slot)
      ctx.redirect(withSlot(pending.to, pending.slot, provider.platform))
    } catch (error) {
      const failure = asAppError(error)
      // Web views and link scanners fetch this address twice; the second time the code is spent and the session is there.
      if (pending && failure.code === 'auth.code_invalid' && (await sessions.read(ctx))) {
        return ctx.redirect(withSlot(pending.to, pending.slot, provider.platform))
      }
      services.log.warn({ code: failure.code, platform: provider.platform }, 'a login failed')
      ctx.redirect(withSlot(`/m/#/login?login_error=${encodeURIComponent(failure.code)}`, pending?.slot ?? null, ''))
    }
  })

  return router
}
