import type { ApiCall } from '../kernel/calls.ts'
import { type EmulatorClock, systemClock } from '../kernel/clock.ts'
import { type CompanySeed, directoryOf, type PersonSeed } from '../kernel/company.ts'
import { createFaultBook, type Fault } from '../kernel/faults.ts'
import { type ApiReply, type ApiRequest, jsonOf, startHttp } from '../kernel/http.ts'
import { createNotifier } from '../kernel/notifier.ts'
import type { Violation } from '../kernel/violation.ts'
import { answerApi, issueCode, loginPage } from './api/index.ts'
import { createDeliveryFaults, type DeliveryFault } from './delivery-faults.ts'
import { createPeople, type DingTalkPeople } from './driver.ts'
import { type EventComplaint, postEvent } from './event-http.ts'
import { createGateway, type Gateway } from './gateway.ts'
import type { Push } from './push.ts'
import { billingMonth } from './quota.ts'
import { refusalReply } from './refusal.ts'
import type { DingTalkState, DingTalkSwitches, EventKeys } from './state.ts'

export interface DingTalkEmulatorOptions extends Partial<DingTalkSwitches> {
  clock?: EmulatorClock
  /** 0 or absent: any free port. */
  port?: number
  clientId: string
  clientSecret: string
  corpId: string
  /** Without one, work notifications are refused. */
  agentId?: string
  /** The one published card template; without it every card is refused with param.templateNotExist. */
  cardTemplateId?: string
  /** The one group template, which includes the robot; without it no group can be made. */
  groupTemplateId?: string
  /** Token and key of the event subscription over HTTP; without them no address can be saved. */
  eventKeys?: EventKeys
  company: CompanySeed
  faults?: Fault[]
}

/** A DingTalk platform of one organisation and one internal app with a robot. */
export interface DingTalkEmulator extends DingTalkPeople {
  /** API base, old API base and login base. */
  readonly baseUrl: string
  readonly clientId: string
  readonly corpId: string
  readonly agentId: string | undefined
  readonly calls: readonly ApiCall[]
  readonly deliveries: readonly Push[]
  readonly violations: readonly Violation[]
  readonly people: readonly { userId: string; name: string; title: string; department: string }[]
  /** To-dos the service created, as stored. */
  readonly todos: readonly Record<string, unknown>[]
  /** What the calls so far would take from the monthly quotas. */
  readonly usage: { readonly month: string; readonly api: number; readonly webhookAndStream: number }
  /** Groups with the robot in them. */
  readonly groups: readonly { conversationId: string; title: string; members: readonly string[] }[]
  /** A person's open to-dos, as the client's 待办 page lists them. */
  todoList(userId: string): readonly Record<string, unknown>[]
  /** What the service's pages must sign with. */
  jsTicket(): string | undefined
  /** Open Stream connections that have not been told to go. */
  connections(): number
  /** How many pushes each of those connections got. */
  shares(): number[]
  /** WebSocket pings that the service has sent so far. */
  pings(): number
  /** A single-use code as `dd.requestAuthCode` gives it. */
  requestAuthCode(userId: string): string
  dropConnections(): void
  /** Open sockets stop reading and answering, as a half-open connection does. */
  freeze(): void
  /** The server ends every connection in good order (close code 1001). */
  goAway(): void
  refuseUpgrades(count: number): void
  /** The next so many upgrades are never answered. */
  ignoreUpgrades(count: number): void
  /** The next so many opening calls name an address where nobody listens. */
  misdirect(count: number): void
  /** SYSTEM/disconnect: nothing more is delivered there; the socket closes 10 s later. */
  sendDisconnect(): void
  sendMalformedFrame(): void
  /** Robot messages go to this address when no Stream connection is open (HTTP mode). */
  setCallbackUrl(url: string | undefined): void
  /**
   * Save the address for events (console: 事件订阅 › HTTP 推送): it is asked first, and from then on events go there instead of the stream.
   * Resolves to why it was not saved; undefined: it was.
   */
  saveEventUrl(url: string): Promise<EventComplaint>
  fault(fault: Fault): void
  /** Pushes of one kind come twice, late, never or out of order. */
  deliveryFault(fault: DeliveryFault): void
  expireTokens(): void
  /** Is the service's address on the app's list? */
  allowIp(allowed: boolean): void
  /** The robot may send this person nothing more for now. */
  controlFlow(userId: string, controlled: boolean): void
  /** Set what was used of the month's quotas. */
  setUsage(used: { api?: number; webhookAndStream?: number }): void
  setCompany(company: CompanySeed): void
  addPerson(person: PersonSeed): void
  /** Somebody leaves the organisation on this platform. */
  removePerson(userId: string): void
  addDepartment(department: CompanySeed['departments'][number]): void
  /** Who holds the phone of this slot of the chat window; its login frames become this person. */
  holdPhone(slot: string, userId: string): void
  onChange(listener: () => void): () => void
  close(): Promise<void>
}

