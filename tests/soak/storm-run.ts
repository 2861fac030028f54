import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import mongoose from 'mongoose'
import { ShiftedClock } from '../../common/clock.ts'
import { type CompanySeed, sampleWeComApp, startWeComEmulator } from '../../emulator/index.ts'
import { createModels } from '../../models/index.ts'
import type { NewMessage, OutboxDoc } from '../../models/kernel/outbox.ts'
import { openEmbeddedStore } from '../../store/index.ts'
import { type Product, startProduct } from '../support/product.ts'
import { killHard, wecomEnv } from '../support/wecom-product.ts'

const STEP_MS = 1_000
const URGENT_SHARE = 0.04
const MERGED_SHARE = 0.1
/** From a kill until its successor has what was in hand: the claim ends after five seconds, and the queue is looked at each second. */
const TAKE_UP_MS = 6_000
const URGENT_MS = 10_000
/** What the day's limit left waiting comes the next morning. */
const LAST_STEPS_MS = [...Array(60).fill(30_000), ...Array(60).fill(30 * 60_000)] as readonly number[]

export interface StormOptions {
  people: number
  events: number
  /** Emulated seconds in which they all come. */
  seconds: number
  kills: number
  onProgress?: (made: number) => void
}

export interface StormResult {
  findings: string[]
  /** Messages that went out, digests among them. */
  sends: number
  dropped: number
  urgent: number
  /** Emulated time from event to message, at most; without those in hand of a killed process. */
  urgentMostMs: number
  /** The same for those that a killed process had in hand; its successor's start is part of it. */
  urgentAfterKillMostMs: number
  /** From a kill until the successor answered, at most. */
  slowestStartMs: number
  /** On the wire when their process was killed. */
  unknown: number
  emulatedMinutes: number
}

const companyOf = (people: number): CompanySeed => ({
  name: '风暴公司',
  departments: [{ id: 2, name: '销售部', parentId: 1 }],
  people: [...Array(people).keys()].map(n => ({
    wecomUserId: `p${n}`,
    name: `同事${n}`,
    mobile: `1380000${String(n).padStart(4, '0')}`,
    title: '职员',
    departmentId: 2,
  })),
})

/** Events by the thousand for a company, at the platform's published limits, in emulated time; the service is killed now and then. */
export async function runStorm(options: StormOptions): Promise<StormResult> {
  const dataDir = mkdtempSync(join(tmpdir(), 'kelian-storm-'))
  const clock = new ShiftedClock()
  const wecom = await startWeComEmulator({ ...sampleWeComApp, company: companyOf(options.people), clock })
  const env = { ...wecomEnv(wecom, dataDir), TEST_CLOCK: '1' }
  let product = await startProduct(env)
  const store = await openEmbeddedStore({ dataDir })
  const connection = await mongoose.createConnection(store.uri).asPromise()
  const models = createModels(connection)
  const afterKill = new Set<string>()
  const beganAt = clock.now()
  let slowestStartMs = 0

  async function advanceProduct(ms: number, into: Product = product): Promise<void> {
    const body = JSON.stringify({ advanceMs: ms })
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${into.url}/test/clock`, { method: 'POST', headers, body })
    if (!answer.ok) throw new Error(`the clock was not moved: ${answer.status} ${await answer.text()}`)
  }
  async function step(ms: number): Promise<void> {
    clock.advance(ms)
    await advanceProduct(ms)
  }

  /** A power cut in the midst of sending. */
  async function kill(): Promise<void> {
    const running = advanceProduct(0).catch(() => undefined)
    await sleep(30 + Math.random() * 200)
    const killedAtMs = Date.now()
    await killHard(product)
    await running
    const held = await models.outbox.model
      .find({ status: { $in: ['queued', 'sending'] }, leaseBy: { $ne: null } }, { _id: 1 })
      .lean()
    for (const { _id } of held) afterKill.add(_id)
    for (const { _id } of await models.outbox.model.find({ status: 'queued', lane: 'prompt' }, { _id: 1 }).lean())
      afterKill.add(_id)
    product = await startProduct(env)
    slowestStartMs = Math.max(slowestStartMs, Date.now() - killedAtMs)
    await sleep(Math.max(0, killedAtMs + TAKE_UP_MS - Date.now()))
    await advanceProduct(Math.max(0, Math.round(clock.now() - Date.now())))
  }

  const readers = await untilPeople(models, options.people)
  let made = 0
  let told = 0
  const event = (): NewMessage => {
    const n = made
    made += 1
    const dice = Math.random()
    const reader = readers[Math.floor(Math.random() * readers.length)] ?? ''
    return {
      _id: `storm-${n}`,
      to: { personId: reader },
      text: `事件 #${n}# 已更新,请知悉`,
      urgency: dice < URGENT_SHARE ? 'urgent' : 'notice',
      ...(dice > 1 - MERGED_SHARE && { mergeKey: 'count' }),
    }
  }

  const perStep = Math.ceil(options.events / options.seconds)
  const killEvery = Math.floor(options.seconds / (options.kills + 1))
  for (let second = 1; made < options.events; second += 1) {
    const batch = Array.from({ length: Math.min(perStep, options.events - made) }, event)
    await models.outbox.put(batch, new Date(clock.now()))
    if (options.kills > 0 && second % killEvery === 0 && second / killEvery <= options.kills) await kill()
    await step(STEP_MS)
    if (options.onProgress && made - told >= options.events / 10) {
      told = made
      options.onProgress(made)
    }
  }
  for (const ms of LAST_STEPS_MS) if ((await models.outbox.countQueued()) > 0) await step(ms)

  const rows = await models.outbox.model.find({ _id: /^storm-/ }).lean<OutboxDoc[]>()
  const shown = [...Array(options.people).keys()].flatMap(n => wecom.view(`p${n}`).map(message => message.text ?? ''))
  const result = judge(rows, shown, afterKill)
  const outcome: StormResult = {
    ...result,
    sends: shown.length,
    slowestStartMs,
    dropped: wecom.dropped.length,
    emulatedMinutes: Math.round((clock.now() - beganAt) / 60_000),
  }
  if (rows.length !== options.events) outcome.findings.push(`${options.events - rows.length} events left no row`)
  if (outcome.dropped > 0) outcome.findings.push(`the platform dropped ${outcome.dropped} messages`)
  // Where the successor itself took longer to start than the claims lasted, that much is the machine's.
  const afterKillLimitMs = URGENT_MS + Math.max(0, slowestStartMs - TAKE_UP_MS)
  if (outcome.urgentAfterKillMostMs > afterKillLimitMs)
    outcome.findings.push(`an urgent message took ${outcome.urgentAfterKillMostMs} ms after a kill (start: ${slowestStartMs} ms)`)
  const refused = wecom.calls.filter(call => (call.reply as { errcode?: number } | undefined)?.errcode === 45009).length
  if (refused > 0) outcome.findings.push(`the platform refused ${refused} calls for their number`)

  await product.stop()
  await connection.close()
  await store.close()
  await wecom.close()
  rmSync(dataDir, { recursive: true, force: true })
  return outcome
}

