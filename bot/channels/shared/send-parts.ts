import { PlatformUnreachable } from '../../../common/errors.ts'

/**
 * Send the parts of one text in order. When a later part fails the text as a whole was partly delivered: that is reported as
 * `applied: 'unknown'`, so that nobody repeats what has arrived.
 */
export async function sendParts<T>(parts: readonly string[], send: (part: string) => Promise<T>): Promise<T | undefined> {
  let last: T | undefined
  for (const [index, part] of parts.entries()) {
    try {
      last = await send(part)
    } catch (error) {
      if (index === 0) throw error
      throw new PlatformUnreachable('消息只送达了一部分。', {
        applied: 'unknown',
        details: { partsSent: index, parts: parts.length },
        cause: error,
      })
    }
  }
  return last
}