/** Start a DingTalk platform on 127.0.0.1. */
export async function startDingTalkEmulator(options: DingTalkEmulatorOptions): Promise<DingTalkEmulator> {
  const state = freshState(options)
  const http = await startHttp({
    port: options.port ?? 0,
    clock: state.clock,
    faults: state.faults,
    calls: state.calls,
    handle: request => ownPage(state, request) ?? platformPage(state, gateway, request),
    faultReply: ({ errcode, httpStatus, code }): ApiReply => {
      if (errcode !== undefined) return { body: { errcode, errmsg: 'injected fault' } }
      if (code !== undefined)
        return { status: httpStatus ?? 400, body: { code, message: 'injected fault', requestid: 'emulated' } }
      return { status: httpStatus ?? 500, body: 'injected fault' }
    },
    onCall: state.notifier.changed,
  })
  state.baseUrl = http.baseUrl
  const gateway = createGateway(state, http.server)
  const setCompany = (company: CompanySeed) => {
    state.company = company
    state.directory = directoryOf(company, 'dingtalk')
    state.notifier.changed()
  }
  return {
    ...createPeople(state, gateway),
    baseUrl: http.baseUrl,
    clientId: state.clientId,
    corpId: state.corpId,
    agentId: state.agentId,
    calls: state.calls,
    deliveries: state.deliveries,
    violations: state.violations,
    get people() {
      const { people, department } = state.directory
      return people.map(person => ({ ...person, department: department(person.departmentId)?.name ?? '' }))
    },
    get todos() {
      return [...state.todos.values()]
    },
    usage: state.usage,
    get groups() {
      return [...state.groups.values()]
    },
    todoList(userId) {
      const unionId = state.directory.person(userId)?.unionId
      return [...state.todos.values()].filter(({ executorIds, done }) => !done && (executorIds as unknown[])?.includes(unionId))
    },
    jsTicket: () => state.jsTicket?.value,
    connections: gateway.connections,
    shares: gateway.shares,
    pings: gateway.pings,
    requestAuthCode: userId => issueCode(state, userId, 'app'),
    dropConnections: gateway.dropConnections,
    freeze: gateway.freeze,
    goAway: gateway.goAway,
    refuseUpgrades: gateway.refuseUpgrades,
    ignoreUpgrades: gateway.ignoreUpgrades,
    misdirect: gateway.misdirect,
    sendDisconnect: gateway.sendDisconnect,
    sendMalformedFrame: gateway.sendMalformedFrame,
    setCallbackUrl(url) {
      state.callbackUrl = url
    },
    async saveEventUrl(url) {
      const before = state.eventUrl
      state.eventUrl = url
      const complaint = await postEvent(state, { EventType: 'check_url' })
      if (complaint) state.eventUrl = before
      return complaint
    },
    fault: state.faults.add,
    deliveryFault: state.deliveryFaults.add,
    expireTokens() {
      state.tokens.clear()
      state.current = undefined
    },
    allowIp(allowed) {
      state.ipAllowed = allowed
    },
    controlFlow(userId, controlled) {
      if (controlled) state.flowControlled.add(userId)
      else state.flowControlled.delete(userId)
    },
    setUsage(used) {
      Object.assign(state.usage, { month: billingMonth(state.clock.now()), ...used })
    },
    setCompany,
    addPerson: person => setCompany({ ...state.company, people: [...state.company.people, person] }),
    removePerson: userId =>
      setCompany({ ...state.company, people: state.company.people.filter(person => person.dingtalkUserId !== userId) }),
    addDepartment: department => setCompany({ ...state.company, departments: [...state.company.departments, department] }),
    holdPhone(slot, userId) {
      state.phones.set(slot, userId)
      state.notifier.changed()
    },
    onChange: state.notifier.onChange,
    async close() {
      state.deliveryFaults.close()
      gateway.close()
      await http.close()
    },
  }
}

