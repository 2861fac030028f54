import type { Doc } from '../bson/index.ts'
import { has, isNullish, isObject, typeName } from '../bson/values.ts'
import { failedToParse, notSupported, StoreError, typeMismatch } from '../errors.ts'
import { checkCommandFields } from './fields.ts'
import type { Request } from './request.ts'

const invalidOptions = (message: string) => new StoreError(72, 'InvalidOptions', message)

/** Commands that a driver may send again after a lost answer (manual: "Retryable Writes"). */
export const retryableCommands: ReadonlySet<string> = new Set([
  'insert',
  'update',
  'delete',
  'findAndModify',
  'findandmodify',
  'bulkWrite',
])

/** What may run in a transaction (manual: "Transactions and Operations"). */
const transactional: ReadonlySet<string> = new Set([
  ...retryableCommands,
  'find',
  'getMore',
  'killCursors',
  'aggregate',
  'distinct',
  'create',
  'createIndexes',
  'commitTransaction',
  'abortTransaction',
])

/** Commands that are no part of the Stable API, version 1. */
const unstable: ReadonlySet<string> = new Set([
  'isMaster',
  'ismaster',
  'buildInfo',
  'buildinfo',
  'serverStatus',
  'connectionStatus',
  'getParameter',
  'distinct',
  'renameCollection',
  'collStats',
  'dbStats',
])

function checkApiVersion({ name, command }: Request): void {
  const { apiVersion, apiStrict } = command
  if (apiVersion === undefined) {
    if (apiStrict !== undefined || command.apiDeprecationErrors !== undefined)
      throw new StoreError(9, 'FailedToParse', "Provided apiStrict or apiDeprecationErrors without passing in 'apiVersion'")
    return
  }
  if (apiVersion !== '1') throw new StoreError(322, 'APIVersionError', 'API version must be "1"')
  if (apiStrict === true && unstable.has(name))
    throw new StoreError(323, 'APIStrictError', `Provided apiStrict:true, but the command ${name} is not in API Version 1.`)
}

function writes({ command }: Request): boolean {
  const stages = command.pipeline
  const last = Array.isArray(stages) ? stages.at(-1) : undefined
  return isObject(last) && (has(last, '$out') || has(last, '$merge'))
}

const levels = ['local', 'majority', 'available', 'linearizable', 'snapshot']

function checkReadConcern(request: Request): void {
  const { readConcern } = request.command
  if (isNullish(readConcern)) return
  if (!isObject(readConcern)) throw typeMismatch(`readConcern must be an object, got ${typeName(readConcern)}`)
  for (const name of Object.keys(readConcern))
    if (!['level', 'afterClusterTime', 'atClusterTime', 'provenance'].includes(name))
      throw invalidOptions(`Unrecognized option in readConcern: ${name}`)
  const { level = 'local' } = readConcern
  if (!levels.includes(String(level)))
    throw failedToParse(`Enumeration value '${String(level)}' for field 'readConcern.level' is not a valid value.`)
  if (request.transaction) {
    if (request.command.startTransaction !== true && readConcern.level !== undefined)
      throw invalidOptions('Only the first command in a transaction may specify a readConcern')
    if (level === 'available' || level === 'linearizable')
      throw invalidOptions('The readConcern level must be either "local" (default), "majority" or "snapshot" in a transaction')
    return
  }
  if (level === 'snapshot' || readConcern.atClusterTime !== undefined)
    throw notSupported("readConcern level 'snapshot' outside a transaction")
  if (level === 'linearizable' && writes(request))
    throw invalidOptions('Aggregate command does not support readConcern linearizable with $out or $merge')
}

function checkWriteConcern(request: Request): void {
  const { name, command } = request
  const { writeConcern } = command
  if (isNullish(writeConcern)) return
  if (!isObject(writeConcern)) throw typeMismatch(`writeConcern must be an object, got ${typeName(writeConcern)}`)
  checkWriteConcernFields(writeConcern)
  if (command.autocommit === false && name !== 'commitTransaction' && name !== 'abortTransaction')
    throw invalidOptions('writeConcern is not allowed within a multi-statement transaction')
}

function checkWriteConcernFields({ w, ...others }: Doc): void {
  for (const name of Object.keys(others))
    if (!['j', 'wtimeout', 'fsync', 'provenance'].includes(name)) throw failedToParse(`unrecognized write concern field: ${name}`)
  if (typeof w === 'string' && w !== 'majority')
    throw new StoreError(79, 'UnknownReplWriteConcern', `No write concern mode named '${w}' found in replica set configuration`)
}

function checkTransaction({ name, transaction, ...request }: Request): void {
  if (!transaction) return
  const refused = !transactional.has(name) || (name === 'aggregate' && writes({ name, transaction, ...request }))
  if (refused)
    throw new StoreError(263, 'OperationNotSupportedInTransaction', `Cannot run '${name}' in a multi-document transaction.`)
}

/**
 * What is asked of every command before it runs.
 *
 * @throws StoreError 40415 unknown field, 263 not in a transaction, 72 and 9 read or write concern, 322 and 323 Stable API
 */
export function admit(request: Request): void {
  checkApiVersion(request)
  checkCommandFields(request.name, request.command)
  checkTransaction(request)
  checkReadConcern(request)
  checkWriteConcern(request)
}
