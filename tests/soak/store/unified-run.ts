import {
  type Db,
  type Document,
  type MongoBulkWriteError,
  MongoClient,
  MongoClientBulkWriteError,
  type MongoServerError,
} from 'mongodb'
import { bulkResult, clientBulkResult, type Operation, perform, Unsupported } from './unified-operations.ts'
import { mismatch } from './unified-values.ts'

/** One test of a file in MongoDB's unified test format. */
export type Test = {
  description: string
  operations: Operation[]
  outcome?: Document[]
  runOnRequirements?: Document[]
  skipReason?: string
}
/** A file in that format. */
export type Spec = {
  description: string
  createEntities?: Document[]
  initialData?: Document[]
  runOnRequirements?: Document[]
  tests: Test[]
}
/** Where a test runs. */
export type Server = { uri: string; admin: MongoClient }

type Entities = Map<string, unknown>

async function createEntities(list: Document[], { uri }: Server, entities: Entities): Promise<void> {
  for (const entity of list) {
    const [[type, spec]] = Object.entries(entity) as [[string, Document]]
    const get = <T>(name: string) => entities.get(name) as T
    if (type === 'client') {
      const options = { ...spec.uriOptions, ...(spec.serverApi ? { serverApi: spec.serverApi } : {}), directConnection: true }
      entities.set(spec.id, await MongoClient.connect(uri, options))
    } else if (type === 'database')
      entities.set(spec.id, get<MongoClient>(spec.client).db(spec.databaseName, spec.databaseOptions))
    else if (type === 'collection')
      entities.set(spec.id, get<Db>(spec.database).collection(spec.collectionName, spec.collectionOptions))
    else if (type === 'session') {
      const { snapshotTime, ...options } = spec.sessionOptions ?? {}
      if (snapshotTime) throw new Unsupported('snapshot sessions')
      entities.set(spec.id, get<MongoClient>(spec.client).startSession(options))
    } else throw new Unsupported(`entity ${type}`)
  }
}

function checkLabels(expected: Document, errors: MongoServerError[]): void {
  const has = (label: string) => errors.some(error => error.hasErrorLabel(label))
  for (const label of expected.errorLabelsContain ?? []) if (!has(label)) throw new Error(`label ${label} is missing`)
  for (const label of expected.errorLabelsOmit ?? []) if (has(label)) throw new Error(`label ${label} is there`)
}

function checkError(expected: Document, error: unknown, entities: Entities): void {
  // A client's bulk write wraps the server's error.
  const outer = error as MongoServerError
  const actual = error instanceof MongoClientBulkWriteError && error.cause ? (error.cause as MongoServerError) : outer
  const fail = (wanted: unknown) => {
    throw new Error(`expected ${String(wanted)}, got ${actual.code} ${actual.codeName ?? ''}: ${actual.message}`)
  }
  const fromServer = typeof actual.code === 'number' && actual.errorResponse?.ok !== undefined
  if (expected.isClientError === true && fromServer) fail('a client error')
  if (expected.errorCode !== undefined && actual.code !== expected.errorCode) fail(expected.errorCode)
  if (expected.errorCodeName !== undefined && actual.codeName !== expected.errorCodeName) fail(expected.errorCodeName)
  const text = `${actual.message} ${(actual.cause as Error | undefined)?.message ?? ''}`.toLowerCase()
  if (expected.errorContains !== undefined && !text.includes(String(expected.errorContains).toLowerCase()))
    fail(`"${expected.errorContains}"`)
  checkLabels(expected, [outer, actual])
  if (expected.expectResult !== undefined) {
    const { result, partialResult } = outer as MongoServerError & { partialResult?: never }
    const partial = partialResult ? clientBulkResult(partialResult) : bulkResult(result as MongoBulkWriteError['result'])
    const reason = mismatch(expected.expectResult, partial, entities)
    if (reason) throw new Error(`result with the error: ${reason}`)
  }
}

async function onRunner({ name, arguments: args = {} }: Operation, server: Server, entities: Entities): Promise<void> {
  const { admin } = server
  const exists = async () =>
    (await admin.db(args.databaseName).listCollections({ name: args.collectionName }).toArray()).length > 0
  const indexed = async () =>
    (await exists()) && (await admin.db(args.databaseName).collection(args.collectionName).indexExists(args.indexName))
  const claim = async (wanted: boolean, actual: Promise<boolean>) => {
    if ((await actual) !== wanted) throw new Error(name)
  }
  switch (name) {
    case 'failPoint':
      await (entities.get(args.client) as MongoClient).db('admin').command(args.failPoint)
      return
    case 'createEntities':
      return createEntities(args.entities, server, entities)
    case 'assertCollectionExists':
      return claim(true, exists())
    case 'assertCollectionNotExists':
      return claim(false, exists())
    case 'assertIndexExists':
      return claim(true, indexed())
    case 'assertIndexNotExists':
      return claim(false, indexed())
    default:
      // What a driver's session remembers is the driver's affair.
      if (!/^assert(Session|SameLsid|DifferentLsid)/.test(name)) throw new Unsupported(name)
  }
}

async function runOperation(operation: Operation, server: Server, entities: Entities): Promise<void> {
  if (operation.object === 'testRunner') return onRunner(operation, server, entities)
  const args = { ...operation.arguments }
  if (typeof args.session === 'string') args.session = entities.get(args.session)
  let result: unknown
  try {
    result = await perform(entities.get(operation.object), operation.name, args, inner => runOperation(inner, server, entities))
  } catch (error) {
    if (error instanceof Unsupported) throw error
    if (operation.ignoreResultAndError) return
    if (!operation.expectError) throw error
    checkError(operation.expectError, error, entities)
    // Within withTransaction the driver must see the error that the test expects.
    if (operation.rethrow) throw error
    return
  }
  if (operation.expectError) throw new Error('expected an error')
  if (operation.expectResult !== undefined && !operation.ignoreResultAndError) {
    const reason = mismatch(operation.expectResult, result, entities)
    if (reason) throw new Error(`result of ${operation.name}: ${reason}`)
  }
  if (operation.saveResultAsEntity) entities.set(operation.saveResultAsEntity, result)
}

async function fill({ admin }: Server, data: Document[]): Promise<void> {
  for (const { databaseName, collectionName, documents, createOptions } of data) {
    const db = admin.db(databaseName)
    await db.dropCollection(collectionName)
    if (createOptions || documents.length === 0) await db.createCollection(collectionName, createOptions)
    if (documents.length > 0) await db.collection(collectionName).insertMany(documents)
  }
}

/** Runs one test. @throws Unsupported when the runner cannot, Error when it fails */
export async function runTest(spec: Spec, test: Test, server: Server): Promise<void> {
  const entities: Entities = new Map()
  await fill(server, spec.initialData ?? [])
  try {
    await createEntities(spec.createEntities ?? [], server, entities)
    for (const operation of test.operations) await runOperation(operation, server, entities)
    for (const value of entities.values())
      if (value && typeof value === 'object' && 'endSession' in value)
        await (value as { endSession(): Promise<void> }).endSession()
    for (const { databaseName, collectionName, documents } of test.outcome ?? []) {
      const collection = server.admin.db(databaseName).collection(collectionName)
      const reason = mismatch(documents, await collection.find({}, { sort: { _id: 1 } }).toArray(), entities, false)
      if (reason) throw new Error(`outcome: ${reason}`)
    }
  } finally {
    for (const value of entities.values()) if (value instanceof MongoClient) await value.close()
  }
}
