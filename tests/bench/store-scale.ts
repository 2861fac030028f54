import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { type Collection, MongoClient } from 'mongodb'
import { openEmbeddedStore } from '../../store/index.ts'
import { residentMiB } from './machine.ts'
import { median, percentile, round } from './numbers.ts'
import type { Row } from './report.ts'
import { type Sample, sampleOf } from './store-sample.ts'

const MILLION = 1_000_000
const SIZES = [10_000, 100_000, MILLION] as const
const BATCH = 5000
const RUNS = 40
const REST_MS = 2000

/** The store's process is named in its newest lock file. */
function storePid(dataDir: string): number {
  const folder = join(dataDir, 'store')
  const locks = readdirSync(folder).filter(name => /^lock\.\d+$/.test(name))
  return (JSON.parse(readFileSync(join(folder, locks.at(-1) ?? ''), 'utf8')) as { pid: number }).pid
}

async function fill(rows: Collection<Sample>, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += BATCH) {
    await rows.insertMany(
      Array.from({ length: Math.min(BATCH, to - at) }, (_, index) => sampleOf(at + index + 1)),
      { ordered: false },
    )
  }
}

async function tookMs(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

const newestOf = (rows: Collection<Sample>, owner: number) =>
  rows.find({ owner: `person-${owner}` }, { sort: { at: -1 }, limit: 20 }).toArray()

/** How long others wait for one document while something long is going on. */
async function whileOthersRead(
  rows: Collection<Sample>,
  work: () => Promise<unknown>,
): Promise<{ tookMs: number; waits: number[] }> {
  const waits: number[] = []
  let running = true
  const reading = (async () => {
    for (let turn = 1; running; turn += 1) {
      waits.push(await tookMs(() => rows.findOne({ _id: turn })))
      await wait(2)
    }
  })()
  try {
    return { tookMs: await tookMs(work), waits }
  } finally {
    running = false
    await reading
  }
}

/** What the size of the data does: queries, memory, and how long others wait while the store works on a million documents. */
export async function benchStoreScale(): Promise<Row[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'kelian-bench-'))
  const store = await openEmbeddedStore({ dataDir })
  const client = await MongoClient.connect(store.uri)
  const reader = await MongoClient.connect(store.uri, { maxPoolSize: 1 })
  const result: Row[] = []
  const add = (what: string, value: string, target?: string): void => {
    result.push({ what, value, ...(target && { target }) })
  }
  const memory = async (): Promise<string> => {
    await wait(REST_MS)
    return `${round(residentMiB(storePid(dataDir)) ?? Number.NaN)} MiB`
  }
  try {
    const rows = client.db().collection<Sample>('bench')
    const others = reader.db().collection<Sample>('bench')
    await rows.createIndexes([{ key: { number: 1 }, unique: true }, { key: { owner: 1, at: -1 } }])
    add('memory of the store, idle and nearly empty', await memory())
    let before = 0
    for (const size of SIZES) {
      await fill(rows, before, size)
      before = size
      const times: number[] = []
      for (let run = 0; run < RUNS; run += 1) times.push(await tookMs(() => newestOf(rows, run)))
      add(`indexed find + sort + limit 20 of ${size}`, `p50 ${round(median(times), 1)} ms`, 'flat')
      if (size !== 100_000) continue
      const group = () => rows.aggregate([{ $group: { _id: '$stage', sum: { $sum: '$amountMinor' }, n: { $sum: 1 } } }]).toArray()
      add('$group over 100000', `${round(await tookMs(group))} ms`)
    }
    add('memory of the store, idle with 1000000', await memory())

    const delay = monitorEventLoopDelay({ resolution: 5 })
    await rows.countDocuments({ _id: -1 })
    delay.enable()
    const scan = await tookMs(() => rows.countDocuments({ 'contact.phone': 'nobody' }))
    delay.disable()
    // The monitor counts its own period of 5 ms.
    const longestMs = delay.max / 1e6 - 5
    add(
      'event loop of the service while the store scans 1000000',
      `longest delay ${round(longestMs, 1)} ms (scan ${round(scan)} ms)`,
      'target ≤ 20 ms',
    )

    const long: Readonly<Record<string, () => Promise<unknown>>> = {
      'an unindexed count': () => rows.countDocuments({ company: 'nobody' }),
      $group: () => rows.aggregate([{ $group: { _id: '$owner', sum: { $sum: '$amountMinor' } } }]).toArray(),
      'an unindexed sort': () => rows.find({}, { sort: { company: -1 }, projection: { _id: 1 } }).toArray(),
      createIndex: () => rows.createIndex({ stage: 1, amountMinor: -1 }),
      updateMany: () => rows.updateMany({}, { $inc: { version: 1 } }),
      'deleteMany of half': () => rows.deleteMany({ _id: { $gt: MILLION / 2 } }),
      'dropping the collection': () => rows.drop(),
    }
    for (const [name, work] of Object.entries(long)) {
      const { tookMs: took, waits } = await whileOthersRead(others, work)
      const longest = Math.max(...waits)
      add(
        `others wait during ${name}`,
        `p99 ${round(percentile(waits, 0.99))} ms, longest ${round(longest)} ms (of ${round(took / 1000, 1)} s)`,
      )
    }
    add('memory of the store afterwards', await memory())
    return result
  } finally {
    await reader.close()
    await client.close()
    await store.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
}
