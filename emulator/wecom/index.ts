import type { ApiCall } from '../kernel/calls.ts'
import { type EmulatorClock, systemClock } from '../kernel/clock.ts'
import { type CompanySeed, directoryOf, type PersonSeed } from '../kernel/company.ts'
import { createFaultBook, type Fault } from '../kernel/faults.ts'
import type { Violation } from '../kernel/fields.ts'
import { type ApiReply, startHttp } from '../kernel/http.ts'
import { createNotifier } from '../kernel/notifier.ts'
import { ticketOf } from './api/base.ts'
import { answerApi, authorizePage } from './api/index.ts'
import { type BotPeople, type BotSettings, createBot } from './bot/index.ts'
import { type CustomerSeed, customersOf } from './customers.ts'
import type { Attempt, CallbackFault, Delivery, Verification } from './delivery.ts'
import { createPeople, type WeComPeople } from './driver.ts'
import { refusalBody } from './refusal.ts'
import { type RawCallback, sendRaw, verifyUrl } from './sender.ts'
import type { WeComIdentity, WeComState, WeComSwitches } from './state.ts'

export interface WeComEmulatorOptions extends WeComIdentity, Partial<WeComSwitches> {
  clock?: EmulatorClock
  /** 0 or absent: any free port. */
  port?: number
  /** Counts as saved and verified earlier. */
  callbackUrl?: string
  company: CompanySeed
  /** Whom the members have in their address books. */
  customers?: CustomerSeed[]
  /** The AI bot (智能机器人) beside the app. */
  bot?: BotSettings
  faults?: Fault[]
}

/** A WeCom platform of one company and one self-built app; platform facts in the vendor pages named beside each endpoint. */
export interface WeComEmulator extends WeComPeople {
  /** Both API base and OAuth base. */
  readonly baseUrl: string
  readonly calls: readonly ApiCall[]
  readonly deliveries: readonly Delivery[]
  readonly violations: readonly Violation[]
  /** Messages that the rate limit swallowed without an error. */
  readonly dropped: readonly { userId: string; msgid: string; at: number }[]
  readonly people: readonly { userId: string; name: string; title: string; department: string }[]
  readonly menu: readonly unknown[]
  /** App groups, with what was sent to them. */
  groups(): {
    chatid: string
    name: string
    userlist: string[]
    messages: { msgtype: string; body: Record<string, unknown>; at: number }[]
  }[]
  /** The GET verification; the outcome decides whether interactive cards may be sent (43012). */
  verifyUrl(): Promise<Verification>
  /** Counts as saved and verified; undefined: the app has no callback. */
  setCallbackUrl(url: string | undefined): void
  sendRaw(raw: RawCallback): Promise<Attempt>
  fault(fault: Fault): void
  /** What goes wrong with the next callbacks, in this order. */
  disturb(...faults: CallbackFault[]): void
  /** 企业可信 IP; undefined: not switched on. Everybody calls from 127.0.0.1. */
  setTrustedIps(ips: string[] | undefined): void
  /** The admin switches the app on or off. */
  setEnabled(enabled: boolean): void
  /** The ticket that a JS-SDK signature is made with. */
  jsTicket(kind: 'corp' | 'agent'): string
  /** What people do in chats with the bot; undefined without one. */
  readonly bot: BotPeople | undefined
  expireTokens(): void
  setCompany(company: CompanySeed): void
  addPerson(person: PersonSeed): void
  /** Who holds the phone of this slot of the chat window; its login frames become this person. */
  holdPhone(slot: string, userId: string): void
  onChange(listener: () => void): () => void
  close(): Promise<void>
}

