import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { EJSON } from 'bson'
import { type Document, MongoBulkWriteError, MongoClient, type MongoServerError } from 'mongodb'
import { openEmbeddedStore } from '../../../store/index.ts'
import { type Operation, perform, Unsupported } from './unified-operations.ts'
import { mismatch } from './unified-values.ts'

/*
 * Runs MongoDB's published unified specification tests against the embedded store:
 *   node --import tsx tests/soak/store/unified.ts <folder of the specifications repository> [crud transactions retryable-writes]
 * Tests that need fail points, or operations that the runner does not know, are counted as not run.
 */

type Spec = {
  description: string
  createEntities?: Document[]
  initialData?: Document[]
  runOnRequirements?: Document[]
  tests: Test[]
}
type Test = {
  description: string
  operations: Operation[]
  outcome?: Document[]
  runOnRequirements?: Document[]
  skipReason?: string
}
type Counts = { passed: number; failed: string[]; notRun: Map<string, number> }

const serverVersion = '8.0'

function meets(requirements: Document[] | undefined): boolean {
  if (!requirements) return true
  return requirements.some(({ minServerVersion, maxServerVersion, topologies, auth, serverless }) => {
    const compare = (version: string) => Number(version.split('.')[0]) * 100 + Number(version.split('.')[1] ?? 0)
    if (minServerVersion && compare(minServerVersion) > compare(serverVersion)) return false
    if (maxServerVersion && compare(maxServerVersion) < compare(serverVersion)) return false
    return (!topologies || topologies.includes('replicaset')) && auth !== true && serverless !== 'require'
  })
}

async function createEntities(list: Document[], uri: string, entities: Map<string, unknown>): Promise<void> {
  for (const entity of list) {
    const [[type, spec]] = Object.entries(entity) as [[string, Document]]
    const get = <T>(name: string) => entities.get(name) as T
    if (type === 'client') entities.set(spec.id, await MongoClient.connect(uri, { ...spec.uriOptions, directConnection: true }))
    else if (type === 'database') entities.set(spec.id, get<MongoClient>(spec.client).db(spec.databaseName, spec.databaseOptions))
    else if (type === 'collection')
      entities.set(
        spec.id,
        get<ReturnType<MongoClient['db']>>(spec.database).collection(spec.collectionName, spec.collectionOptions),
      )
    else if (type === 'session') entities.set(spec.id, get<MongoClient>(spec.client).startSession(spec.sessionOptions))
    else throw new Unsupported(`entity ${type}`)
  }
}

function checkError(expected: Document, error: unknown): void {
  const actual = error as MongoServerError
  if (
    expected.isClientError === true &&
    typeof actual.code === 'number' &&
    !(error instanceof MongoBulkWriteError) &&
    'ok' in (actual.errorResponse ?? {})
  ) {
    throw new Error(`expected a client error, got ${actual.message}`)
  }
  if (expected.errorCode !== undefined && actual.code !== expected.errorCode)
    throw new Error(`expected code ${expected.errorCode}, got ${actual.code}: ${actual.message}`)
  if (expected.errorCodeName !== undefined && actual.codeName !== expected.errorCodeName)
    throw new Error(`expected ${expected.errorCodeName}, got ${actual.codeName}`)
  if (
    expected.errorContains !== undefined &&
    !actual.message.toLowerCase().includes(String(expected.errorContains).toLowerCase())
  ) {
    throw new Error(`expected "${expected.errorContains}" in "${actual.message}"`)
  }
  for (const label of expected.errorLabelsContain ?? [])
    if (!actual.hasErrorLabel(label)) throw new Error(`label ${label} is missing`)
  for (const label of expected.errorLabelsOmit ?? []) if (actual.hasErrorLabel(label)) throw new Error(`label ${label} is there`)
}

