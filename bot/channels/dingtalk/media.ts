import { z } from 'zod'
import { PlatformRefused } from '../../../common/errors.ts'
import type { Channel } from '../../../handlers/kernel/ports.ts'
import { createDownload } from '../shared/index.ts'
import type { DingTalkClient } from './client.ts'

/** The media token of an inbound file: `<download code>|<file name>`. */
export const packMedia = (downloadCode: string, name: string): string => `${downloadCode}|${name}`

const CALL = '/v1.0/robot/messageFiles/download'
const downloadAnswer = z.object({ downloadUrl: z.url() })
const MOST_BYTES = 20 * 1024 * 1024

/**
 * Fetch what somebody sent (page "下载机器人接收消息的文件内容"): a code is exchanged for a short-lived address.
 *
 * Refusals: `media.gone`, `media.too_large`.
 */
export function createMediaFetcher(
  robotCode: string,
  client: DingTalkClient,
  fetchLike?: typeof fetch,
): NonNullable<Channel['fetchMedia']> {
  const download = createDownload('钉钉', fetchLike)
  const gone = (cause?: unknown) => new PlatformRefused('media.gone', '钉钉上的这个文件已经取不到了,请重新发送。', { cause })

  return async media => {
    const split = media.indexOf('|')
    const [downloadCode, name] = split < 0 ? [media, ''] : [media.slice(0, split), media.slice(split + 1)]
    const request = { method: 'POST', path: CALL, body: { downloadCode, robotCode }, answer: downloadAnswer } as const
    const { downloadUrl } = await client.api(request).catch(error => {
      throw error instanceof PlatformRefused && error.code === 'dingtalk.refused' ? gone(error) : error
    })
    const file = await download({ url: downloadUrl, label: CALL, mostBytes: MOST_BYTES }).catch(error => {
      throw error instanceof PlatformRefused && error.code === 'channel.http_status' ? gone(error) : error
    })
    if ('json' in file) throw gone()
    return { ...file, name: name || file.name || 'file' }
  }
}
