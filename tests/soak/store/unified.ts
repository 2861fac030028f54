import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { EJSON } from 'bson'
import { type Document, MongoClient } from 'mongodb'
import { FailPointProxy } from './fail-points.ts'
import { folderArgument, withScratchStore } from './scratch.ts'
import { Unsupported } from './unified-operations.ts'
import { runTest, type Server, type Spec } from './unified-run.ts'

/*
 * Runs MongoDB's published unified specification tests against the embedded store. What is not run is counted with its reason. Events are not
 * compared: they are the driver's.
 */

type Counts = { passed: number; failed: string[]; notRun: Map<string, number> }

/** The share of passed tests that each folder must reach. */
const bars: Readonly<Record<string, number>> = {
  crud: 98,
  transactions: 97,
  'transactions-convenient-api': 97,
  'retryable-writes': 100,
  'retryable-reads': 98,
  sessions: 98,
  'versioned-api': 98,
  'collection-management': 98,
  'read-write-concern': 98,
}
/** What the Node.js driver decides before a server hears of it. */
const driversOwn: [RegExp, string][] = [
  [/^create-null-ids\.json: inserting .* via (insert|bulkWrite|clientBulkWrite)/, 'the driver replaces a null _id'],
  [/partialResult is unset when/, 'the driver always gives a partial result'],
  [/^client-bulkWrite\.json: .* causes a transaction error/, 'the driver ignores that write concern'],
  [/^bulkWrite\.json: First insertOne is never committed/, 'the driver names the ids it generated'],
]
const serverVersion = '8.0'
const needsOthers = 'other servers only'

function meets(requirements: Document[] | undefined): boolean {
  if (!requirements) return true
  const number = (version: string) => Number(version.split('.')[0]) * 100 + Number(version.split('.')[1] ?? 0)
  return requirements.some(({ minServerVersion, maxServerVersion, topologies, auth, serverless, csfle, serverParameters }) => {
    if (minServerVersion && number(minServerVersion) > number(serverVersion)) return false
    if (maxServerVersion && number(maxServerVersion) < number(serverVersion)) return false
    if (auth === true || serverless === 'require' || csfle || serverParameters) return false
    return !topologies || topologies.includes('replicaset')
  })
}

function filesOf(folder: string): string[] {
  const unified = path.join(folder, 'unified')
  const chosen = existsSync(unified) ? unified : folder
  return existsSync(chosen)
    ? readdirSync(chosen)
        .filter(name => name.endsWith('.json'))
        .map(name => path.join(chosen, name))
    : []
}

async function runFolder(folder: string, server: Server, proxy: FailPointProxy): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: [], notRun: new Map() }
  for (const file of filesOf(folder)) {
    const spec = EJSON.parse(readFileSync(file, 'utf8'), { relaxed: true }) as Spec
    for (const test of spec.tests) {
      proxy.clear()
      const title = `${path.basename(file)}: ${test.description}`
      const own = driversOwn.find(([pattern]) => pattern.test(title))?.[1]
      try {
        if (own) throw new Unsupported(own)
        if (test.skipReason) throw new Unsupported(`left out by the file: ${test.skipReason}`)
        if (!meets(spec.runOnRequirements) || !meets(test.runOnRequirements)) throw new Unsupported(needsOthers)
        await runTest(spec, test, server)
        counts.passed++
      } catch (error) {
        if (error instanceof Unsupported) counts.notRun.set(error.message, (counts.notRun.get(error.message) ?? 0) + 1)
        else counts.failed.push(`${title}: ${(error as Error).message}`)
      }
    }
  }
  return counts
}

const [specifications, ...wanted] = folderArgument([
  `usage: npm run soak -- unified <checkout> [${Object.keys(bars).join(' ')}]`,
  'The checkout: github.com/mongodb/specifications.',
])

await withScratchStore(async storeUri => {
  const proxy = new FailPointProxy(storeUri)
  const uri = await proxy.listen()
  const server: Server = { uri, admin: await MongoClient.connect(storeUri) }
  for (const name of wanted.length > 0 ? wanted : Object.keys(bars)) {
    const { passed, failed, notRun } = await runFolder(path.join(specifications, 'source', name, 'tests'), server, proxy)
    const run = passed + failed.length
    const share = run === 0 ? 0 : (100 * passed) / run
    if (share < (bars[name] ?? 100)) process.exitCode = 1
    const skipped = [...notRun].map(([reason, n]) => `${n} ${reason}`).join(', ')
    process.stdout.write(`${name}: ${passed} of ${run} passed (${share.toFixed(1)} %); not run: ${skipped || 'none'}\n`)
    for (const line of failed) process.stdout.write(`  ${line}\n`)
  }
  await server.admin.close()
  await proxy.close()
})
