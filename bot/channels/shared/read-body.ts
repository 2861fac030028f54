import type { IncomingMessage } from 'node:http'

/** An over-long body is read to its end but not kept, so that the sender gets its answer; beyond this many times the limit it is cut off. */
const DRAIN_FACTOR = 20

/**
 * The whole request body, whatever its content type.
 *
 * @returns null when it is longer than `maxBytes`
 * @throws when the sender goes away half-way
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= maxBytes) chunks.push(chunk)
      else chunks.length = 0
      if (length > maxBytes * DRAIN_FACTOR) {
        request.pause()
        resolve(null)
      }
    })
    request.on('end', () => {
      if (length > maxBytes) resolve(null)
      else resolve(chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks))
    })
    request.on('error', reject)
    request.on('aborted', () => reject(new Error('the request was cut short')))
  })
}