async function runOperation(operation: Operation, entities: Map<string, unknown>): Promise<void> {
  if (operation.object === 'testRunner') {
    if (operation.name.startsWith('assert') && !operation.name.includes('Session')) throw new Unsupported(operation.name)
    if (operation.name.startsWith('assertSession')) return
    throw new Unsupported(operation.name)
  }
  const args = { ...operation.arguments }
  if (typeof args.session === 'string') args.session = entities.get(args.session)
  let result: unknown
  try {
    result = await perform(entities.get(operation.object), operation.name, args, inner => runOperation(inner, entities))
  } catch (error) {
    if (error instanceof Unsupported || operation.ignoreResultAndError)
      throw error instanceof Unsupported ? error : new Error('ignored')
    if (!operation.expectError) throw error
    checkError(operation.expectError, error)
    return
  }
  if (operation.expectError) throw new Error('expected an error')
  if (operation.expectResult !== undefined) {
    const reason = mismatch(operation.expectResult, result, entities)
    if (reason) throw new Error(`result of ${operation.name}: ${reason}`)
  }
  if (operation.saveResultAsEntity) entities.set(operation.saveResultAsEntity, result)
}

async function runTest(spec: Spec, test: Test, uri: string, admin: MongoClient): Promise<void> {
  const entities = new Map<string, unknown>()
  for (const { databaseName, collectionName, documents } of spec.initialData ?? []) {
    const db = admin.db(databaseName)
    await db.dropCollection(collectionName)
    if (documents.length > 0) await db.collection(collectionName).insertMany(documents)
    else await db.createCollection(collectionName)
  }
  try {
    await createEntities(spec.createEntities ?? [], uri, entities)
    for (const operation of test.operations) await runOperation(operation, entities)
    for (const value of entities.values())
      if (value && typeof value === 'object' && 'endSession' in value)
        await (value as { endSession(): Promise<void> }).endSession()
    for (const { databaseName, collectionName, documents } of test.outcome ?? []) {
      const stored = await admin
        .db(databaseName)
        .collection(collectionName)
        .find({}, { sort: { _id: 1 } })
        .toArray()
      const reason = mismatch(documents, stored, entities, false)
      if (reason) throw new Error(`outcome: ${reason}`)
    }
  } finally {
    for (const value of entities.values()) if (value instanceof MongoClient) await value.close()
  }
}

async function runFolder(folder: string, uri: string, admin: MongoClient): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: [], notRun: new Map() }
  for (const file of readdirSync(folder).filter(name => name.endsWith('.json'))) {
    const spec = EJSON.parse(readFileSync(path.join(folder, file), 'utf8'), { relaxed: true }) as Spec
    for (const test of spec.tests) {
      const skip = test.skipReason
        ? 'skipped by the file'
        : meets(spec.runOnRequirements) && meets(test.runOnRequirements)
          ? null
          : 'other servers only'
      try {
        if (skip) throw new Unsupported(skip)
        await runTest(spec, test, uri, admin)
        counts.passed++
      } catch (error) {
        if (error instanceof Unsupported) counts.notRun.set(error.message, (counts.notRun.get(error.message) ?? 0) + 1)
        else counts.failed.push(`${file}: ${test.description}: ${(error as Error).message}`)
      }
    }
  }
  return counts
}

const [specifications, ...wanted] = process.argv.slice(2)
if (!specifications) throw new Error('give the folder of the specifications repository')
const dataDir = mkdtempSync(path.join(os.tmpdir(), 'kelian-unified-'))
const store = await openEmbeddedStore({ dataDir })
const admin = await MongoClient.connect(store.uri)
let failures = 0
for (const name of wanted.length > 0 ? wanted : ['crud', 'transactions', 'retryable-writes']) {
  const { passed, failed, notRun } = await runFolder(
    path.join(specifications, 'source', name, 'tests', 'unified'),
    store.uri,
    admin,
  )
  failures += failed.length
  const skipped = [...notRun].map(([reason, n]) => `${n} ${reason}`).join(', ')
  process.stdout.write(
    `${name}: ${passed} passed, ${failed.length} failed (not run: ${skipped || 'none'})\n${failed.map(line => `  ${line}\n`).join('')}`,
  )
}
await admin.close()
await store.close()
rmSync(dataDir, { recursive: true, force: true })
process.exitCode = failures > 0 ? 1 : 0
