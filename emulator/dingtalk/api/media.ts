import { freshId } from '../../kernel/ids.ts'
import { filesOf } from '../../kernel/multipart.ts'
import { OldApiRefusal } from '../refusal.ts'
import type { Route } from './route.ts'

/** media/upload; vendor page 机器人收发消息. */
export const mediaRoutes: Route[] = [
  {
    method: 'POST',
    path: '/media/upload',
    generation: 'old',
    metered: true,
    raw: true,
    run: ({ state, request }) => {
      const file = filesOf(request.headers['content-type'], request.body)?.find(({ field }) => field === 'media')
      if (!file) throw new OldApiRefusal(40035, '缺少 media')
      const mediaId = freshId('@')
      state.files.set(mediaId, file)
      const type = file.contentType.startsWith('image/') ? 'image' : 'file'
      return { media_id: mediaId, type, created_at: state.clock.now() }
    },
  },
]
