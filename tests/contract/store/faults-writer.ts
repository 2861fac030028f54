// Fills a store until nothing more goes in, then goes on working with it; tells what happened as JSON. Usage: faults-writer <data folder>
import { MongoClient } from 'mongodb'
import { openEmbeddedStore } from '../../../store/index.ts'
import { failure, type Item } from './failure.ts'
import { storePid } from './kills.ts'

const dataDir = process.argv[2] ?? ''
const store = await openEmbeddedStore({ dataDir })
const client = await MongoClient.connect(store.uri)
const rows = client.db().collection<Item>('rows')
const pid = storePid(dataDir)
const text = 'x'.repeat(200_000)

let acknowledged = 0
const refused = await failure(
  (async () => {
    for (;;) {
      const ids = [0, 1, 2, 3, 4].map(offset => acknowledged + offset)
      await rows.insertMany(ids.map(_id => ({ _id, text })))
      acknowledged += ids.length
    }
  })(),
)
// A collection of which nothing could be stored must not seem to be there either.
const ghost = await failure(
  client
    .db()
    .collection<Item>('ghost')
    .insertOne({ text: text.repeat(20) }),
)
const found = await rows.countDocuments({})
await rows.deleteMany({ _id: { $lt: 10 } })
await rows.insertOne({ _id: 'after', text: 'small' })
const collections = (await client.db().listCollections().toArray()).map(({ name }) => name)
await client.close()
const report = {
  refused: { code: refused.code, message: refused.message },
  ghost: ghost.code,
  acknowledged,
  found,
  after: acknowledged - 10 + 1,
  collections,
  sameProcess: storePid(dataDir) === pid,
}
await store.close()
process.stdout.write(JSON.stringify(report))
