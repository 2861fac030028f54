import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { MongoClient } from 'mongodb'
import { folderArgument, withScratchStore } from './scratch.ts'

/* Runs the job scheduler Agenda, as it comes from npm, against the embedded store: two instances share the work. */

type Job = { attrs: { data: { n: number } } }
type Instance = {
  define(name: string, work: (job: Job) => Promise<void>, options?: object): void
  start(): Promise<void>
  stop(): Promise<void>
  every(interval: string | number, name: string): Promise<unknown>
  schedule(when: Date, name: string, data?: object): Promise<unknown>
  now(name: string, data?: object): Promise<unknown>
  cancel(filter: object): Promise<number>
  on(event: string, listener: (error: Error) => void): void
}

const [folder] = folderArgument([
  'usage: npm run soak -- agenda <folder>',
  'The folder: anywhere outside the project, after npm install agenda @agendajs/mongo-backend in it.',
])
const load = async (name: string) => {
  const file = path.join(folder, 'node_modules', name, 'dist', 'index.js')
  if (!existsSync(file)) throw new Error(`${file} is missing: run npm install agenda @agendajs/mongo-backend in ${folder}`)
  return import(pathToFileURL(file).href)
}
const { Agenda } = await load('agenda')
const { MongoBackend } = await load('@agendajs/mongo-backend')

const jobs = 200
const lockMs = 1500
const limitMs = 20_000

async function until(what: string, holds: () => boolean): Promise<void> {
  const endMs = Date.now() + limitMs
  while (!holds()) {
    if (Date.now() > endMs) throw new Error(`not within ${limitMs / 1000} s: ${what}`)
    await wait(20)
  }
}

await withScratchStore(async uri => {
  const seen = { by: [0, 0], times: new Map<number, number>(), ticks: 0, once: 0, long: 0, retaken: 0, failures: 0 }
  const instances = [0, 1].map((place): Instance => {
    const instance: Instance = new Agenda({
      backend: new MongoBackend({ address: uri }),
      processEvery: 100,
      defaultConcurrency: 5,
      defaultLockLifetime: lockMs,
    })
    instance.define('share', async job => {
      const { n } = job.attrs.data
      seen.by[place] = (seen.by[place] ?? 0) + 1
      seen.times.set(n, (seen.times.get(n) ?? 0) + 1)
      await wait(5)
    })
    instance.define('tick', async () => {
      seen.ticks++
    })
    instance.define('once', async () => {
      seen.once++
    })
    instance.define(
      'long',
      async () => {
        seen.long++
        await wait(lockMs)
      },
      { lockLifetime: 60_000 },
    )
    instance.define('retaken', async () => {
      seen.retaken++
    })
    instance.define('fails', async () => {
      throw new Error('on purpose')
    })
    instance.on('fail:fails', () => {
      seen.failures++
    })
    return instance
  })
  const [first, second] = instances as [Instance, Instance]
  await first.start()
  await second.start()

  for (let n = 0; n < jobs; n++) await first.now('share', { n })
  await until('every job ran', () => seen.times.size === jobs)
  await first.every(200, 'tick')
  await until('a repeated job ran five times', () => seen.ticks >= 5)
  assert.equal(await first.cancel({ name: 'tick' }), 1)
  await wait(500)
  const ticks = seen.ticks
  await second.schedule(new Date(Date.now() + 400), 'once')
  await first.now('long')
  await first.now('fails')
  await until('a failing job says so', () => seen.failures >= 1)
  await until('a scheduled job ran', () => seen.once === 1)

  const client = await MongoClient.connect(uri)
  const stored = client.db().collection('agendaJobs')
  const lost = new Date(Date.now() - lockMs * 2)
  await stored.insertOne({ name: 'retaken', type: 'normal', priority: 0, nextRunAt: lost, lockedAt: lost, data: {} })
  await until('a job whose holder is gone is taken again', () => seen.retaken === 1)
  await wait(lockMs)
  const failed = await stored.findOne({ name: 'fails' })
  await client.close()
  for (const instance of instances) await instance.stop()

  assert.deepEqual([...new Set(seen.times.values())], [1], 'each job ran once')
  assert.ok(Math.min(...seen.by) > 0, 'both instances worked')
  assert.equal(seen.ticks, ticks, 'a cancelled job runs no more')
  assert.equal(seen.long, 1, 'a locked job is left alone')
  assert.equal(seen.once, 1)
  assert.equal(failed?.failReason, 'on purpose')
  process.stdout.write(`agenda: ${jobs} jobs once each (${seen.by.join(' and ')}), every, schedule, now, cancel and locks work\n`)
})
