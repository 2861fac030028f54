import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import type { Context } from 'koa'
import type { Me } from '../../common/contract/people.ts'
import { AppError, DeniedError, InvalidError, NotFoundError, UnauthenticatedError } from '../../common/errors.ts'
import { deriveId } from '../../common/ids.ts'
import type { Viewer } from '../../engine/policy/index.ts'
import type { Catalogue } from '../../handlers/catalogue.ts'
import type { Query } from '../../handlers/kernel/command.ts'
import { ask, execute } from '../../handlers/kernel/execute.ts'
import type { Services } from '../../handlers/kernel/services.ts'
import { fileRoutes } from './files.ts'
import { requireSameOrigin } from './origin.ts'
import { SETUP_PERSON, type Sessions } from './session.ts'

const IDEMPOTENCY_KEY = /^[A-Za-z0-9_-]{8,100}$/

const SETUP_VIEWER: Viewer = { personId: SETUP_PERSON, subtreePersonIds: [SETUP_PERSON], roles: [], isAdmin: true }

/** Who asks, from the session. @throws UnauthenticatedError when nobody is logged in or the person left */
export function createViewerOf(services: Services, sessions: Sessions) {
  return async (ctx: Context): Promise<Viewer> => {
    const personId = await sessions.read(ctx)
    if (!personId) throw new UnauthenticatedError()
    const organisation = await services.organisation.current()
    if (personId === SETUP_PERSON) {
      if (organisation.admins().length > 0)
        throw new UnauthenticatedError('已有管理员,初始链接不再有效。请用管理员账号登录。', 'auth.expired')
      return SETUP_VIEWER
    }
    const person = organisation.person(personId)
    if (!person?.active) throw new UnauthenticatedError('登录已失效,请重新登录。', 'auth.expired')
    return organisation.viewer(personId)
  }
}

/** Whoever came by the one-time link arranges people and nothing else; records need a real person behind them. */
function requirePerson(viewer: Viewer, { name, surfaces }: Pick<Query, 'name' | 'surfaces'>): void {
  if (viewer.personId !== SETUP_PERSON || surfaces.includes('admin') || name === 'people.search') return
  throw new DeniedError('auth.setup_only', '初始管理员只能设置人员。其他操作请用自己的账号登录。')
}

export interface ApiOptions {
  services: Services
  catalogue: Catalogue
  sessions: Sessions
  demo: boolean
}

/** `/api/`: the mini-app's calls. One route serves all commands, one all queries; what they are is declared in the catalogue. */
export function apiRoutes({ services, catalogue, sessions, demo }: ApiOptions): Router {
  const router = new Router({ prefix: '/api' })
  const viewerOf = createViewerOf(services, sessions)

  router.use(async (ctx, next) => {
    ctx.set('cache-control', 'no-store')
    requireSameOrigin(ctx, services.links.base)
    await next()
  })

  router.get('/me', async ctx => {
    const viewer = await viewerOf(ctx)
    if (viewer.personId === SETUP_PERSON) {
      ctx.body = {
        person: { id: SETUP_PERSON, name: '初始管理员', departments: [], platforms: [], roles: [], isAdmin: true },
        companyName: await services.companyName(),
        timeZone: services.time.timeZone,
        badges: { approvals: 0, todos: 0 },
        isSetup: true,
        demo,
      } satisfies Me
      return
    }
    const query = catalogue.queries.get('people.me')
    if (!query) throw new NotFoundError('command.unknown', '没有这个功能。')
    ctx.body = { ...((await ask(services, query, {}, viewer, 'h5')) as object), demo }
  })

  router.get('/queries/:name', async ctx => {
    const viewer = await viewerOf(ctx)
    const query = catalogue.queries.get(String(ctx.params.name))
    if (!query) throw new NotFoundError('command.unknown', '没有这个功能。')
    requirePerson(viewer, query)
    const answer = await ask(services, query, readInput(ctx.query.input), viewer, 'h5')
    ctx.type = 'json'
    // Koa would answer null with 204 and no body.
    ctx.body = answer ?? 'null'
  })

  router.post('/commands/:name', bodyParser({ jsonLimit: '1mb', enableTypes: ['json'] }), async ctx => {
    const viewer = await viewerOf(ctx)
    const command = catalogue.commands.get(String(ctx.params.name))
    if (!command) throw new NotFoundError('command.unknown', '没有这个功能。')
    requirePerson(viewer, command)
    const key = ctx.get('idempotency-key')
    if (!IDEMPOTENCY_KEY.test(key)) throw new InvalidError('http.idempotency_key', '缺少 Idempotency-Key。')
    ctx.body = await execute(services, command, ctx.request.body ?? {}, {
      actor: viewer,
      commandId: deriveId('h5', viewer.personId, command.name, key),
      via: 'h5',
      surface: 'h5',
    })
  })

  fileRoutes(router, services, viewerOf)
  return router
}

function readInput(raw: unknown): unknown {
  if (raw === undefined) return {}
  try {
    return JSON.parse(String(raw))
  } catch {
    throw new AppError('http.bad_request', '请求无法识别。')
  }
}
