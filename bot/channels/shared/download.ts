import { PlatformRefused, PlatformUnreachable } from '../../../common/errors.ts'

export interface DownloadedFile {
  name: string
  /** Media type, without parameters. */
  type: string
  bytes: Buffer
}

export interface DownloadRequest {
  url: string
  /** What the request is, for errors and logs. */
  label: string
  headers?: Readonly<Record<string, string>>
  mostBytes: number
}

/** The file, or the JSON that a platform answers instead of one. */
export type Downloaded = DownloadedFile | { status: number; json: Record<string, unknown> }

const TIMEOUT_MS = 30_000
const MOST_JSON_BYTES = 64 * 1024

/**
 * Fetch a file. Platforms answer a refusal with JSON under HTTP 200, so the content type decides; a file that is itself JSON comes with a
 * `Content-Disposition`.
 *
 * @throws PlatformRefused `media.too_large`, `channel.http_status`
 * @throws PlatformUnreachable nothing was changed by asking: `applied: 'no'`
 */
export function createDownload(platformName: string, fetchLike: typeof fetch = fetch) {
  const unreachable = (label: string, cause?: unknown) =>
    new PlatformUnreachable(`暂时连不上${platformName},请稍后再试。`, { applied: 'no', details: { call: label }, cause })

  return async ({ url, label, headers, mostBytes }: DownloadRequest): Promise<Downloaded> => {
    let response: Response
    let bytes: Buffer | null
    try {
      response = await fetchLike(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS), ...(headers && { headers }) })
      bytes = await read(response, Math.max(mostBytes, MOST_JSON_BYTES))
    } catch (error) {
      throw unreachable(label, error)
    }
    const type = (response.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
    const disposition = response.headers.get('content-disposition') ?? ''
    const json = /json|text\/plain/.test(type) && disposition === '' && bytes ? parseObject(bytes) : null
    if (json) return { status: response.status, json }
    if (response.status >= 500) throw unreachable(label)
    if (response.status >= 400) {
      throw new PlatformRefused('channel.http_status', `${platformName}拒绝了这次请求(HTTP ${response.status})。`, {
        details: { call: label, status: response.status },
      })
    }
    if (bytes === null || bytes.length > mostBytes) {
      throw new PlatformRefused('media.too_large', `文件超过 ${Math.floor(mostBytes / 1024 / 1024)} MB。`, {
        details: { call: label },
      })
    }
    return { name: nameIn(disposition), type: type || 'application/octet-stream', bytes }
  }
}

/** The body, or null when it is longer than allowed; what follows is not read. */
async function read(response: Response, mostBytes: number): Promise<Buffer | null> {
  const chunks: Uint8Array[] = []
  let length = 0
  if (!response.body) return Buffer.alloc(0)
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > mostBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parseObject(bytes: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** File name of a `Content-Disposition` (RFC 6266), percent-encoded or plain; empty when there is none. */
function nameIn(disposition: string): string {
  const raw = /filename\*=(?:UTF-8'')?([^;]+)/i.exec(disposition)?.[1] ?? /filename="?([^";]*)"?/i.exec(disposition)?.[1] ?? ''
  try {
    return decodeURIComponent(raw.trim())
  } catch {
    return raw.trim()
  }
}
