import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Middleware } from 'koa'
import mongoose from 'mongoose'
import { ShiftedClock, systemClock } from '../common/clock.ts'
import { createLocalTime } from '../common/time.ts'
import { rebuildHeads } from '../handlers/approvals/index.ts'
import { caseSubjects, createCatalogue } from '../handlers/catalogue.ts'
import { createGovernor } from '../handlers/kernel/governor.ts'
import { createLinks } from '../handlers/kernel/links.ts'
import type { Channel, Directory, InboundSink, LoginProvider } from '../handlers/kernel/ports.ts'
import { createSecrets } from '../handlers/kernel/secrets.ts'
import type { Log, Queue, Services } from '../handlers/kernel/services.ts'
import { syncDirectory } from '../handlers/people/index.ts'
import { createOrganisationSource } from '../handlers/people/organisation-source.ts'
import { seedProcesses } from '../handlers/processes/index.ts'
import { createModels } from '../models/index.ts'
import { createApp } from './app.ts'
import { createDingTalkChannel, createWeComChannel } from './channels/index.ts'
import type { Config } from './config.ts'
import { apiRoutes } from './http/api.ts'
import { authRoutes } from './http/auth.ts'
import { operationsRoutes } from './http/operations.ts'
import { createSessions } from './http/session.ts'
import { setupLink, setupRoutes } from './http/setup.ts'
import { shareRoutes } from './http/share.ts'
import { miniappFiles } from './http/static.ts'
import { testClockRoutes } from './http/test-clock.ts'
import { type Jobs, startJobs } from './jobs/index.ts'
import { createProposer } from './providers/openai.ts'

const QUERY_LIMIT_MS = 10_000
const DEFAULT_COMPANY_NAME = '我们公司'

export interface ServiceInput {
  config: Config
  appSecret: string
  mongoUri: string
  log: Log
  /** Extra middleware before the 404, e.g. the chat window. */
  extra?: readonly Middleware[]
  /** The built mini-app. */
  webRoot?: string
}

export interface Service {
  url: string
  server: Server
  services: Services
  jobs: Jobs
  /** The one-time admin link, while there is no admin. */
  setupLink: string | null
  /** Resolves when contacts were taken over and the streams were asked to connect. */
  ready: Promise<void>
  stop(): Promise<void>
}

const here = dirname(fileURLToPath(import.meta.url))
/** From `dist/bot/service.js` or `bot/service.ts`. */
const builtWeb = (): string => join(here, here.includes(`${join('dist', 'bot')}`) ? '../miniapp' : '../dist/miniapp')

/** Build everything from the settings and start listening. Several services fit in one process. */
export async function startService(input: ServiceInput): Promise<Service> {
  const { config, log } = input
  const clock = config.testClock ? new ShiftedClock() : systemClock
  const connection = mongoose.createConnection(input.mongoUri, {
    maxPoolSize: 20,
    serverSelectionTimeoutMS: 10_000,
    writeConcern: { w: 'majority' },
    timeoutMS: undefined,
  })
  connection.set('maxTimeMS', QUERY_LIMIT_MS)
  await connection.asPromise()
  const models = createModels(connection)
  await models.prepare()

  const server = createServer({ requestTimeout: 60_000 })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(config.port, config.host, () => resolve())
  })
  const { port } = server.address() as AddressInfo
  const publicUrl = config.publicUrl ?? `http://localhost:${port}`

  const channels = new Map<string, Channel>()
  const directories = new Map<string, Directory>()
  const logins = new Map<string, LoginProvider>()
  const wake: { jobs: Jobs | null } = { jobs: null }
  const organisation = createOrganisationSource(models, { adminKeys: config.adminUsers, clock: systemClock })
  const services: Services = {
    models,
    clock,
    time: createLocalTime(config.timeZone),
    log,
    links: createLinks(publicUrl),
    secrets: createSecrets(input.appSecret),
    channels,
    directories,
    organisation,
    caseSubjects,
    governor: createGovernor(),
    proposer: config.model ? createProposer(config.model) : null,
    async companyName() {
      return (
        (await models.settings.get<string>('companyName')) ?? (await organisation.current()).companyName() ?? DEFAULT_COMPANY_NAME
      )
    },
    poke: (queue: Queue) => wake.jobs?.poke(queue),
  }
  const catalogue = createCatalogue()
  await seedProcesses(services)
  await rebuildHeads(services)
  const jobs = startJobs(services, catalogue)
  wake.jobs = jobs

  const sink: InboundSink = jobs.inbound
  const wecom = config.wecom
    ? createWeComChannel({ ...config.wecom, homeUrl: services.links.h5('/todos') }, { clock, log, sink })
    : null
  const dingtalk = config.dingtalk ? createDingTalkChannel(config.dingtalk, { clock, log, sink }) : null
  for (const connected of [wecom, dingtalk]) {
    if (!connected) continue
    channels.set(connected.channel.platform, connected.channel)
    directories.set(connected.directory.platform, connected.directory)
    logins.set(connected.login.platform, connected.login)
  }

  const sessions = createSessions({ secrets: services.secrets, secure: publicUrl.startsWith('https:'), slots: config.demo })
  const app = createApp({
    services,
    callbacks: [
      ...(wecom ? [{ path: '/callbacks/wecom', handler: wecom.callback.middleware }] : []),
      ...(dingtalk ? [{ path: '/callbacks/dingtalk', handler: dingtalk.callback.middleware }] : []),
    ],
    routes: [
      operationsRoutes({
        services,
        brokenChannels: () => (dingtalk && dingtalk.stream.state().status !== 'open' ? ['dingtalk'] : []),
      }).routes() as Middleware,
      authRoutes({
        services,
        sessions,
        logins,
        dingtalk: config.dingtalk ? { corpId: config.dingtalk.corpId, clientId: config.dingtalk.clientId } : null,
      }).routes() as Middleware,
      apiRoutes({ services, catalogue, sessions, demo: config.demo }).routes() as Middleware,
      shareRoutes(services).routes() as Middleware,
      setupRoutes(services, sessions).routes() as Middleware,
      ...(clock instanceof ShiftedClock ? [testClockRoutes(clock, () => jobs.settle()).routes() as Middleware] : []),
      ...(input.extra ?? []),
      miniappFiles(input.webRoot ?? builtWeb()),
    ],
  })
  server.on('request', app.callback())

  const ready = begin(services, async () => dingtalk?.stream.start())
  return {
    url: `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`,
    server,
    services,
    jobs,
    setupLink: config.adminUsers.length > 0 ? null : await setupLink(services),
    ready,
    async stop() {
      await dingtalk?.stream.stop()
      server.closeIdleConnections()
      await new Promise<void>(resolve => {
        server.close(() => resolve())
        setTimeout(() => server.closeAllConnections(), 2_000).unref()
      })
      await ready.catch(() => undefined)
      await jobs.stop()
      await connection.close()
    },
  }
}

/** Contacts first, so that nobody who writes at once is a stranger; then the streams. A platform that is away does not stop the start. */
async function begin(services: Services, startStreams: () => Promise<unknown>): Promise<void> {
  for (const directory of services.directories.values()) {
    await syncDirectory(services, directory).catch(error =>
      services.log.warn(
        { code: 'contacts.failed', platform: directory.platform, err: error instanceof Error ? error.message : String(error) },
        'contacts could not be read',
      ),
    )
  }
  await startStreams()
}
