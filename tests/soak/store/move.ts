// The move to a MongoDB is killed again and again at any moment; in the end both sides must hold the same. Usage: move.ts [documents]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { openDatabase } from '../../../bot/cli/database.ts'
import { sourcesIn } from '../../../bot/cli/move/copy.ts'
import { digestOf } from '../../../bot/cli/move/digest.ts'
import { PROGRESS, readLedger } from '../../../bot/cli/move/progress.ts'
import { openEmbeddedStore } from '../../../store/index.ts'
import { startCli } from '../../support/cli.ts'

const DOCUMENTS = Number(process.argv[2] ?? 20_000)
const COLLECTIONS = 6
const SHORTEST_MS = 500
const SPREAD_MS = 3000
const MAX_RUNS = 200

const scratch = mkdtempSync(join(tmpdir(), 'kelian-move-'))
const dataDir = join(scratch, 'here')
// Another store stands for the MongoDB.
const target = await openEmbeddedStore({ dataDir: join(scratch, 'there') })
const source = await openDatabase({ mongodbUri: undefined, dataDir })
for (let place = 0; place < COLLECTIONS; place += 1) {
  const rows = source.db.collection(`rows${place}`)
  const count = Math.ceil(DOCUMENTS / COLLECTIONS)
  await rows.insertMany(
    Array.from({ length: count }, (_, index) => ({ number: `N-${index}`, at: new Date(index), text: 'x'.repeat(index % 500) })),
  )
  await rows.createIndexes([{ key: { number: 1 }, unique: true }, { key: { at: -1 } }])
}
await source.close()

let [kills, moved] = [0, false]
for (let run = 0; run < MAX_RUNS && !moved; run += 1) {
  const { child, ended } = startCli('move-to-mongodb', [target.uri], { DATA_DIR: dataDir })
  const timeout = wait(SHORTEST_MS + Math.random() * SPREAD_MS).then(() => child.kill('SIGKILL'))
  const result = await ended
  // It may be killed when everything is done: the next run then says so.
  moved = result.code === 0 || result.text.includes('完整的搬迁')
  if (result.code === null) kills += 1
  else if (!moved) {
    process.stdout.write(result.text)
    break
  }
  await timeout
}

const [before, after] = [
  await openDatabase({ mongodbUri: undefined, dataDir }),
  await openDatabase({ mongodbUri: target.uri, dataDir }),
]
let different = 0
for (const { name } of await sourcesIn(before.db)) {
  const [left, right] = [await digestOf(before.db.collection(name)), await digestOf(after.db.collection(name))]
  const indexes = [await before.db.collection(name).indexes(), await after.db.collection(name).indexes()]
  if (left.sha256 !== right.sha256 || JSON.stringify(indexes[0]) !== JSON.stringify(indexes[1])) different += 1
}
const others = (await sourcesIn(after.db)).filter(({ name }) => name !== PROGRESS).length - COLLECTIONS
const { finishedAt } = await readLedger(after.db)
await before.close()
await after.close()
await target.close()
rmSync(scratch, { recursive: true, force: true, maxRetries: 10 })
const good = moved && different === 0 && others === 0 && finishedAt !== null
process.stdout.write(
  `${kills} kills, ${DOCUMENTS} documents, ${different} collections differ, ${others} too many: ${good ? 'moved' : 'NOT MOVED'}\n`,
)
process.exitCode = good ? 0 : 1
