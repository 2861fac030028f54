import { createHash } from 'node:crypto'
import type { mongo } from 'mongoose'

const SPACE = 1n << 256n

/** What a collection holds, whatever the order of its documents: how many there are, and the sum of the SHA-256 of each one's bytes. */
export interface Digest {
  documents: number
  sha256: string
}

export async function digestOf(collection: mongo.Collection): Promise<Digest> {
  let documents = 0
  let sum = 0n
  // Raw: the bytes of the document as they are stored, types and order of fields included.
  for await (const bytes of collection.find({}, { raw: true, batchSize: 1000 })) {
    documents += 1
    sum += BigInt(
      `0x${createHash('sha256')
        .update(bytes as unknown as Uint8Array)
        .digest('hex')}`,
    )
  }
  return { documents, sha256: (sum % SPACE).toString(16).padStart(64, '0') }
}

export const sameDigest = (left: Digest, right: Digest): boolean =>
  left.documents === right.documents && left.sha256 === right.sha256
