import { Long, ObjectId, Timestamp } from 'bson'
import type { Doc } from '../bson/index.ts'
import { maxMessageBytes } from '../wire/message.ts'
import type { Handler, Request } from './request.ts'

/** What this store presents itself as: the primary of a replica set of one, which is what makes drivers use sessions and transactions. */
const setName = 'kelian'
const version = '8.0.0'
const wireVersion = 25
/** Tells drivers one process from the next: only with it do they begin anew after a network error (specification "Server Discovery And Monitoring"). */
const processId = new ObjectId()

/** `hello`, `isMaster` and the legacy handshake (manual: "hello"). */
export function helloReply({ services, connectionId }: Pick<Request, 'services' | 'connectionId'>): Doc {
  const now = new Date(services.nowMs())
  const seconds = Math.floor(services.nowMs() / 1000)
  return {
    helloOk: true,
    ismaster: true,
    isWritablePrimary: true,
    secondary: false,
    setName,
    setVersion: 1,
    hosts: [services.address],
    primary: services.address,
    me: services.address,
    topologyVersion: { processId, counter: Long.ZERO },
    electionId: new ObjectId('7fffffff0000000000000001'),
    lastWrite: { opTime: { ts: new Timestamp({ t: seconds, i: 1 }), t: Long.ONE }, lastWriteDate: now },
    maxBsonObjectSize: 16 * 1024 * 1024,
    maxMessageSizeBytes: maxMessageBytes,
    maxWriteBatchSize: 100_000,
    localTime: now,
    logicalSessionTimeoutMinutes: 30,
    connectionId,
    minWireVersion: 0,
    maxWireVersion: wireVersion,
    readOnly: false,
  }
}

/** `hello` */
export const hello: Handler = request => helloReply(request)

/** `ping` */
export const ping: Handler = () => ({})

/** `buildInfo` */
export const buildInfo: Handler = () => ({
  version,
  gitVersion: 'embedded',
  modules: [],
  versionArray: version.split('.').map(Number).concat(0),
  bits: 64,
  maxBsonObjectSize: 16 * 1024 * 1024,
  storageEngines: ['lmdb'],
  ok: 1,
})

/** `endSessions` */
export const endSessions: Handler = ({ command, services }) => {
  if (Array.isArray(command.endSessions)) services.endSessions(command.endSessions)
  return {}
}

/** `serverStatus` */
export const serverStatus: Handler = ({ services }) => ({
  host: services.address,
  version,
  process: 'kelian-store',
  pid: Long.fromNumber(process.pid),
  uptime: process.uptime(),
  localTime: new Date(services.nowMs()),
  connections: { current: services.connections() },
  mem: { resident: Math.round(process.memoryUsage().rss / 1024 / 1024) },
  storageEngine: { name: 'lmdb' },
})

/** `connectionStatus` */
export const connectionStatus: Handler = () => ({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] } })

/** `getParameter`, for the compatibility version only */
export const getParameter: Handler = ({ command }) =>
  command.featureCompatibilityVersion ? { featureCompatibilityVersion: { version: '8.0' } } : {}
