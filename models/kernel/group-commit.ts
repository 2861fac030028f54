import { isDuplicateKey } from './mongo.ts'

export interface GroupCommitOptions<Doc> {
  /** One unordered insert; rejects as the driver's `insertMany(…, { ordered: false })` does. */
  insertMany(documents: Doc[]): Promise<unknown>
  /** After a lost answer: which of these ids are there? */
  existing(ids: string[]): Promise<string[]>
  /** Documents per batch. */
  maxBatch?: number
}

/** Batches under way at once: one is being synced to disk while the next is being prepared. */
const MAX_FLYING = 4

interface Waiting<Doc> {
  document: Doc
  resolve: () => void
  reject: (error: unknown) => void
}

interface BulkFailure {
  writeErrors?: readonly { index: number; code: number; err?: unknown; errmsg?: string }[] | { index: number; code: number }
}

/**
 * Many callers, one durable write: inserts gather while a batch is in flight and go out together (group commit). Each caller
 * still hears of its own duplicate key. After an unknown outcome the batch is read back by id.
 */
export function createGroupCommit<Doc extends { _id: string }>(options: GroupCommitOptions<Doc>) {
  const maxBatch = options.maxBatch ?? 500
  let waiting: Waiting<Doc>[] = []
  let flying = 0
  let gathering = false

  async function fly(batch: Waiting<Doc>[]): Promise<void> {
    try {
      await options.insertMany(batch.map(item => item.document))
      for (const item of batch) item.resolve()
    } catch (error) {
      const failures = new Map<number, unknown>()
      const raw = (error as BulkFailure).writeErrors
      for (const failure of raw === undefined ? [] : Array.isArray(raw) ? raw : [raw])
        failures.set(failure.index, failure.err ?? failure)
      if (failures.size > 0) {
        batch.forEach((item, index) => {
          if (failures.has(index)) item.reject(duplicateOf(failures.get(index)))
          else item.resolve()
        })
        return
      }
      await settleUnknown(batch, error)
    }
  }

  async function settleUnknown(batch: Waiting<Doc>[], error: unknown): Promise<void> {
    const found = await options.existing(batch.map(item => item.document._id)).then(
      ids => new Set(ids),
      () => new Set<string>(),
    )
    for (const item of batch) {
      if (found.has(item.document._id)) item.resolve()
      else item.reject(error)
    }
  }

  async function take(): Promise<void> {
    flying += 1
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxBatch)
      waiting = waiting.slice(maxBatch)
      await fly(batch)
    }
    flying -= 1
  }

  /** Everything that arrives in the same turn of the event loop goes out together; a second batch need not wait for the first. */
  function gather(): void {
    if (gathering || flying >= MAX_FLYING) return
    gathering = true
    setImmediate(() => {
      gathering = false
      void take()
    })
  }

  /** Resolves when the document is durable. @throws the driver's duplicate-key error of this document alone. */
  return function insert(document: Doc): Promise<void> {
    return new Promise((resolve, reject) => {
      waiting.push({ document, resolve, reject })
      gather()
    })
  }
}

function duplicateOf(failure: unknown): unknown {
  return isDuplicateKey(failure)
    ? failure
    : Object.assign(new Error('a document of the batch was refused'), { cause: failure, ...(failure as object) })
}
