import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Connection, mongo } from 'mongoose'
import { isDuplicateKey } from './mongo.ts'

export interface StoredFile {
  id: string
  name: string
  type: string
  sizeBytes: number
  ownerId: string
}

export interface NewFile {
  id: string
  name: string
  type: string
  ownerId: string
  bytes: Buffer
}

const BUCKET = 'uploads'
/** How long a second upload under the same id waits for the first: three seconds in all. */
const MOST_LOOKS = 30
const LOOK_AGAIN_MS = 100

interface FileRow {
  _id: string
  filename: string
  length: number
  metadata?: { type?: string; ownerId?: string }
}

/** Uploads live in the database (GridFS), so every process sees them. */
export function createFiles(connection: Connection) {
  const bucket = () => {
    if (!connection.db) throw new Error('the database is not connected')
    return new mongo.GridFSBucket(connection.db, { bucketName: BUCKET })
  }
  const asFile = (row: FileRow): StoredFile => ({
    id: String(row._id),
    name: row.filename,
    type: row.metadata?.type ?? 'application/octet-stream',
    sizeBytes: row.length,
    ownerId: row.metadata?.ownerId ?? '',
  })

  async function stored(id: string): Promise<StoredFile | null> {
    const row = await bucket()
      .find({ _id: id as never })
      .next()
    return row && asFile(row as unknown as FileRow)
  }

  async function awaited(id: string): Promise<StoredFile | null> {
    for (let look = 0; look < MOST_LOOKS; look += 1) {
      const known = await stored(id)
      if (known) return known
      await sleep(LOOK_AGAIN_MS)
    }
    return null
  }

  async function upload({ id, name, type, ownerId, bytes }: NewFile): Promise<void> {
    const digest = createHash('sha256').update(bytes).digest('hex')
    const stream = bucket().openUploadStreamWithId(id as never, name, { metadata: { type, ownerId, digest } })
    await new Promise<void>((resolve, reject) => {
      stream.once('finish', () => resolve())
      stream.once('error', reject)
      stream.end(bytes)
    })
  }

  return {
    /** Store bytes under an id of ours; the same id and bytes again change nothing. */
    async put(file: NewFile): Promise<StoredFile> {
      const known = await stored(file.id)
      if (known) return known
      try {
        await upload(file)
      } catch (error) {
        if (!isDuplicateKey(error)) throw error
        // The same upload runs at the same moment, or one died half-way and left pieces behind.
        const first = await awaited(file.id)
        if (first) return first
        await connection.collection(`${BUCKET}.chunks`).deleteMany({ files_id: file.id as never })
        await upload(file)
      }
      return { id: file.id, name: file.name, type: file.type, sizeBytes: file.bytes.length, ownerId: file.ownerId }
    },

    async find(ids: readonly string[]): Promise<StoredFile[]> {
      if (ids.length === 0) return []
      const rows = (await bucket()
        .find({ _id: { $in: ids as never[] } })
        .toArray()) as unknown as FileRow[]
      const byId = new Map(rows.map(row => [String(row._id), asFile(row)]))
      return ids.flatMap(id => byId.get(id) ?? [])
    },

    open: (id: string): Readable => bucket().openDownloadStream(id as never),
  }
}

export type Files = ReturnType<typeof createFiles>
