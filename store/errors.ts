/** What a MongoDB server adds to an error besides code and text. */
export type ErrorExtra = {
  keyPattern?: Record<string, unknown>
  keyValue?: Record<string, unknown>
  labels?: string[]
  errInfo?: Record<string, unknown>
}

/** An error that reaches the client with MongoDB's own numeric code (manual: "Error Codes"). */
export class StoreError extends Error {
  readonly code: number
  readonly codeName: string
  readonly extra: ErrorExtra

  constructor(code: number, codeName: string, message: string, extra: ErrorExtra = {}) {
    super(message)
    this.code = code
    this.codeName = codeName
    this.extra = extra
  }
}

/** Code 2: the value given is not one the command can work with. */
export const badValue = (message: string) => new StoreError(2, 'BadValue', message)

/** Code 9: the specification cannot be understood. */
export const failedToParse = (message: string) => new StoreError(9, 'FailedToParse', message)

/** Code 14: a value of the wrong type. */
export const typeMismatch = (message: string) => new StoreError(14, 'TypeMismatch', message)

/** A numbered error without a name of its own. */
export const location = (code: number, message: string) => new StoreError(code, `Location${code}`, message)

/** Code 10334: a document that is too long. */
export const tooLarge = (message: string) => new StoreError(10334, 'BSONObjectTooLarge', message)

/** Code 115: MongoDB has it, this store does not. */
export const notSupported = (what: string) =>
  new StoreError(115, 'CommandNotSupported', `${what} is not supported by the embedded store; use MongoDB (MONGODB_URI) for it`)

/** Code 26: no such collection. */
export const namespaceNotFound = (message = 'ns not found') => new StoreError(26, 'NamespaceNotFound', message)

/** Code 66: `_id` may not change. */
export const immutableId = (path = '_id') =>
  new StoreError(66, 'ImmutableField', `Performing an update on the path '${path}' would modify the immutable field '_id'`)

/** Code 112 with the label that makes a driver run the whole transaction again. */
export const writeConflict = () =>
  new StoreError(
    112,
    'WriteConflict',
    'Caused by :: Write conflict during plan execution and yielding is disabled. :: Please retry your operation or multi-document transaction.',
    { labels: ['TransientTransactionError'] },
  )
