import { readFileSync } from 'node:fs'
import mongoose, { Schema } from 'mongoose'
import type { Viewer } from '../../engine/policy/index.ts'
import { approvalDecide, commit } from '../../handlers/approvals/index.ts'
import { execute } from '../../handlers/kernel/execute.ts'
import { openEmbeddedStore } from '../../store/index.ts'
import { storePid } from '../contract/store/kills.ts'
import { type Company, inParallel, type Task } from './approvals-company.ts'
import { median, round } from './numbers.ts'
import type { Row } from './report.ts'

const ROUNDS = 5
/** Decisions in one round, by how many people decide at the same moment. */
const SIZES: Readonly<Record<number, number>> = { 1: 60, 16: 320, 64: 640 }

/** One way to decide: `prepare` is not counted. */
interface Way {
  name: string
  prepare(count: number): Promise<(() => Promise<unknown>)[]>
}

interface Result {
  perSecond: number
  serviceUs: number
  storeUs: number
}

/** Processor time of another process so far, in microseconds; NaN where the system does not tell. */
function cpuUsOf(pid: number): number {
  try {
    // Fields 14 and 15 of proc(5): user and system time in ticks of 10 ms. The name in field 2 may hold anything but `) `.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) * 10_000
  } catch {
    return Number.NaN
  }
}

async function measure(way: Way, callers: number, pid: number): Promise<Result> {
  const deeds = await way.prepare(SIZES[callers] ?? 0)
  const before = process.cpuUsage()
  const storeBeforeUs = cpuUsOf(pid)
  const startedAt = performance.now()
  await inParallel(deeds, callers, deed => deed())
  const seconds = (performance.now() - startedAt) / 1000
  const { user, system } = process.cpuUsage(before)
  return {
    perSecond: deeds.length / seconds,
    serviceUs: (user + system) / deeds.length,
    storeUs: (cpuUsOf(pid) - storeBeforeUs) / deeds.length,
  }
}

/** What a first draft does: change the document and save it, then write a line of the log. The document is at hand already. */
async function naiveWay(connection: mongoose.Connection): Promise<Way> {
  const cases = connection.model(
    'NaiveCase',
    new Schema({
      _id: String,
      number: { type: String, unique: true },
      title: String,
      status: { type: String, index: true },
      submitterId: { type: String, index: true },
      waitingIds: { type: [String], index: true },
      amountMinor: Number,
      path: [{ name: String, personId: String, outcome: String, comment: String, at: Date }],
      updatedAt: Date,
    }),
  )
  const log = connection.model(
    'NaiveLog',
    new Schema({ caseId: { type: String, index: true }, byId: String, event: Schema.Types.Mixed, at: Date }),
  )
  await Promise.all([cases.init(), log.init()])
  let serial = 0
  return {
    name: 'two mongoose writes',
    async prepare(count) {
      const documents = Array.from({ length: count }, () => {
        serial += 1
        return {
          _id: `naive${serial}`,
          number: `HT-2026-${String(serial).padStart(6, '0')}`,
          title: `第${serial}号专线合同`,
          status: '审批中',
          submitterId: `person${serial % 40}`,
          waitingIds: [`person${serial % 37}`],
          amountMinor: 10_000_000,
          path: [{ name: '提交', personId: `person${serial % 40}`, outcome: 'submitted', at: new Date() }],
          updatedAt: new Date(),
        }
      })
      await cases.insertMany(documents)
      const rows = await cases.find({ _id: { $in: documents.map(({ _id }) => _id) } })
      return rows.map(row => async () => {
        const byId = row.waitingIds[0] ?? ''
        row.path.push({ name: '直属上级审批', personId: byId, outcome: 'approved', comment: '同意', at: new Date() })
        row.waitingIds = [`person${serial % 31}`]
        row.updatedAt = new Date()
        await row.save()
        await log.create({ caseId: row._id, byId, event: { type: 'approve', by: byId, comment: '同意' }, at: new Date() })
      })
    },
  }
}

/** Decisions of cases that are under way, each by whom it waits for. */
function decisions(
  company: Company,
  name: string,
  decide: (task: Task, actor: Viewer, commandId: string) => Promise<unknown>,
): Way {
  const waiting: Task[] = []
  const viewers = new Map<string, Viewer>()
  let serial = 0
  const viewer = (personId: string): Viewer => {
    const known = viewers.get(personId) ?? company.organisation.viewer(personId)
    viewers.set(personId, known)
    return known
  }
  return {
    name,
    async prepare(count) {
      if (waiting.length < count) waiting.push(...(await company.submit(count - waiting.length)))
      return waiting.splice(0, count).map(task => {
        serial += 1
        const commandId = `${name} ${serial}`
        const actor = viewer(task.personId)
        return async () => {
          await decide(task, actor, commandId)
        }
      })
    },
  }
}

const decide = (task: Task) => ({ caseId: task.caseId, taskId: task.taskId, decision: 'approve' as const })

/** How many decisions a second, beside two plain mongoose writes of the same process to the same store: alternating rounds. */
export async function benchDecisions(company: Company): Promise<Row[]> {
  const { services } = company
  const store = await openEmbeddedStore({ dataDir: company.dataDir })
  const connection = await mongoose.createConnection(store.uri, { maxPoolSize: 20, writeConcern: { w: 'majority' } }).asPromise()
  const ways: Way[] = [
    await naiveWay(connection),
    decisions(company, 'durable', ({ caseId, taskId, personId }, _actor, commandId) =>
      commit(services, {
        caseId,
        actorId: personId,
        commandId,
        via: 'h5',
        event: { type: 'approve', by: personId, via: 'h5', taskId },
      }),
    ),
    decisions(company, 'answered', (task, actor, commandId) =>
      execute(services, approvalDecide, decide(task), { actor, commandId, via: 'h5', surface: 'h5' }),
    ),
  ]
  const rows: Row[] = []
  try {
    for (const callers of Object.keys(SIZES).map(Number)) {
      const rounds: Result[][] = []
      for (let turn = 0; turn <= ROUNDS; turn += 1) {
        const results: Result[] = []
        for (const way of ways) results.push(await measure(way, callers, storePid(company.dataDir)))
        // The first round only warms up.
        if (turn > 0) rounds.push(results)
      }
      rows.push(...ways.map((way, index) => rowOf(way, callers, rounds, index)))
    }
    return rows
  } finally {
    await connection.close()
    await store.close()
  }
}

function rowOf({ name }: Way, callers: number, rounds: readonly Result[][], index: number): Row {
  const of = (read: (result: Result) => number): number => median(rounds.flatMap(results => results[index] ?? []).map(read))
  const times = (read: (result: Result) => number): string =>
    round(median(rounds.map(results => read(results[index] as Result) / read(results[0] as Result))), 2)
  const ratio = index === 0 ? '' : `${times(({ perSecond }) => perSecond)} × `
  return {
    what: `${name}, ${callers} at once`,
    value: `${ratio}${round(of(({ perSecond }) => perSecond))}/s; ${round(of(({ serviceUs }) => serviceUs))} µs of the service, ${round(of(({ storeUs }) => storeUs))} µs of the store each`,
    ...(name === 'durable' && callers > 1 && { target: 'target ≥ 2.5' }),
  }
}
