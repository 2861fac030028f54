/** One part of a multipart form that carries a file. */
export interface UploadedFile {
  field: string
  filename: string
  contentType: string
  bytes: Buffer
}

/** The files of a `multipart/form-data` body (RFC 7578); undefined when the body is not one. */
export function filesOf(contentType: string | undefined, body: Buffer): UploadedFile[] | undefined {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType ?? '')?.[1]
  if (!boundary) return undefined
  const mark = Buffer.from(`--${boundary}`)
  const files: UploadedFile[] = []
  let start = body.indexOf(mark)
  while (start >= 0) {
    const end = body.indexOf(mark, start + mark.length)
    if (end < 0) break
    const part = body.subarray(start + mark.length + 2, end - 2)
    const split = part.indexOf('\r\n\r\n')
    const head = split < 0 ? '' : part.subarray(0, split).toString('utf8')
    const filename = /filename="([^"]*)"/.exec(head)?.[1]
    if (filename !== undefined) {
      files.push({
        field: / name="([^"]*)"/.exec(head)?.[1] ?? '',
        filename,
        contentType: /content-type:\s*([^\r\n]+)/i.exec(head)?.[1] ?? 'application/octet-stream',
        bytes: part.subarray(split + 4),
      })
    }
    start = end
  }
  return files
}
