import { Long } from 'bson'
import { type Doc, encode, equal } from '../bson/index.ts'
import { isNullish, isObject, typeName } from '../bson/values.ts'
import type { Collection } from '../data/index.ts'
import { badValue, namespaceNotFound, notSupported, StoreError, typeMismatch } from '../errors.ts'
import { compileExpression } from '../expressions/index.ts'
import { compileFilter } from '../match/index.ts'
import { rowsOf } from '../query/index.ts'
import { countField, documentField, flag, type Handler, namespaceOf, type Request, refuseCollation } from './request.ts'

const mebibyte = 1024 * 1024
const collectionOptions = ['validator', 'validationLevel', 'validationAction', 'viewOn', 'pipeline']
const refusedOptions = [
  'capped',
  'size',
  'max',
  'timeseries',
  'clusteredIndex',
  'encryptedFields',
  'expireAfterSeconds',
  'storageEngine',
  'indexOptionDefaults',
  'cappedSize',
  'cappedMax',
]

/** What a command says of its collection. @param present options that the collection already has */
function optionsOf(command: Doc, present: Doc = {}): Doc {
  for (const name of refusedOptions)
    if (!isNullish(command[name]) && command[name] !== false) throw notSupported(`a collection with '${name}'`)
  refuseCollation(command, 'a collection')
  const options: Doc = {}
  for (const name of collectionOptions) if (!isNullish(command[name])) options[name] = command[name]
  checkValidation({ ...present, ...options })
  const { changeStreamPreAndPostImages: images } = command
  if (isObject(images) && images.enabled === true) throw notSupported("a collection with 'changeStreamPreAndPostImages'")
  if (options.pipeline !== undefined && (options.viewOn ?? present.viewOn) === undefined)
    throw new StoreError(72, 'InvalidOptions', "'pipeline' requires 'viewOn' to also be specified")
  return options
}

const validatorExpression = (expression: unknown) => {
  const evaluate = compileExpression(expression)
  return (doc: Doc) => evaluate(doc, {})
}

// A validator that cannot be compiled is refused here and not at the first insert.
function checkValidation({ validator, validationLevel = 'strict', validationAction = 'error' }: Doc): void {
  if (isObject(validator)) compileFilter(validator, { expression: validatorExpression })
  if (!['off', 'strict', 'moderate'].includes(String(validationLevel)))
    throw badValue(`Enumeration value '${String(validationLevel)}' for field 'validationLevel' is not a valid value.`)
  if (validationAction === 'warn' || validationAction === 'errorAndLog')
    throw notSupported(`validationAction '${validationAction}'`)
  if (validationAction !== 'error')
    throw badValue(`Enumeration value '${String(validationAction)}' for field 'validationAction' is not a valid value.`)
}

/** The collection a command names. @throws StoreError 26 when there is none */
export function existing(request: Request): Collection {
  const collection = request.services.database.catalogue.get(namespaceOf(request))
  if (!collection) throw namespaceNotFound()
  return collection
}

/** `create` */
export const create: Handler = async request => {
  const ns = namespaceOf(request)
  const options = optionsOf(request.command)
  const { database } = request.services
  await database.write(() => {
    const collection = database.ensureCollection(ns, request.transaction, options)
    if (!equal(collection.options, options)) throw new StoreError(48, 'NamespaceExists', `Collection ${ns} already exists.`)
  })
  return {}
}

/** `drop` */
export const drop: Handler = async request => {
  const ns = namespaceOf(request)
  const { database } = request.services
  return database.write(() => {
    const collection = database.catalogue.get(ns)
    if (!collection) return {}
    const nIndexesWas = collection.indexes.length
    database.catalogue.drop(collection)
    return { nIndexesWas, ns }
  })
}

/** `dropDatabase` */
export const dropDatabase: Handler = async ({ db, services: { database } }) => {
  await database.write(() => {
    for (const collection of database.catalogue.inDatabase(db)) database.catalogue.drop(collection)
  })
  return { dropped: db }
}

