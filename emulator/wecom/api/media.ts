import { freshId } from '../../kernel/ids.ts'
import { filesOf } from '../../kernel/multipart.ts'
import { WeComRefusal } from '../refusal.ts'
import type { EndpointTable } from './endpoint.ts'

const LIFE_MS = 3 * 86_400_000
const LIMIT_BYTES: Record<string, number> = { image: 10, voice: 2, video: 10, file: 20 }
const MEGABYTE = 1024 * 1024

/** media/upload and media/get; vendor page 发送应用消息. */
export const mediaEndpoints: EndpointTable = {
  '/cgi-bin/media/upload': {
    method: 'POST',
    query: ['type'],
    raw: true,
    run: ({ state, query, request }) => {
      const type = query.type ?? ''
      const limit = LIMIT_BYTES[type]
      if (limit === undefined) throw new WeComRefusal(40004, 'invalid media type')
      const file = filesOf(request.headers['content-type'], request.body)?.find(({ field }) => field === 'media')
      if (!file) throw new WeComRefusal(41005, 'media missing')
      if (file.bytes.length <= 5) throw new WeComRefusal(40006, 'invalid media size')
      if (file.bytes.length > limit * MEGABYTE) throw new WeComRefusal(45001, 'media size out of limit')
      const mediaId = freshId('MEDIA')
      const now = state.clock.now()
      state.media.set(mediaId, { ...file, type, expiresAt: now + LIFE_MS })
      return { type, media_id: mediaId, created_at: String(Math.floor(now / 1000)) }
    },
  },
  '/cgi-bin/media/get': {
    method: 'GET',
    query: ['media_id'],
    run: ({ state, query }) => {
      const file = state.media.get(query.media_id ?? '')
      if (!file || file.expiresAt < state.clock.now()) throw new WeComRefusal(40007, 'invalid media_id')
      const disposition = `attachment; filename="${encodeURIComponent(file.filename)}"`
      return { whole: { headers: { 'content-type': file.contentType, 'content-disposition': disposition }, body: file.bytes } }
    },
  },
}
