import {
  type BulkWriteResult,
  type ClientBulkWriteResult,
  ClientSession,
  Collection,
  Db,
  type Document,
  MongoClient,
} from 'mongodb'

export type Operation = {
  name: string
  object: string
  arguments?: Document
  expectResult?: unknown
  expectError?: Document
  saveResultAsEntity?: string
  ignoreResultAndError?: boolean
  /** Set by the runner: the error it expects goes on to the caller. */
  rethrow?: boolean
}

/** An operation that this runner does not know: its test is counted as not run. */
export class Unsupported extends Error {}

const without = (source: Document, ...names: string[]): Document =>
  Object.fromEntries(Object.entries(source).filter(([name]) => !names.includes(name)))

/** A bulk result as the test format writes it. */
export const bulkResult = (result: BulkWriteResult): Document => ({
  insertedCount: result.insertedCount,
  deletedCount: result.deletedCount,
  matchedCount: result.matchedCount,
  modifiedCount: result.modifiedCount,
  upsertedCount: result.upsertedCount,
  insertedIds: result.insertedIds,
  upsertedIds: result.upsertedIds,
})

// `didUpsert` is this driver's own addition.
const byIndex = (results: ReadonlyMap<number, object> | undefined) =>
  results && Object.fromEntries([...results].map(([index, result]) => [index, without(result, 'didUpsert')]))

/** The result of a client's bulk write, likewise. */
export const clientBulkResult = (result: ClientBulkWriteResult): Document => ({
  insertedCount: result.insertedCount,
  upsertedCount: result.upsertedCount,
  matchedCount: result.matchedCount,
  modifiedCount: result.modifiedCount,
  deletedCount: result.deletedCount,
  insertResults: byIndex(result.insertResults),
  updateResults: byIndex(result.updateResults),
  deleteResults: byIndex(result.deleteResults),
})

async function onClient(client: MongoClient, name: string, args: Document): Promise<unknown> {
  switch (name) {
    case 'clientBulkWrite': {
      const models = (args.models as Document[]).map(model => {
        const [[kind, spec]] = Object.entries(model) as [[string, Document]]
        return { name: kind, ...spec }
      })
      return clientBulkResult(await client.bulkWrite(models as never, without(args, 'models') as never))
    }
    case 'listDatabases':
      return client.db().admin().listDatabases(args)
    case 'listDatabaseNames':
      return client
        .db()
        .admin()
        .listDatabases({ ...args, nameOnly: true })
    default:
      throw new Unsupported(name)
  }
}

async function onCollection(collection: Collection, name: string, args: Document): Promise<unknown> {
  const options = (...taken: string[]) => without(args, ...taken) as never
  const modify = (taken: string[]) => {
    const { returnDocument, ...rest } = without(args, ...taken)
    return { ...rest, ...(returnDocument ? { returnDocument: String(returnDocument).toLowerCase() } : {}) } as never
  }
  switch (name) {
    case 'find':
      return collection.find(args.filter, options('filter')).toArray()
    case 'findOne':
      return collection.findOne(args.filter, options('filter'))
    case 'aggregate':
      return collection.aggregate(args.pipeline, options('pipeline')).toArray()
    case 'count':
      return collection.count(args.filter, options('filter'))
    case 'countDocuments':
      return collection.countDocuments(args.filter, options('filter'))
    case 'estimatedDocumentCount':
      return collection.estimatedDocumentCount(args as never)
    case 'distinct':
      return collection.distinct(args.fieldName, args.filter, options('fieldName', 'filter'))
    case 'insertOne':
      return collection.insertOne(args.document, options('document'))
    case 'insertMany':
      return collection.insertMany(args.documents, options('documents'))
    case 'updateOne':
      return collection.updateOne(args.filter, args.update, options('filter', 'update'))
    case 'updateMany':
      return collection.updateMany(args.filter, args.update, options('filter', 'update'))
    case 'replaceOne':
      return collection.replaceOne(args.filter, args.replacement, options('filter', 'replacement'))
    case 'deleteOne':
      return collection.deleteOne(args.filter, options('filter'))
    case 'deleteMany':
      return collection.deleteMany(args.filter, options('filter'))
    case 'findOneAndUpdate':
      return collection.findOneAndUpdate(args.filter, args.update, modify(['filter', 'update']))
    case 'findOneAndReplace':
      return collection.findOneAndReplace(args.filter, args.replacement, modify(['filter', 'replacement']))
    case 'findOneAndDelete':
      return collection.findOneAndDelete(args.filter, options('filter'))
    case 'bulkWrite':
      return bulkResult(await collection.bulkWrite(args.requests, options('requests')))
    case 'createIndex':
      return collection.createIndex(args.keys, options('keys'))
    case 'dropIndex':
      return collection.dropIndex(args.name, options('name'))
    case 'listIndexes':
    case 'listIndexNames':
      return collection.listIndexes(args).toArray()
    default:
      throw new Unsupported(name)
  }
}

async function onDatabase(db: Db, name: string, args: Document): Promise<unknown> {
  switch (name) {
    case 'aggregate':
      return db.aggregate(args.pipeline, without(args, 'pipeline') as never).toArray()
    case 'runCommand':
      return db.command(args.command, without(args, 'command', 'commandName') as never)
    case 'createCollection':
      return db.createCollection(args.collection, without(args, 'collection') as never)
    case 'dropCollection':
      return db.dropCollection(args.collection, without(args, 'collection') as never)
    case 'modifyCollection': {
      const { collection, ...change } = args
      return db.command({ collMod: collection, ...change })
    }
    case 'listCollections':
    case 'listCollectionNames':
      return db.listCollections(args.filter ?? {}, without(args, 'filter') as never).toArray()
    default:
      throw new Unsupported(name)
  }
}

async function onSession(
  session: ClientSession,
  name: string,
  args: Document,
  run: (operation: Operation) => Promise<void>,
): Promise<unknown> {
  switch (name) {
    case 'startTransaction':
      return session.startTransaction(args as never)
    case 'commitTransaction':
      return session.commitTransaction()
    case 'abortTransaction':
      return session.abortTransaction()
    case 'endSession':
      return session.endSession()
    case 'withTransaction':
      return session.withTransaction(async () => {
        for (const operation of args.callback as Operation[]) await run({ ...operation, rethrow: true })
      }, without(args, 'callback') as never)
    default:
      throw new Unsupported(name)
  }
}

/** Performs one operation on its entity. */
export function perform(
  target: unknown,
  name: string,
  args: Document,
  run: (operation: Operation) => Promise<void>,
): Promise<unknown> {
  if (target instanceof Collection) return onCollection(target, name, args)
  if (target instanceof Db) return onDatabase(target, name, args)
  if (target instanceof ClientSession) return onSession(target, name, args, run)
  if (target instanceof MongoClient) return onClient(target, name, args)
  throw new Unsupported(name)
}
