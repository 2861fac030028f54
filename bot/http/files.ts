import type Router from '@koa/router'
import type { Context } from 'koa'
import { AppError, NotFoundError } from '../../common/errors.ts'
import { deriveId, randomId } from '../../common/ids.ts'
import { cleanName } from '../../common/names.ts'
import { canSee, type Viewer } from '../../engine/policy/index.ts'
import type { Services } from '../../handlers/kernel/services.ts'
import { readBody } from '../channels/shared/read-body.ts'

const MAX_FILE_BYTES = 20 * 1024 * 1024
const MEDIA_TYPE = /^[a-z0-9.+-]+\/[a-z0-9.+-]+$/i

/** `POST /api/files?name=` takes the bytes as they are; `GET /api/files/:id` gives them to whoever may see a record they hang on. */
export function fileRoutes(router: Router, services: Services, viewerOf: (ctx: Context) => Promise<Viewer>): void {
  router.post('/files', async ctx => {
    const viewer = await viewerOf(ctx)
    const name = cleanName(String(ctx.query.name ?? ''), 120).replace(/[\\/]/g, '_')
    if (!name) throw new AppError('file.no_name', '文件没有名字。')
    const bytes = await readBody(ctx.req, MAX_FILE_BYTES)
    if (bytes === null) {
      ctx.set('connection', 'close')
      throw new AppError('file.too_large', '文件超过 20 MB,请压缩后再上传。', { status: 413 })
    }
    if (bytes.length === 0) throw new AppError('file.empty', '文件是空的。')
    const type = ctx.get('content-type').split(';')[0]?.trim() ?? ''
    const id = deriveId('file', viewer.personId, ctx.get('idempotency-key') || randomId())
    const stored = await services.models.files.put({
      id,
      name,
      type: MEDIA_TYPE.test(type) ? type : 'application/octet-stream',
      ownerId: viewer.personId,
      bytes,
    })
    const { ownerId: _, ...file } = stored
    ctx.body = file
  })

  router.get('/files/:id', async ctx => {
    const viewer = await viewerOf(ctx)
    const [file] = await services.models.files.find([String(ctx.params.id)])
    const [contracts, requests] = file
      ? await Promise.all([services.models.contracts.withAttachment(file.id), services.models.requests.withAttachment(file.id)])
      : [[], []]
    const allowed =
      file &&
      (file.ownerId === viewer.personId ||
        contracts.some(contract => canSee(viewer, 'contracts', contract)) ||
        requests.some(request => canSee(viewer, 'cases', request)))
    // Whether a foreign file exists is nobody's business.
    if (!file || !allowed) throw new NotFoundError('file.unknown', '没有找到这个文件。')
    ctx.set('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`)
    ctx.set('x-content-type-options', 'nosniff')
    ctx.type = file.type
    ctx.length = file.sizeBytes
    ctx.body = services.models.files.open(file.id)
  })
}
