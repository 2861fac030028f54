/** Record numbers take six bytes: 281 million million documents. */
export const recordBytes = 6

/** The value of an index entry. */
export function recordValue(record: number): Buffer {
  const bytes = Buffer.allocUnsafe(recordBytes)
  bytes.writeUIntBE(record, 0, recordBytes)
  return bytes
}

/** Reads what `recordValue` wrote. */
export const recordOf = (value: Buffer): number => value.readUIntBE(0, recordBytes)

/** Key of a document: collection, record. */
export function documentKey(collection: number, record: number): Buffer {
  const bytes = Buffer.allocUnsafe(4 + recordBytes)
  bytes.writeUInt32BE(collection, 0)
  bytes.writeUIntBE(record, 4, recordBytes)
  return bytes
}

/** The record number in a document's key. */
export const recordInKey = (key: Buffer): number => key.readUIntBE(4, recordBytes)

/** First key of a numbered range and first key after it. */
export function numberedRange(id: number): [start: Buffer, end: Buffer] {
  const start = Buffer.alloc(4)
  const end = Buffer.alloc(4)
  start.writeUInt32BE(id)
  end.writeUInt32BE(id + 1)
  return [start, end]
}

/** Key of an index entry: a unique index has one record per key, others carry the record in it. */
export const entryKey = (key: Buffer, record: number, unique: boolean): Buffer =>
  unique ? key : Buffer.concat([key, recordValue(record)])
