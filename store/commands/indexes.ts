import { type Doc, encode, equal } from '../bson/index.ts'
import { isNullish, isNumber, isObject, toNumber, typeName } from '../bson/values.ts'
import { type Collection, sameKey } from '../data/index.ts'
import { namespaceNotFound, notSupported, StoreError } from '../errors.ts'
import { compileFilter } from '../match/index.ts'
import { rowsOf } from '../query/index.ts'
import { existing } from './collections.ts'
import { flag, type Handler, listField, namespaceOf, refuseCollation } from './request.ts'

const cannotCreate = (message: string) => new StoreError(67, 'CannotCreateIndex', message)
const maxFields = 32

function readKey(key: unknown): Doc {
  if (!isObject(key) || Object.keys(key).length === 0) throw cannotCreate('Index keys cannot be empty.')
  const entries = Object.entries(key)
  if (entries.length > maxFields) throw cannotCreate(`Index key pattern has too many fields: ${entries.length}`)
  return Object.fromEntries(
    entries.map(([path, direction]) => {
      if (path === '' || path.split('.').includes('')) throw cannotCreate('Index keys cannot contain an empty field.')
      if (path.includes('$**')) throw notSupported('a wildcard index')
      if (typeof direction === 'string') {
        if (direction !== 'hashed') throw notSupported(`an index of type '${direction}'`)
        return [path, direction]
      }
      if (!isNumber(direction) || !toNumber(direction)) {
        throw cannotCreate(
          `Values in v:2 index key pattern cannot be of type ${typeName(direction)}. Only numbers > 0, numbers < 0, and strings are allowed.`,
        )
      }
      return [path, toNumber(direction)]
    }),
  )
}

const known = new Set([
  'v',
  'key',
  'name',
  'unique',
  'sparse',
  'partialFilterExpression',
  'expireAfterSeconds',
  'hidden',
  'background',
  'collation',
  'ns',
])

function readSpec(sent: Doc): Doc {
  for (const name of Object.keys(sent)) if (!known.has(name)) throw notSupported(`the index option '${name}'`)
  refuseCollation(sent, 'an index')
  const key = readKey(sent.key)
  const spec: Doc = {
    v: 2,
    key,
    name: typeof sent.name === 'string' && sent.name ? sent.name : Object.entries(key).flat().join('_'),
  }
  if (flag(sent.unique)) {
    if (Object.values(key).includes('hashed')) throw cannotCreate('Currently hashed indexes cannot guarantee uniqueness.')
    spec.unique = true
  }
  if (flag(sent.sparse)) spec.sparse = true
  if (flag(sent.hidden)) spec.hidden = true
  if (!isNullish(sent.partialFilterExpression)) {
    if (!isObject(sent.partialFilterExpression)) throw cannotCreate("'partialFilterExpression' must be a document")
    if (spec.sparse) throw cannotCreate('cannot mix "partialFilterExpression" and "sparse" options')
    compileFilter(sent.partialFilterExpression)
    spec.partialFilterExpression = sent.partialFilterExpression
  }
  if (!isNullish(sent.expireAfterSeconds)) {
    if (Object.keys(key).length > 1)
      throw cannotCreate('TTL indexes are single-field indexes, compound indexes do not support TTL')
    const seconds = toNumber(sent.expireAfterSeconds)
    if (!(seconds >= 0 && seconds <= 2147483647))
      throw cannotCreate("TTL index 'expireAfterSeconds' option must be within an acceptable range")
    spec.expireAfterSeconds = seconds
  }
  return spec
}

const optionsOf = ({ unique, sparse, partialFilterExpression, expireAfterSeconds }: Doc): Doc => ({
  unique: unique === true,
  sparse: sparse === true,
  partial: partialFilterExpression ?? null,
  expires: isNullish(expireAfterSeconds) ? null : toNumber(expireAfterSeconds),
})

/** Whether the index is there already. @throws StoreError 85 or 86 when one in its place differs */
function isPresent(collection: Collection, spec: Doc): boolean {
  if (sameKey(spec.key, { _id: 1 })) return true
  const named = collection.indexes.find(index => index.name === spec.name)
  if (named) {
    if (sameKey(named.meta.spec.key, spec.key) && equal(optionsOf(named.meta.spec), optionsOf(spec))) return true
    throw new StoreError(
      86,
      'IndexKeySpecsConflict',
      `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${String(spec.name)}`,
    )
  }
  const keyed = collection.indexes.find(
    index =>
      sameKey(index.meta.spec.key, spec.key) &&
      equal(index.meta.spec.partialFilterExpression ?? null, spec.partialFilterExpression ?? null) &&
      index.sparse === (spec.sparse === true) &&
      index.unique === (spec.unique === true),
  )
  if (keyed) throw new StoreError(85, 'IndexOptionsConflict', `Index already exists with a different name: ${keyed.name}`)
  return false
}

/** `createIndexes` (manual: "createIndexes") */
export const createIndexes: Handler = request => {
  const ns = namespaceOf(request)
  const specs = (listField(request.command, 'indexes') ?? []).map(readSpec)
  if (specs.length === 0) throw new StoreError(2, 'BadValue', 'Must specify at least one index to create')
  const { database } = request.services
  return database.write(() => {
    const createdCollectionAutomatically = !database.catalogue.get(ns)
    const collection = database.ensureCollection(ns, request.transaction)
    if (collection.isView) throw new StoreError(166, 'CommandNotSupportedOnView', `Namespace ${ns} is a view, not a collection`)
    const numIndexesBefore = collection.indexes.length
    const missing = specs.filter(spec => !isPresent(collection, spec))
    if (missing.length > 0 && request.transaction && !request.transaction.created.includes(collection))
      throw new StoreError(
        263,
        'OperationNotSupportedInTransaction',
        `Cannot create new indexes on existing collection ${ns} in a multi-document transaction.`,
      )
    for (const spec of missing) if (!isPresent(collection, spec)) database.buildIndex(collection, spec)
    const numIndexesAfter = collection.indexes.length
    const note = numIndexesAfter === numIndexesBefore ? { note: 'all indexes already exist' } : {}
    return { numIndexesBefore, numIndexesAfter, createdCollectionAutomatically, ...note }
  })
}

/** `listIndexes` */
export const listIndexes: Handler = request => {
  const ns = namespaceOf(request)
  const collection = request.services.database.catalogue.get(ns)
  if (!collection || collection.pending) throw namespaceNotFound(`ns does not exist: ${ns}`)
  return request.services.cursors.start(
    ns,
    rowsOf(collection.indexes.map(index => encode(index.meta.spec))),
    Number.POSITIVE_INFINITY,
  )
}

/** `dropIndexes` */
export const dropIndexes: Handler = async request => {
  const { database } = request.services
  const collection = existing(request)
  const wanted = request.command.index
  const nIndexesWas = collection.indexes.length
  await database.write(() => {
    const all = wanted === '*' ? collection.indexes.filter(index => index.name !== '_id_') : null
    const chosen = all ?? (Array.isArray(wanted) ? wanted : [wanted]).map(one => database.findIndex(collection, one))
    if (chosen.some(index => index.name === '_id_')) throw new StoreError(72, 'InvalidOptions', 'cannot drop _id index')
    for (const index of chosen) database.catalogue.dropIndex(collection, index)
  })
  return { nIndexesWas }
}
