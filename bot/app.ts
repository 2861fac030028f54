import Koa, { type Middleware } from 'koa'
import helmet from 'koa-helmet'
import type { Services } from '../handlers/kernel/services.ts'
import { answerErrors } from './http/errors.ts'

export interface AppParts {
  services: Services
  /** Read the raw body themselves; mounted before everything else that reads one. */
  callbacks: readonly { path: string; handler: Middleware }[]
  routes: readonly Middleware[]
}

const SECURITY = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:', 'blob:'],
      connectSrc: ["'self'"],
      frameSrc: ["'self'"],
      frameAncestors: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      objectSrc: ["'none'"],
    },
  },
  crossOriginEmbedderPolicy: false,
  strictTransportSecurity: false,
  frameguard: { action: 'sameorigin' },
})

/** The HTTP side of the service: callbacks first and bare, then headers, errors and routes. */
export function createApp({ services, callbacks, routes }: AppParts): Koa {
  const app = new Koa()
  app.silent = true
  app.on('error', error => services.log.warn({ code: 'http.failed', err: String(error) }, 'a response was cut short'))
  for (const { path, handler } of callbacks) {
    app.use((ctx, next) => (ctx.path === path || ctx.path === `${path}/` ? handler(ctx, next) : next()))
  }
  app.use(answerErrors(services.log))
  app.use(SECURITY)
  for (const route of routes) app.use(route)
  app.use(ctx => {
    ctx.status = 404
    ctx.body = { error: { code: 'http.not_found', message: '没有这个页面。' } }
  })
  return app
}
