import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Middleware } from 'koa'
import mongoose, { type Connection } from 'mongoose'
import { ShiftedClock, systemClock } from '../common/clock.ts'
import { randomId } from '../common/ids.ts'
import { createLocalTime } from '../common/time.ts'
import { tellCallAlarm } from '../handlers/alerts/platform-calls.ts'
import { rebuildHeads } from '../handlers/approvals/index.ts'
import { createCalendarSource } from '../handlers/calendar/index.ts'
import { caseSubjects, createCatalogue } from '../handlers/catalogue.ts'
import { syncAllExternalContacts } from '../handlers/external-contacts/index.ts'
import { createGovernor } from '../handlers/kernel/governor.ts'
import { createLinks } from '../handlers/kernel/links.ts'
import { noticeSettings } from '../handlers/kernel/notice-settings.ts'
import type {
  Channel,
  Directory,
  ExternalContacts,
  Groups,
  InboundSink,
  LoginProvider,
  PageSigner,
  TodoBoard,
} from '../handlers/kernel/ports.ts'
import { createSecrets } from '../handlers/kernel/secrets.ts'
import type { Log, Queue, Services } from '../handlers/kernel/services.ts'
import { syncDirectory } from '../handlers/people/index.ts'
import { createOrganisationSource } from '../handlers/people/organisation-source.ts'
import { seedProcesses } from '../handlers/processes/index.ts'
import { createModels, type Models } from '../models/index.ts'
import { migrate } from '../models/migrations/index.ts'
import { createApp } from './app.ts'
import { showCalls } from './call-gauge.ts'
import {
  createDingTalkChannel,
  createWeComChannel,
  type DingTalkConnection,
  type Outbound,
  throughProxy,
} from './channels/index.ts'
import type { Config, DingTalkSettings } from './config.ts'
import { apiRoutes } from './http/api.ts'
import { authRoutes } from './http/auth.ts'
import { jsapiRoutes } from './http/jsapi.ts'
import { operationsRoutes } from './http/operations.ts'
import { createSessions } from './http/session.ts'
import { setupLink, setupRoutes } from './http/setup.ts'
import { shareRoutes } from './http/share.ts'
import { miniappFiles } from './http/static.ts'
import { testClockRoutes } from './http/test-clock.ts'
import { type Jobs, startJobs } from './jobs/index.ts'
import { createMetrics } from './metrics.ts'
import { createProposer } from './providers/openai.ts'
import { createSmsWebhook } from './providers/sms-webhook.ts'
import { enter, type Presence, type Summons } from './restoring/presence.ts'
import { sharedTokens } from './shared-tokens.ts'
import { keepBot, startWeCom } from './wecom-start.ts'

