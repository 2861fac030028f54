import type { Doc } from '../bson/index.ts'
import { location } from '../errors.ts'

const words = (text: string): string[] => text.split(/\s+/).filter(word => word !== '')

/** Fields that drivers may put on any command (manual: "Database Commands", "Stable API", "Server Sessions"). */
const everywhere = words(`
  $db $clusterTime $readPreference lsid txnNumber autocommit startTransaction stmtId readConcern writeConcern maxTimeMS comment
  apiVersion apiStrict apiDeprecationErrors`)

const anything = null
const refusedFind = 'min max returnKey showRecordId tailable awaitData'
const collection =
  'capped size max timeseries clusteredIndex encryptedFields expireAfterSeconds storageEngine indexOptionDefaults'
const update = 'query sort fields update remove new upsert bypassDocumentValidation arrayFilters collation hint let'

/** Documented fields of each command; null: any, because the vendor's server takes any there too. */
const fields: Readonly<Record<string, string[] | null>> = {
  hello: anything,
  isMaster: anything,
  ismaster: anything,
  ping: [],
  buildInfo: [],
  buildinfo: [],
  serverStatus: anything,
  connectionStatus: words('showPrivileges'),
  getParameter: anything,
  endSessions: [],
  insert: words('documents ordered bypassDocumentValidation'),
  update: words('updates ordered bypassDocumentValidation let'),
  delete: words('deletes ordered let'),
  findAndModify: words(update),
  findandmodify: words(update),
  bulkWrite: words('ops nsInfo ordered errorsOnly bypassDocumentValidation let cursor'),
  find: words(`filter sort projection hint skip limit batchSize singleBatch collation let allowDiskUse noCursorTimeout
    allowPartialResults oplogReplay ${refusedFind}`),
  getMore: words('collection batchSize'),
  killCursors: words('cursors'),
  aggregate: words('pipeline explain allowDiskUse cursor bypassDocumentValidation collation hint let'),
  count: words('query limit skip hint collation fields'),
  distinct: words('key query collation hint'),
  explain: words('verbosity'),
  create: words(`${collection} validator validationLevel validationAction viewOn pipeline collation changeStreamPreAndPostImages
    autoIndexId idIndex`),
  drop: [],
  dropDatabase: [],
  renameCollection: words('to dropTarget'),
  collMod: words(
    'index validator validationLevel validationAction viewOn pipeline expireAfterSeconds timeseries cappedSize cappedMax changeStreamPreAndPostImages',
  ),
  listCollections: words('filter nameOnly authorizedCollections cursor'),
  listDatabases: words('filter nameOnly authorizedDatabases'),
  collStats: words('scale'),
  dbStats: words('scale freeStorage'),
  createIndexes: words('indexes commitQuorum'),
  listIndexes: words('cursor'),
  dropIndexes: words('index'),
  commitTransaction: words('recoveryToken'),
  abortTransaction: words('recoveryToken'),
}

const statements: Readonly<Record<string, string[]>> = {
  updates: words('q u c upsert multi collation arrayFilters hint sort'),
  deletes: words('q limit collation hint'),
  insertOp: words('insert document'),
  updateOp: words('update filter updateMods multi upsert arrayFilters collation hint sort constants'),
  deleteOp: words('delete filter multi collation hint'),
}

const sets = (source: Readonly<Record<string, string[] | null>>, shared: string[]): Map<string, ReadonlySet<string> | null> =>
  new Map(Object.entries(source).map(([name, own]) => [name, own && new Set([name, ...own, ...shared])]))

const commandFields = sets(fields, everywhere)
const statementFields = sets(statements, [])

function check(spec: Doc, known: ReadonlySet<string> | null | undefined, where: string): void {
  if (!known) return
  for (const name of Object.keys(spec))
    if (!known.has(name)) throw location(40415, `BSON field '${where}.${name}' is an unknown field.`)
}

/** @throws StoreError 40415 for a field that the command does not have: it may change what the caller means */
export const checkCommandFields = (name: string, command: Doc): void => check(command, commandFields.get(name), name)

/** @throws StoreError 40415 for a field that a statement of a write command does not have */
export const checkStatementFields = (kind: string, statement: Doc): void => check(statement, statementFields.get(kind), kind)
