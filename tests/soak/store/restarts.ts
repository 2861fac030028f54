// The store is killed again and again under load; each time the driver must find the next process within seconds. Usage: restarts.ts [kills]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { openEmbeddedStore } from '../../../store/index.ts'
import { storePid } from '../../contract/store/kills.ts'

const KILLS = Number(process.argv[2] ?? 50)
const WRITERS = 6
const LONGEST_SILENCE_MS = 5_000
const PAUSE_MS = 2_600
const SPREAD_MS = 1_500

const dataDir = mkdtempSync(join(tmpdir(), 'kelian-restarts-'))
const store = await openEmbeddedStore({ dataDir })
const client = await MongoClient.connect(store.uri, { maxPoolSize: 20, serverSelectionTimeoutMS: 10_000 })
const rows = client.db().collection('rows')
const seen = { writes: 0, refused: 0, lastAt: Date.now(), longestMs: 0 }
let stopping = false

async function write(): Promise<void> {
  while (!stopping) {
    try {
      await rows.insertOne({ at: Date.now() })
      seen.writes += 1
      seen.longestMs = Math.max(seen.longestMs, Date.now() - seen.lastAt)
      seen.lastAt = Date.now()
    } catch {
      seen.refused += 1
    }
    await wait(20)
  }
}

const writers = Array.from({ length: WRITERS }, write)
let pid = 0
for (let kill = 0; kill < KILLS && seen.longestMs <= LONGEST_SILENCE_MS; kill += 1) {
  await wait(PAUSE_MS + Math.random() * SPREAD_MS)
  pid = storePid(dataDir, pid)
  process.kill(pid, 'SIGKILL')
  await wait(LONGEST_SILENCE_MS / 2)
}
await wait(LONGEST_SILENCE_MS)
const silentMs = Math.max(seen.longestMs, Date.now() - seen.lastAt)
stopping = true
process.stdout.write(`${KILLS} kills, ${seen.writes} writes, ${seen.refused} refused, longest silence ${silentMs} ms\n`)
await Promise.allSettled(writers)
await client.close()
await store.close()
rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 })
process.exitCode = silentMs > LONGEST_SILENCE_MS ? 1 : 0