const QUERY_LIMIT_MS = 10_000
const MIGRATION_LOOK_MS = 200
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
  /** Hears that a restore needs this service to stop; it may be started again at once, and waits for the end of the restore. */
  onSummons?: (summons: Summons) => void
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
  const processId = randomId()
  const presence = await present(connection, input, processId)
  const models = createModels(connection)
  await models.prepare()
  await untilMigrated(models, processId)

  // The port may be known only once it listens, and the rest needs it: who comes before the rest is there waits a moment.
  const early: Parameters<RequestListener>[] = []
  let answer: RequestListener = (...request) => void early.push(request)
  const server = createServer({ requestTimeout: 60_000 }, (...request) => answer(...request))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(config.port, config.host, () => resolve())
  })
  const { port } = server.address() as AddressInfo
  const publicUrl = config.publicUrl ?? `http://localhost:${port}`

  const time = createLocalTime(config.timeZone)
  const metrics = createMetrics()
  const channels = new Map<string, Channel>()
  const directories = new Map<string, Directory>()
  const logins = new Map<string, LoginProvider>()
  const todoBoards = new Map<string, TodoBoard>()
  const groups = new Map<string, Groups>()
  const externalContacts = new Map<string, ExternalContacts>()
  const signers = new Map<string, PageSigner>()
  const wake: { jobs: Jobs | null } = { jobs: null }
  const organisation = createOrganisationSource(models, { adminKeys: config.adminUsers, clock: systemClock })
  const services: Services = {
    models,
    clock,
    time,
    log,
    links: createLinks(publicUrl),
    secrets: createSecrets(input.appSecret, config.appSecretPrevious),
    channels,
    directories,
    todoBoards,
    groups,
    externalContacts,
    organisation,
    calendars: createCalendarSource(models, { time, clock: systemClock }),
    caseSubjects,
    governor: createGovernor({
      ...models,
      clock,
      time,
      countAccounts: platform => models.people.countAccounts(platform),
    }),
    meter: metrics.meter,
    shortMessages: config.sms ? createSmsWebhook(config.sms, { clock }) : null,
    async quietHours() {
      const { quiet } = await noticeSettings({ models })
      return quiet === undefined ? config.quietHours : quiet
    },
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
  const jobs = startJobs(services, catalogue, processId)
  wake.jobs = jobs

  const sink: InboundSink = jobs.inbound
  const outbound = config.outboundProxy ? throughProxy(config.outboundProxy) : {}
  const wecom = config.wecom
    ? createWeComChannel(
        { ...config.wecom, homeUrl: services.links.h5('/todos') },
        {
          ...outbound,
          clock,
          log,
          sink,
          bot: config.wecom.bot ?? null,
          tokens: sharedTokens(services, processId, `wecom:${config.wecom.corpId}:${config.wecom.agentId}`),
        },
      )
    : null
  const dingtalk = config.dingtalk ? connectDingTalk(config.dingtalk, services, sink, processId, outbound) : null
  if (wecom) {
    signers.set('wecom', wecom.pages)
    groups.set('wecom', wecom.groups)
    externalContacts.set('wecom', wecom.externalContacts)
  }
  if (dingtalk) {
    signers.set('dingtalk', dingtalk.pages)
    if (dingtalk.todos) todoBoards.set('dingtalk', dingtalk.todos)
    if (dingtalk.groups) groups.set('dingtalk', dingtalk.groups)
    if (dingtalk.meter) showCalls(metrics.registry, dingtalk.meter, config.dingtalk?.monthlyCalls ?? 0)
  }
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
      ...(wecom?.bot?.middleware ? [{ path: '/callbacks/wecom-bot', handler: wecom.bot.middleware }] : []),
      ...(dingtalk ? [{ path: '/callbacks/dingtalk', handler: dingtalk.callback.middleware }] : []),
    ],
    routes: [
      operationsRoutes({
        services,
        registry: metrics.registry,
        brokenChannels() {
          const why = wecom?.trouble()
          const isCut = config.dingtalk?.mode === 'stream' && dingtalk?.stream.state().status !== 'open'
          return [...(why ? [{ platform: 'wecom', why }] : []), ...(isCut ? [{ platform: 'dingtalk' }] : [])]
        },
      }).routes() as Middleware,
      authRoutes({
        services,
        sessions,
        logins,
        dingtalk: config.dingtalk ? { corpId: config.dingtalk.corpId, clientId: config.dingtalk.clientId } : null,
      }).routes() as Middleware,
      jsapiRoutes(signers, publicUrl).routes() as Middleware,
      apiRoutes({ services, catalogue, sessions, demo: config.demo }).routes() as Middleware,
      shareRoutes(services).routes() as Middleware,
      setupRoutes(services, sessions).routes() as Middleware,
      ...(clock instanceof ShiftedClock ? [testClockRoutes(clock, () => jobs.settle()).routes() as Middleware] : []),
      ...(input.extra ?? []),
      miniappFiles(input.webRoot ?? builtWeb()),
    ],
  })
  answer = app.callback()
  for (const request of early) answer(...request)

  if (input.onSummons) presence.watch(input.onSummons)
  const leaving = new AbortController()
  const botKept = wecom ? keepBot(services, wecom, randomId(), leaving.signal) : Promise.resolve()
  const ready = begin(services, () =>
    Promise.all([dingtalk?.start(`${publicUrl}/callbacks/dingtalk`), wecom && startWeCom(services, wecom)]),
  )
  return {
    url: `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`,
    server,
    services,
    jobs,
    setupLink: config.adminUsers.length > 0 ? null : await setupLink(services),
    ready,
    async stop() {
      leaving.abort()
      await botKept
      await dingtalk?.stream.stop()
      server.closeIdleConnections()
      await new Promise<void>(resolve => {
        server.close(() => resolve())
        setTimeout(() => server.closeAllConnections(), 2_000).unref()
      })
      await ready.catch(() => undefined)
      await jobs.stop()
      await dingtalk?.stop()
      await connection.close()
      await presence.leave()
    },
  }
}

/** The DingTalk app with its calls counted in the database and its alarms told to the admins. */
function connectDingTalk(
  settings: DingTalkSettings,
  services: Services,
  sink: InboundSink,
  processId: string,
  outbound: Partial<Outbound>,
): DingTalkConnection {
  const { clock, log, models } = services
  const app = { platform: 'dingtalk', corp: settings.corpId, app: settings.clientId }
  return createDingTalkChannel(settings, {
    ...outbound,
    clock,
    log,
    sink,
    calls: models.calls.of(app),
    tokens: sharedTokens(services, processId, `dingtalk:${settings.corpId}:${settings.clientId}`),
    onAlarm: alarm => {
      log.warn({ code: 'dingtalk.calls_running_out', ...alarm }, 'the calls of this month are running out')
      tellCallAlarm(services, { platform: 'dingtalk', ...alarm }).catch(error =>
        log.error({ code: 'dingtalk.alarm_untold', err: String(error) }, 'the admins were not told'),
      )
    },
  })
}

async function present(connection: Connection, { mongoUri, log }: ServiceInput, processId: string): Promise<Presence> {
  if (!connection.db) throw new Error('the database is not connected')
  return enter(connection.db, mongoUri, processId, log).catch(async error => {
    await connection.close()
    throw error
  })
}

/** Stored data as this version wants it, before anything is served; one process sees to it, the others wait. */
async function untilMigrated(models: Models, processId: string): Promise<void> {
  while (!(await migrate(models, processId))) await sleep(MIGRATION_LOOK_MS)
  await models.databaseClock.measure()
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
  await syncAllExternalContacts(services)
  await startStreams()
}
