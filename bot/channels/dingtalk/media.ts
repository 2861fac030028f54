import { z } from 'zod'
import { PlatformRefused, PlatformUnreachable } from '../../../common/errors.ts'
import type { Channel } from '../../../handlers/kernel/ports.ts'
import type { DingTalkClient } from './client.ts'

/** The media token of an inbound file: `<download code>|<file name>`. */
export const packMedia = (downloadCode: string, name: string): string => `${downloadCode}|${name}`

const downloadAnswer = z.object({ downloadUrl: z.url() })
const MAX_BYTES = 20 * 1024 * 1024
const TIMEOUT_MS = 30_000

/**
 * Fetch what somebody sent (page "下载机器人接收消息的文件内容"): a code is exchanged for a short-lived address.
 *
 * Refusals: `media.gone`, `media.too_large`.
 */
export function createMediaFetcher(
  robotCode: string,
  client: DingTalkClient,
  fetchLike: typeof fetch = fetch,
): NonNullable<Channel['fetchMedia']> {
  const gone = (cause?: unknown) => new PlatformRefused('media.gone', '钉钉上的这个文件已经取不到了,请重新发送。', { cause })
  const tooLarge = () => new PlatformRefused('media.too_large', '文件超过 20 MB,请在页面上传较小的文件。')

  return async media => {
    const split = media.indexOf('|')
    const [downloadCode, name] = split < 0 ? [media, ''] : [media.slice(0, split), media.slice(split + 1)]
    const request = { method: 'POST', path: '/v1.0/robot/messageFiles/download', body: { downloadCode, robotCode } } as const
    const { downloadUrl } = await client.api({ ...request, answer: downloadAnswer }).catch(error => {
      throw error instanceof PlatformRefused && error.code === 'dingtalk.refused' ? gone(error) : error
    })
    let response: Response
    let bytes: Buffer
    try {
      response = await fetchLike(downloadUrl, { signal: AbortSignal.timeout(TIMEOUT_MS) })
      if (response.status >= 400 && response.status < 500) throw gone()
      if (Number(response.headers.get('content-length') ?? 0) > MAX_BYTES) throw tooLarge()
      bytes = await readLimited(response)
    } catch (error) {
      if (error instanceof PlatformRefused) throw error
      throw new PlatformUnreachable('暂时取不到钉钉上的文件,请稍后再试。', { applied: 'no', cause: error })
    }
    if (bytes.length > MAX_BYTES) throw tooLarge()
    const type = response.headers.get('content-type')?.split(';', 1)[0] ?? 'application/octet-stream'
    return { name: name || 'file', type, bytes }
  }
}

/** Read at most one byte more than is allowed. */
async function readLimited(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    size += chunk.length
    if (size > MAX_BYTES) break
  }
  return Buffer.concat(chunks)
}