/** Start a WeCom platform on 127.0.0.1. */
export async function startWeComEmulator(options: WeComEmulatorOptions): Promise<WeComEmulator> {
  const state = freshState(options)
  const bot = options.bot && createBot(state, options.bot)
  const http = await startHttp({
    port: options.port ?? 0,
    clock: state.clock,
    faults: state.faults,
    calls: state.calls,
    handle: request => controlPage(state, request.path) ?? bot?.answer(request) ?? routed(state, request),
    faultReply: ({ errcode, httpStatus }): ApiReply =>
      errcode === undefined
        ? { status: httpStatus ?? 500, body: 'injected fault' }
        : { body: refusalBody(errcode, 'injected fault') },
    onCall: state.notifier.changed,
  })
  bot?.listen(http.server)
  const setCompany = (company: CompanySeed) => {
    state.company = company
    state.directory = directoryOf(company, 'wecom')
    state.notifier.changed()
  }
  return {
    ...createPeople(state),
    baseUrl: http.baseUrl,
    bot: bot?.people,
    calls: state.calls,
    deliveries: state.deliveries,
    violations: state.violations,
    dropped: state.dropped,
    get people() {
      const { people, department } = state.directory
      return people.map(person => ({ ...person, department: department(person.departmentId)?.name ?? '' }))
    },
    get menu() {
      return state.menu
    },
    groups: () => [...state.groups.values()],
    verifyUrl: () => verifyUrl(state),
    setCallbackUrl(url) {
      state.callback = { url, verified: url !== undefined }
    },
    sendRaw: raw => sendRaw(state, raw),
    fault: state.faults.add,
    disturb: (...faults) => void state.callbackFaults.push(...faults),
    setTrustedIps(ips) {
      state.trustedIps = ips
    },
    setEnabled(enabled) {
      state.enabled = enabled
    },
    jsTicket: kind => ticketOf(state, kind).ticket,
    expireTokens() {
      if (state.accessToken) state.accessToken.revoked = true
    },
    setCompany,
    addPerson: person => setCompany({ ...state.company, people: [...state.company.people, person] }),
    holdPhone(slot, userId) {
      state.phones.set(slot, userId)
      state.notifier.changed()
    },
    onChange: state.notifier.onChange,
    async close() {
      bot?.close()
      await http.close()
    },
  }
}

function routed(state: WeComState, request: Parameters<typeof answerApi>[1]): ApiReply {
  return request.path === '/connect/oauth2/authorize' ? authorizePage(state, request.query) : answerApi(state, request)
}

function controlPage(state: WeComState, path: string): ApiReply | undefined {
  const slot = /^\/__emu\/phone\/([a-z]+)$/.exec(path)?.[1]
  if (slot === undefined) return undefined
  return { body: { userId: state.phones.get(slot) ?? null }, unlogged: true }
}

function freshState(options: WeComEmulatorOptions): WeComState {
  const { corpId, agentId, secret, token, encodingAesKey, company } = options
  return {
    corpId,
    agentId,
    secret,
    token,
    encodingAesKey,
    company,
    clock: options.clock ?? systemClock,
    switches: {
      exposeMobile: options.exposeMobile ?? false,
      honourPassiveCardUpdate: options.honourPassiveCardUpdate ?? false,
      retryOnStatus: options.retryOnStatus ?? false,
      trustedDomain: options.trustedDomain,
      callbackTimeoutMs: options.callbackTimeoutMs ?? 5000,
      retryDelayMs: options.retryDelayMs ?? 1000,
      canCustomer: options.canCustomer ?? true,
      seesEverybody: options.seesEverybody ?? true,
      accountLimit: options.accountLimit ?? 200,
      omitEmptyLists: options.omitEmptyLists ?? false,
    },
    directory: directoryOf(company, 'wecom'),
    callback: { url: options.callbackUrl, verified: options.callbackUrl !== undefined },
    accessToken: undefined,
    retiredTokens: new Set(),
    badSecrets: 0,
    chats: new Map(),
    sent: new Map(),
    tasks: new Map(),
    codes: new Map(),
    duplicates: new Map(),
    sends: new Map(),
    dropped: [],
    media: new Map(),
    groups: new Map(),
    oauthCodes: new Map(),
    userTickets: new Map(),
    jsTickets: new Map(),
    menu: [],
    trustedIps: undefined,
    enabled: true,
    counts: new Map(),
    messagesToday: { day: 0, sent: 0 },
    customers: customersOf(options.customers ?? [], (options.clock ?? systemClock).now()),
    bot: undefined,
    callbackFaults: [],
    held: [],
    violations: [],
    calls: [],
    deliveries: [],
    faults: createFaultBook(options.faults),
    phones: new Map(),
    notifier: createNotifier(),
  }
}
