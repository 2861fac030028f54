import Router from '@koa/router'
import { InvalidError, NotFoundError } from '../../common/errors.ts'
import type { PageSigner } from '../../handlers/kernel/ports.ts'

const MAX_URL = 2_000

/**
 * `GET /api/jsapi/:platform?url=`: the values that a page of ours hands to the vendor's `config` before it may use the client's JSAPI. Only pages below
 * `PUBLIC_URL` are signed: a signature is a permission.
 */
export function jsapiRoutes(signers: ReadonlyMap<string, PageSigner>, publicUrl: string): Router {
  const home = new URL(publicUrl)
  const router = new Router({ prefix: '/api/jsapi' })
  router.get('/:platform', async ctx => {
    const signer = signers.get(String(ctx.params.platform))
    if (!signer) throw new NotFoundError('auth.no_provider', '没有接入这个平台。')
    const url = typeof ctx.query.url === 'string' ? ctx.query.url : ''
    if (url.length > MAX_URL || !URL.canParse(url) || !isOurs(new URL(url), home))
      throw new InvalidError('jsapi.foreign_page', '只能为本系统的页面签名。')
    ctx.set('cache-control', 'no-store')
    ctx.body = await signer.sign(url)
  })
  return router
}

const isOurs = (page: URL, home: URL): boolean =>
  page.origin === home.origin && `${page.pathname}/`.startsWith(home.pathname.replace(/\/*$/, '/'))