/** `renameCollection` */
export const renameCollection: Handler = async ({ command, services: { database } }) => {
  const [from, to] = [String(command.renameCollection), String(command.to)]
  await database.write(() => {
    const collection = database.catalogue.get(from)
    if (!collection) throw namespaceNotFound(`Source collection ${from} does not exist`)
    const target = database.catalogue.get(to)
    if (target && !flag(command.dropTarget)) throw new StoreError(48, 'NamespaceExists', 'target namespace exists')
    if (target) database.catalogue.drop(target)
    database.catalogue.rename(collection, to)
  })
  return {}
}

function describe(collection: Collection): Doc {
  const view = collection.isView
  return {
    name: collection.name,
    type: view ? 'view' : 'collection',
    options: collection.options,
    info: { readOnly: view, ...(view ? {} : { uuid: collection.meta.uuid }) },
    ...(view ? {} : { idIndex: { v: 2, key: { _id: 1 }, name: '_id_' } }),
  }
}

const visibleIn = ({ database }: Request['services'], db: string): Collection[] =>
  database.catalogue.inDatabase(db).filter(collection => !collection.pending)

/** `listCollections` */
export const listCollections: Handler = ({ command, db, services }) => {
  const test = compileFilter(documentField(command, 'filter'))
  const described = visibleIn(services, db).map(describe).filter(test)
  const shown = flag(command.nameOnly) ? described.map(({ name, type }) => ({ name, type })) : described
  const batchSize = countField(documentField(command, 'cursor'), 'batchSize', Number.POSITIVE_INFINITY)
  return services.cursors.start(`${db}.$cmd.listCollections`, rowsOf(shown.map(encode)), batchSize)
}

/** `listDatabases`: all share one file, so only the whole has a size. */
export const listDatabases: Handler = ({ command, services }) => {
  const collections = services.database.catalogue.all().filter(collection => !collection.pending)
  const names = [...new Set(collections.map(collection => collection.db))].sort()
  const test = compileFilter(documentField(command, 'filter'))
  const databases = names.map(name => ({ name, empty: false })).filter(test)
  if (flag(command.nameOnly)) return { databases: databases.map(({ name }) => ({ name })) }
  const { fileBytes } = services.database
  return { databases, totalSize: Long.fromNumber(fileBytes), totalSizeMb: Long.fromNumber(Math.floor(fileBytes / mebibyte)) }
}

const indexChanges = ['expireAfterSeconds', 'hidden']

function readIndexChange({ index }: Doc): Doc | null {
  if (isNullish(index)) return null
  if (!isObject(index))
    throw typeMismatch(`BSON field 'collMod.index' is the wrong type '${typeName(index)}', expected type 'object'`)
  for (const name of Object.keys(index))
    if (!['name', 'keyPattern', ...indexChanges].includes(name)) throw notSupported(`collMod with 'index.${name}'`)
  return index
}

/** `collMod`: TTL and visibility of an index, validator, view definition. */
export const collMod: Handler = async request => {
  const { command, services } = request
  const collection = existing(request)
  const options = { ...collection.options, ...optionsOf(command, collection.options) }
  const change = readIndexChange(command)
  await services.database.write(() => {
    const index = change && services.database.findIndex(collection, change.name ?? change.keyPattern)
    for (const name of indexChanges) if (index && !isNullish(change?.[name])) index.meta.spec[name] = change?.[name]
    Object.assign(collection.options, options)
    collection.forgetValidator()
    services.database.catalogue.save(collection)
  })
  return {}
}

/** `collStats`, without sizes: collections share one file, and to add up their documents would take reading all of them. */
export const collStats: Handler = request => {
  const { database } = request.services
  const ns = namespaceOf(request)
  const collection = database.catalogue.get(ns)
  return {
    ns,
    count: collection && !collection.isView ? database.count(collection) : 0,
    nindexes: collection?.indexes.length ?? 0,
    capped: false,
  }
}

/** `dbStats`, without sizes as well */
export const dbStats: Handler = ({ db, services: { database } }) => {
  const collections = database.catalogue.inDatabase(db)
  const stored = collections.filter(collection => !collection.isView)
  return {
    db,
    collections: stored.length,
    views: collections.length - stored.length,
    objects: stored.reduce((sum, collection) => sum + database.count(collection), 0),
    indexes: stored.reduce((sum, collection) => sum + collection.indexes.length, 0),
  }
}