function ownPage(state: DingTalkState, { path }: ApiRequest): ApiReply | undefined {
  const slot = /^\/__emu\/phone\/([a-z]+)$/.exec(path)?.[1]
  if (slot !== undefined) return { body: { userId: state.phones.get(slot) ?? null }, unlogged: true }
  const file = state.files.get(/^\/__emu\/files\/(.+)$/.exec(path)?.[1] ?? '')
  return file ? { headers: { 'content-type': file.contentType }, body: file.bytes, unlogged: true } : undefined
}

function platformPage(state: DingTalkState, gateway: Gateway, request: ApiRequest): ApiReply {
  if (request.path === '/oauth2/auth') return loginPage(state, request.query)
  if (request.method !== 'POST' || request.path !== '/v1.0/gateway/connections/open') return answerApi(state, request)
  try {
    return { body: gateway.open(jsonOf(request.body)) }
  } catch (error) {
    return refusalReply(error)
  }
}

function freshState(options: DingTalkEmulatorOptions): DingTalkState {
  const { clientId, clientSecret, corpId, agentId, cardTemplateId, groupTemplateId, eventKeys, company } = options
  return {
    clientId,
    clientSecret,
    corpId,
    agentId,
    cardTemplateId,
    groupTemplateId,
    eventKeys,
    company,
    clock: options.clock ?? systemClock,
    switches: {
      pollMs: options.pollMs ?? 25_000,
      messageTimeoutMs: options.messageTimeoutMs ?? 5000,
      cardTimeoutMs: options.cardTimeoutMs ?? 2000,
      callsPerSecond: options.callsPerSecond ?? 20,
      refuseKnownCards: options.refuseKnownCards ?? false,
      monthlyApiCalls: options.monthlyApiCalls ?? 5000,
      monthlyPushes: options.monthlyPushes ?? 3000,
      eventRetries: options.eventRetries ?? 2,
      eventRetryMs: options.eventRetryMs ?? 3000,
    },
    directory: directoryOf(company, 'dingtalk'),
    callbackUrl: undefined,
    eventUrl: undefined,
    cardRoutes: new Map(),
    tokens: new Map(),
    current: undefined,
    userTokens: new Map(),
    authCodes: new Map(),
    jsTicket: undefined,
    chats: new Map(),
    groups: new Map(),
    groupRequests: new Map(),
    cards: new Map(),
    sessions: new Map(),
    files: new Map(),
    todos: new Map(),
    notices: new Map(),
    sent: new Map(),
    recentCalls: new Map(),
    usage: { month: '', api: 0, webhookAndStream: 0 },
    ipAllowed: true,
    flowControlled: new Set(),
    deliveryFaults: createDeliveryFaults(),
    violations: [],
    calls: [],
    deliveries: [],
    faults: createFaultBook(options.faults),
    phones: new Map(),
    notifier: createNotifier(),
    baseUrl: '',
  }
}
