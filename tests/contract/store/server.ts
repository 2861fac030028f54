import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll } from '@jest/globals'
import { type Db, MongoClient, type MongoClientOptions } from 'mongodb'
import { type EmbeddedStore, openEmbeddedStore } from '../../../store/index.ts'

export { failure, type Item, nested } from './failure.ts'

/** The server under test: the embedded store, or the one that MONGODB_URI names. */
export type TestServer = {
  client: MongoClient
  db: Db
  embedded: boolean
  uri: string
  connect(options?: MongoClientOptions): Promise<MongoClient>
}

/** Gives the tests of a file one server and one fresh database. @param onlyEmbedded they tell what the embedded store alone does */
export function useServer(onlyEmbedded = false): TestServer {
  const given = onlyEmbedded ? undefined : process.env.MONGODB_URI
  const server = { embedded: given === undefined } as TestServer
  const name = `contract_${randomUUID().slice(0, 8)}`
  const clients: MongoClient[] = []
  let folder: string | null = null
  let store: EmbeddedStore | null = null

  beforeAll(async () => {
    if (given) server.uri = given
    else {
      folder = mkdtempSync(path.join(os.tmpdir(), 'kelian-store-'))
      store = await openEmbeddedStore({ dataDir: folder })
      server.uri = store.uri
    }
    server.connect = async options => {
      const client = await MongoClient.connect(server.uri, options)
      clients.push(client)
      return client
    }
    server.client = await server.connect()
    server.db = server.client.db(name)
  })

  afterAll(async () => {
    await server.db.dropDatabase()
    for (const client of clients) await client.close()
    await store?.close()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })
  return server
}
