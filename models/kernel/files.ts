import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { type Connection, mongo } from 'mongoose'

export interface StoredFile {
  id: string
  name: string
  type: string
  sizeBytes: number
  ownerId: string
}

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
    return new mongo.GridFSBucket(connection.db, { bucketName: 'uploads' })
  }
  const asFile = (row: FileRow): StoredFile => ({
    id: String(row._id),
    name: row.filename,
    type: row.metadata?.type ?? 'application/octet-stream',
    sizeBytes: row.length,
    ownerId: row.metadata?.ownerId ?? '',
  })

  return {
    /** Store bytes under an id of ours; the same id and bytes again change nothing. */
    async put(file: { id: string; name: string; type: string; ownerId: string; bytes: Buffer }): Promise<StoredFile> {
      const files = bucket()
      const known = await files.find({ _id: file.id as never }).next()
      if (known) return asFile(known as unknown as FileRow)
      const digest = createHash('sha256').update(file.bytes).digest('hex')
      const upload = files.openUploadStreamWithId(file.id as never, file.name, {
        metadata: { type: file.type, ownerId: file.ownerId, digest },
      })
      try {
        await new Promise<void>((resolve, reject) => {
          upload.once('finish', () => resolve())
          upload.once('error', reject)
          upload.end(file.bytes)
        })
      } catch (error) {
        // The same upload at the same moment: one of them stores it, and the other waits to see it stored.
        const first = isDuplicateKey(error) ? await finished(file.id) : null
        if (!first) throw error
        return first
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
