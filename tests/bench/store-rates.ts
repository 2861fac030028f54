import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Collection, MongoClient } from 'mongodb'
import { openEmbeddedStore } from '../../store/index.ts'
import { startChild, stopChild } from './machine.ts'
import { median, round } from './numbers.ts'
import type { Row } from './report.ts'
import { type Sample, sampleOf } from './store-sample.ts'

const ROUNDS = 5
const ROUND_MS = 700
const DOCUMENTS = 10_000
const MAJORITY = { w: 'majority' } as const

type Operation = (rows: Collection<Sample>, serial: number) => Promise<unknown>

const place = (serial: number): number => 1 + ((serial * 7919) % DOCUMENTS)

const OPERATIONS: Readonly<Record<string, { run: Operation; targets?: Readonly<Record<number, string>> }>> = {
  'findOne by index': {
    run: (rows, serial) => rows.findOne({ number: sampleOf(place(serial)).number }),
    targets: { 1: 'target ≥ 0.6', 16: 'target ≥ 0.6' },
  },
  'durable insertOne': { run: (rows, serial) => rows.insertOne(sampleOf(1_000_000 + serial)) },
  'durable updateOne': {
    run: (rows, serial) => rows.updateOne({ _id: place(serial) }, { $inc: { version: 1 } }),
    targets: { 16: 'target ≥ 0.5' },
  },
  'durable findOneAndUpdate': {
    run: (rows, serial) => rows.findOneAndUpdate({ _id: place(serial) }, { $inc: { version: 1 } }, { returnDocument: 'after' }),
  },
}

let serial = 0

async function operationsPerSecond(rows: Collection<Sample>, run: Operation, callers: number): Promise<number> {
  const startedAt = performance.now()
  let done = 0
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() - startedAt < ROUND_MS) {
        serial += 1
        await run(rows, serial)
        done += 1
      }
    }),
  )
  return (done * 1000) / (performance.now() - startedAt)
}

async function compare(store: Collection<Sample>, echo: Collection<Sample>, name: string, callers: number): Promise<Row> {
  const { run, targets } = OPERATIONS[name] as (typeof OPERATIONS)[string]
  const rounds: { store: number; echo: number }[] = []
  for (let turn = 0; turn <= ROUNDS; turn += 1) {
    const result = { echo: await operationsPerSecond(echo, run, callers), store: await operationsPerSecond(store, run, callers) }
    // The first round only warms up.
    if (turn > 0) rounds.push(result)
  }
  const ratio = median(rounds.map(each => each.store / each.echo))
  const [own, floor] = [median(rounds.map(each => each.store)), median(rounds.map(each => each.echo))]
  return {
    what: `${name}, ${callers} ${callers === 1 ? 'caller' : 'callers'}`,
    value: `${round(ratio, 2)}  (${round(own)}/s ÷ ${round(floor)}/s)`,
    ...(targets?.[callers] && { target: targets[callers] }),
  }
}

const SYNCS = 200

/** What one durable commit costs at the least: the disk's own price for a page. */
function syncMs(folder: string): number {
  const file = openSync(join(folder, 'sync'), 'w')
  const page = Buffer.alloc(4096, 1)
  const times = Array.from({ length: SYNCS }, (_, index) => {
    const startedAt = performance.now()
    writeSync(file, page, 0, page.length, index * page.length)
    fdatasyncSync(file)
    return performance.now() - startedAt
  })
  closeSync(file)
  return median(times)
}

/** Operations per second of the store ÷ those of a server that only echoes, both through the official driver in this process. */
export async function benchStoreRates(): Promise<Row[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'kelian-bench-'))
  const echoSocket = join(dataDir, 'echo.sock')
  const store = await openEmbeddedStore({ dataDir })
  const echo = await startChild<unknown>('./store-echo.ts', [echoSocket])
  const options = { maxPoolSize: 16, writeConcern: MAJORITY }
  const client = await MongoClient.connect(store.uri, options)
  const echoClient = await MongoClient.connect(
    `mongodb://${encodeURIComponent(echoSocket)}/kelian?directConnection=true`,
    options,
  )
  try {
    const rows = client.db().collection<Sample>('bench')
    await rows.createIndexes([{ key: { number: 1 }, unique: true }, { key: { owner: 1, at: -1 } }])
    await rows.insertMany(Array.from({ length: DOCUMENTS }, (_, index) => sampleOf(index + 1)))
    const result: Row[] = [
      { what: 'one page written and synced on this disk (a commit needs two)', value: `p50 ${round(syncMs(dataDir), 2)} ms` },
    ]
    for (const callers of [1, 16]) {
      for (const name of Object.keys(OPERATIONS)) {
        result.push(await compare(rows, echoClient.db().collection<Sample>('bench'), name, callers))
      }
    }
    return result
  } finally {
    await client.close()
    await echoClient.close()
    await store.close()
    await stopChild(echo.child)
    rmSync(dataDir, { recursive: true, force: true })
  }
}
