import { compileCollation, type Doc } from '../bson/index.ts'
import { isNullish, isNumber, isObject, toNumber, typeName } from '../bson/values.ts'
import type { Database, Transaction } from '../data/index.ts'
import { badValue, notSupported, StoreError, typeMismatch } from '../errors.ts'
import { Pace } from '../query/index.ts'
import type { Session } from '../sessions/index.ts'
import type { Cursors } from './cursors.ts'

/** What every command can reach. */
export type Services = {
  database: Database
  cursors: Cursors
  nowMs: () => number
  /** Where clients connect, as `hello` tells them. */
  address: string
  connections: () => number
  endSessions: (lsids: unknown[]) => void
  listSessions: () => Doc[]
}

/** One command on its way. */
export type Request = {
  services: Services
  name: string
  command: Doc
  db: string
  sequences: Map<string, Buffer[]>
  session: Session | null
  transaction: Transaction | null
  /** Number of a retryable write, null for any other command. */
  retryNumber: bigint | null
  connectionId: number
}

/** Answers a command; `ok: 1` and the cluster time are added by the caller. */
export type Handler = (request: Request) => Promise<Doc> | Doc

/** The collection that a command names, with its database. @throws StoreError 73 */
export function namespaceOf({ command, db, name }: Request): string {
  const collection = command[name]
  if (typeof collection !== 'string' || collection === '') {
    throw new StoreError(73, 'InvalidNamespace', `collection name has invalid type ${typeName(collection)}`)
  }
  return `${db}.${collection}`
}

/** A document field of a command; missing gives an empty one. @throws StoreError 14 */
export function documentField(command: Doc, name: string): Doc {
  const value = command[name]
  if (isNullish(value)) return {}
  if (!isObject(value)) throw typeMismatch(`BSON field '${name}' is the wrong type '${typeName(value)}', expected type 'object'`)
  return value
}

/** A list of documents. @throws StoreError 14 */
export function listField(command: Doc, name: string): Doc[] | undefined {
  const value = command[name]
  if (isNullish(value)) return undefined
  if (!Array.isArray(value) || !value.every(isObject)) {
    throw typeMismatch(`BSON field '${name}' is the wrong type '${typeName(value)}', expected type 'array'`)
  }
  return value
}

/** A whole number that may not be negative; missing gives the default. @throws StoreError 51024 or 14 */
export function countField(command: Doc, name: string, missing: number): number {
  const value = command[name]
  if (isNullish(value)) return missing
  if (!isNumber(value)) throw typeMismatch(`BSON field '${name}' is the wrong type '${typeName(value)}', expected a number`)
  const number = toNumber(value)
  if (number < 0)
    throw new StoreError(51024, 'Location51024', `BSON field '${name}' value must be >= 0, actual value '${number}'`)
  return Math.trunc(number)
}

/** A yes or no, also as 1 or 0. */
export const flag = (value: unknown, missing = false): boolean =>
  isNullish(value) ? missing : typeof value === 'boolean' ? value : isNumber(value) && toNumber(value) !== 0

/** @throws StoreError 115 for a collation other than the binary one */
export function refuseCollation(spec: Doc, what: string): void {
  if (compileCollation(spec.collation)) throw notSupported(`${what} with a collation`)
}

/** The time that a command has. */
export const paceOf = ({ command }: Pick<Request, 'command'>): Pace => new Pace(countField(command, 'maxTimeMS', 0))

/** The index that a statement names; an empty document names none. */
export const hintOf = ({ hint }: Doc): unknown =>
  isNullish(hint) || (isObject(hint) && Object.keys(hint).length === 0) ? undefined : hint

/** The number of a transaction or retryable write. @throws StoreError 2 */
export function txnNumberOf(command: Doc): bigint {
  const value = command.txnNumber
  if (!isNumber(value)) throw badValue('txnNumber must be a number')
  return BigInt(toNumber(value))
}