async function untilPeople(models: ReturnType<typeof createModels>, count: number): Promise<string[]> {
  for (;;) {
    const people = await models.people.everybody()
    if (people.length >= count) return people.map(({ _id }) => _id)
    await sleep(200)
  }
}

type Judged = Pick<StormResult, 'findings' | 'urgent' | 'urgentMostMs' | 'urgentAfterKillMostMs' | 'unknown'>

/** The ledger against what the phones show. */
function judge(rows: readonly OutboxDoc[], shown: readonly string[], afterKill: ReadonlySet<string>): Judged {
  const findings: string[] = []
  const none = (rule: string, broken: readonly OutboxDoc[]): void => {
    if (broken.length > 0)
      findings.push(
        `${rule} (${broken.length}): ${broken
          .slice(0, 4)
          .map(row => `${row._id} ${row.status}`)
          .join(', ')}`,
      )
  }
  const times = new Map<string, number>()
  for (const text of shown)
    for (const [, n] of text.matchAll(/#(\d+)#/g)) times.set(`storm-${n}`, (times.get(`storm-${n}`) ?? 0) + 1)
  const byId = new Map(rows.map(row => [row._id, row]))
  const leaderOf = (row: OutboxDoc) => byId.get(row.into ?? '')

  none(
    'shown twice',
    rows.filter(row => (times.get(row._id) ?? 0) > 1),
  )
  none(
    'recorded as sent and not shown',
    rows.filter(row => row.status === 'sent' && !times.has(row._id) && !isLongDigest(row, rows)),
  )
  none(
    'neither sent nor carried by another',
    rows.filter(row => !['sent', 'merged', 'unknown'].includes(row.status)),
  )
  none(
    'merged into nothing',
    rows.filter(row => row.status === 'merged' && !leaderOf(row)),
  )
  none(
    'replaced although it was urgent',
    rows.filter(row => row.status === 'merged' && row.urgency === 'urgent' && !row.mergeKey),
  )
  none(
    'unknown without a kill',
    rows.filter(row => row.status === 'unknown' && !afterKill.has(row._id)),
  )

  const urgent = rows.filter(row => row.urgency === 'urgent' && row.status === 'sent')
  const lateMs = (row: OutboxDoc): number => (row.sentAt?.getTime() ?? 0) - row.createdAt.getTime()
  const most = (list: readonly OutboxDoc[]): number => list.reduce((longest, row) => Math.max(longest, lateMs(row)), 0)
  const urgentMostMs = most(urgent.filter(row => !afterKill.has(row._id)))
  if (urgentMostMs > URGENT_MS) findings.push(`an urgent message took ${urgentMostMs} ms`)
  return {
    findings,
    urgent: urgent.length,
    urgentMostMs,
    urgentAfterKillMostMs: most(urgent.filter(row => afterKill.has(row._id))),
    unknown: rows.filter(row => row.status === 'unknown').length,
  }
}

/** A digest names its first notices and counts the rest: the one that carries it may be among the counted. */
const isLongDigest = (leader: OutboxDoc, rows: readonly OutboxDoc[]): boolean =>
  rows.filter(row => row.into === leader._id).length >= 8
