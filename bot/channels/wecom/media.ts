import { z } from 'zod'
import { PlatformRefused } from '../../../common/errors.ts'
import type { DownloadedFile } from '../shared/index.ts'
import type { WeComClient } from './client.ts'

const MEGABYTE = 1024 * 1024

/**
 * Largest upload by kind, in bytes (page "上传临时素材"). The error table still names 5 MB for pictures and voice; the platform's 45001 says so
 * where that is true.
 */
export const MEDIA_BYTES = { image: 10 * MEGABYTE, voice: 2 * MEGABYTE, video: 10 * MEGABYTE, file: 20 * MEGABYTE } as const
export type MediaKind = keyof typeof MEDIA_BYTES

/** The platform takes nothing smaller. */
const LEAST_BYTES = 6

const uploaded = z.object({ media_id: z.string().min(1) })

/** Temporary files, kept by the platform for three days (pages "上传临时素材", "获取临时素材"). */
export function createWeComMedia(call: WeComClient) {
  return {
    /** @returns the `media_id` @throws PlatformRefused `media.too_large` before anything is sent */
    async upload(kind: MediaKind, file: { name: string; type: string; bytes: Buffer }): Promise<string> {
      if (file.bytes.length < LEAST_BYTES || file.bytes.length > MEDIA_BYTES[kind]) {
        throw new PlatformRefused('media.too_large', `文件要在 ${MEDIA_BYTES[kind] / MEGABYTE} MB 以内,而且不能是空的。`)
      }
      const request = { method: 'POST', path: 'media/upload', query: { type: kind }, file, answer: uploaded } as const
      return (await call(request)).media_id
    },

    /** @throws PlatformRefused `media.gone`, `media.too_large` */
    download: (mediaId: string): Promise<DownloadedFile> => call.download('media/get', { media_id: mediaId }, MEDIA_BYTES.file),
  }
}

export type WeComMedia = ReturnType<typeof createWeComMedia>
