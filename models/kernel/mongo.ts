import type { ClientSession, Connection, Schema } from 'mongoose'

/** Writes of one command share a session, so that they are one transaction. */
export interface InSession {
  session?: ClientSession | undefined
}

export const withSession = (options: InSession | undefined): { session?: ClientSession } =>
  options?.session ? { session: options.session } : {}

interface DuplicateKeyError {
  code: number
  keyPattern?: Record<string, unknown>
  keyValue?: Record<string, unknown>
}

/** Was a unique index in the way (MongoDB error 11000)? With `field`, that field's index. */
export function isDuplicateKey(error: unknown, field?: string): error is DuplicateKeyError {
  if (typeof error !== 'object' || error === null || (error as { code?: unknown }).code !== 11000) return false
  if (field === undefined) return true
  const pattern = (error as DuplicateKeyError).keyPattern
  // Of a statement of a batch the driver tells the server's words only.
  const { message, errmsg } = error as { message?: unknown; errmsg?: unknown }
  return pattern ? field in pattern : String(message ?? errmsg).includes(field)
}

/** Every query ends: the longest a single database operation may take, in milliseconds. */
export const QUERY_LIMIT_MS = 10_000

/** Plain documents with ids of our own and no version key. */
export const plainSchema = { versionKey: false, minimize: false } as const

/** Register a schema once per connection; connections do not share models. */
export function modelOn<Doc>(connection: Connection, name: string, schema: Schema<Doc>, collection: string) {
  return connection.model<Doc>(name, schema, collection)
}

/** Text that goes into a regular expression as itself. */
export const escapeRegex = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Where a page of rows, newest first, ended. */
export interface PageEnd {
  at: number
  id: string
}

/** Filter for the rows after that: older, or of the same moment and a later id. */
export const olderThan = (end: PageEnd | undefined) =>
  end ? { $or: [{ createdAt: { $lt: new Date(end.at) } }, { createdAt: new Date(end.at), _id: { $gt: end.id } }] } : {}
