import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { MongoClient } from 'mongodb'
import type { Item } from './failure.ts'

/** Process id of the process that serves a data folder; while the lock is handed over, of the last one known. */
export function storePid(dataDir: string, lastKnown = 0): number {
  const folder = path.join(dataDir, 'store')
  const number = (name: string) => Number(/^lock\.(\d+)$/.exec(name)?.[1] ?? 0)
  const highest = Math.max(...readdirSync(folder).map(number))
  try {
    return JSON.parse(readFileSync(path.join(folder, `lock.${highest}`), 'utf8')).pid
  } catch (error) {
    // Between the listing and the reading the next process took the lock over.
    if (lastKnown > 0 && (error as NodeJS.ErrnoException).code === 'ENOENT') return lastKnown
    throw error
  }
}

/** Waits without a timer until something holds. */
export async function until(holds: () => boolean, limitMs = 5000): Promise<void> {
  const endMs = Date.now() + limitMs
  while (!holds()) {
    if (Date.now() > endMs) throw new Error('it did not happen in time')
    await new Promise(resolve => setImmediate(resolve))
  }
}

/** What was acknowledged and what was found afterwards. */
export type KillReport = {
  inserts: number
  lost: number[]
  increments: number
  sum: number
  /** Operations that failed twice: not acknowledged, they may or may not have happened. */
  unknown: number
  pairs: number
  halves: unknown[]
  lostPairs: number[]
}

/** Loads a store with inserts, increments and two-document transactions while its process is killed again and again. */
export async function runUnderKills({ uri, kills, kill }: { uri: string; kills: number; kill: () => void }): Promise<KillReport> {
  const client = await MongoClient.connect(uri)
  const events = client.db().collection<Item>('events')
  await events.insertOne({ _id: 'sum', n: 0 })
  const inserts: number[] = []
  const pairs: number[] = []
  let [increments, unknown, next, running] = [0, 0, 0, true]
  const repeat = async (work: () => Promise<void>) => {
    while (running) {
      await work().catch(() => {
        unknown++
      })
    }
  }
  const inserting = async () => {
    const id = next++
    await events.insertOne({ _id: id })
    inserts.push(id)
  }
  const counting = async () => {
    await events.updateOne({ _id: 'sum' }, { $inc: { n: 1 } })
    increments++
  }
  const pairing = async () => {
    const id = next++
    await client.withSession(session =>
      session.withTransaction(async () => {
        await events.insertOne({ _id: `left-${id}`, pair: id }, { session })
        await events.insertOne({ _id: `right-${id}`, pair: id }, { session })
      }),
    )
    pairs.push(id)
  }
  const load = Promise.all([inserting, inserting, inserting, counting, counting, pairing].map(repeat))
  for (let done = 0; done <= kills; done++) {
    const [enough, enoughPairs] = [inserts.length + 100, pairs.length + 5]
    await until(() => inserts.length > enough && pairs.length > enoughPairs, 15_000)
    if (done < kills) kill()
  }
  running = false
  await load
  const stored = new Set((await events.find({ _id: { $type: 'number' } }).toArray()).map(doc => doc._id))
  const groups = await events
    .aggregate([{ $match: { pair: { $exists: true } } }, { $group: { _id: '$pair', n: { $sum: 1 } } }])
    .toArray()
  const whole = new Set(groups.filter(({ n }) => n === 2).map(({ _id }) => _id))
  const sum = (await events.findOne({ _id: 'sum' }))?.n as number
  await client.close()
  return {
    inserts: inserts.length,
    lost: inserts.filter(id => !stored.has(id)),
    increments,
    sum,
    unknown,
    pairs: pairs.length,
    halves: groups.filter(({ n }) => n !== 2),
    lostPairs: pairs.filter(id => !whole.has(id)),
  }
}
