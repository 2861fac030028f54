// One of the servers under load, in a process of its own: `raw`, `stubbed` or `durable`. Reports its port.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Koa from 'koa'
import mongoose from 'mongoose'
import { createApp } from '../../bot/app.ts'
import { createWeComChannel } from '../../bot/channels/index.ts'
import { systemClock } from '../../common/clock.ts'
import { sampleWeComApp } from '../../emulator/index.ts'
import type { InboundSink } from '../../handlers/kernel/ports.ts'
import type { Log, Services } from '../../handlers/kernel/services.ts'
import { createInboundQueue } from '../../models/kernel/inbound.ts'
import { openEmbeddedStore } from '../../store/index.ts'

const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const ANSWER = 'x'.repeat(200)

/** The floor: raw Koa that reads the body and answers 200 bytes. */
function rawApp(): Koa {
  const app = new Koa()
  app.use(async ctx => {
    const chunks: Buffer[] = []
    for await (const chunk of ctx.req) chunks.push(chunk as Buffer)
    ctx.body = Buffer.concat(chunks).length > 0 ? ANSWER : ''
  })
  return app
}

function ourApp(sink: InboundSink): Koa {
  const settings = { ...sampleWeComApp, apiBase: 'http://127.0.0.1:9', oauthBase: 'http://127.0.0.1:9' }
  const { callback } = createWeComChannel(settings, { clock: systemClock, log: quiet, sink })
  return createApp({
    services: { log: quiet } as Services,
    callbacks: [{ path: '/callbacks/wecom', handler: callback.middleware }],
    routes: [],
  })
}

const stub: InboundSink = { accept: async () => ({ fresh: true, card: null }), quarantine: async () => undefined }

/** Stores each event as the service does, duplicate check included; nobody works on it. */
async function durableSink(dataDir: string): Promise<InboundSink> {
  const store = await openEmbeddedStore({ dataDir })
  const connection = await mongoose.createConnection(store.uri, { writeConcern: { w: 'majority' } }).asPromise()
  const queue = createInboundQueue(connection)
  await queue.model.init()
  return {
    async accept({ key, event }) {
      const now = new Date()
      const lane = `talk:${event.platform}:${event.corp}:${event.userId}`
      const lease = { leaseBy: 'bench', leaseUntil: new Date(now.getTime() + 60_000), fence: 1 }
      const fresh = await queue.accept({
        _id: key,
        event,
        lane,
        workClass: 'talk',
        status: 'queued',
        attempts: 0,
        ...lease,
        receivedAt: now,
      })
      return { fresh, card: null }
    },
    quarantine: async () => {
      throw new Error('the load must be understood')
    },
  }
}

const mode = process.argv[2]
const dataDir = mkdtempSync(join(tmpdir(), 'kelian-bench-'))
process.on('exit', () => rmSync(dataDir, { recursive: true, force: true }))
process.on('SIGTERM', () => process.exit(0))
process.on('disconnect', () => process.exit(0))

const app = mode === 'raw' ? rawApp() : ourApp(mode === 'durable' ? await durableSink(dataDir) : stub)
const server = createServer(app.callback()).listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port)
})
