import { AppError } from '../../common/errors.ts'
import { approvalDecide, approvalTransfer, approvalUrge, approvalWithdraw } from '../../handlers/approvals/index.ts'
import { submitContract } from '../../handlers/contracts/index.ts'
import { customersSearch } from '../../handlers/customers/index.ts'
import { ask, execute } from '../../handlers/kernel/execute.ts'
import type { CardDoc } from '../../models/kernel/card-ledger.ts'
import { startWorld, type World } from '../support/world.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const AMOUNTS = ['3万', '11万', '62万', '120万']
const TYPES = ['专线', '集成', '其他']
const REST_ROUNDS = 40

interface OpenTask {
  taskId: string
  assigneeIds: string[]
}
interface CaseState {
  status: string
  openTasks: OpenTask[]
}

/** Random numbers that a seed repeats (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** What schedules came upon, beside faults of ours. */
export interface ScheduleTally {
  schedules: number
  decisions: number
  staleClicks: number
  superseded: number
  restarts: number
}

/** A world in which schedules are played one after the other. */
export async function openStage(seed: number) {
  const random = seeded(seed)
  const pick = <Item>(items: readonly Item[]): Item | undefined => items[Math.floor(random() * items.length)]
  const tally: ScheduleTally = { schedules: 0, decisions: 0, staleClicks: 0, superseded: 0, restarts: 0 }
  const world = await startWorld({ env: { DINGTALK_MONTHLY_CALLS: '0' } })
  let serial = 0
  const services = () => world.service.services
  const models = () => services().models

  await world.say('zhang3', '新建线索 重庆长安汽车 张伟 13812345678')
  await world.press('zhang3', '确认')
  const submitter = (await models().people.byName('张三'))[0]?._id ?? ''
  const viewerOf = async (personId: string) => (await services().organisation.current()).viewer(personId)
  const found = await ask(services(), customersSearch, { q: '长安' }, await viewerOf(submitter), 'h5')
  const customerId = found.items[0]?.id ?? ''
  const callAs = async (personId: string) => {
    serial += 1
    return { actor: await viewerOf(personId), commandId: `soak-${seed}-${serial}`, via: 'h5', surface: 'h5' as const }
  }

  const stateOf = async (caseId: string) => (await models().cases.byId(caseId))?.state as CaseState | undefined
  const cardsOf = (caseId: string) =>
    models()
      .cards.model.find({ subject: `case:${caseId}` })
      .lean<CardDoc[]>()
  const revision = async (caseId: string) => (await models().steps.latest(caseId))?.revision
  const waitsFor = (state: CaseState | undefined, row: CardDoc): boolean =>
    state?.openTasks.some(task => task.taskId === row.params.taskId && task.assigneeIds.includes(row.personId)) ?? false
  const seen = (row: CardDoc) => world.cards(row.userId ?? '').find(card => card.taskId === row._id)
  const looksLive = (row: CardDoc): boolean =>
    seen(row)?.buttons.some(button => button.key === 'approve' && button.enabled) ?? false
  const press = async (row: CardDoc): Promise<void> => {
    const platform = row.platform === 'dingtalk' ? world.dingtalk : world.wecom
    await platform.userClicksCardRaw(row.userId ?? '', row._id, 'approve').catch(() => undefined)
  }
  /** A refusal is an answer; anything else is a fault of ours. */
  const tried = async (deed: Promise<unknown>): Promise<void> => {
    await deed.catch(error => {
      if (!(error instanceof AppError) || error.status >= 500) throw error
    })
  }

  async function submit(): Promise<string> {
    serial += 1
    const input = { customerId, title: `第${seed}之${serial}号`, type: pick(TYPES), amount: pick(AMOUNTS) }
    const { caseId } = await execute(services(), submitContract, input, await callAs(submitter))
    return caseId
  }

  async function decide(caseId: string, decision: 'approve' | 'reject'): Promise<void> {
    const task = pick((await stateOf(caseId))?.openTasks ?? [])
    const personId = task && pick(task.assigneeIds)
    if (!personId) return
    tally.decisions += 1
    await tried(execute(services(), approvalDecide, { caseId, decision, comment: '已看过' }, await callAs(personId)))
  }

  async function click(caseId: string): Promise<void> {
    const row = pick((await cardsOf(caseId)).filter(looksLive))
    if (!row) return
    tally.decisions += 1
    await press(row)
  }

  async function clickStale(caseId: string, findings: string[]): Promise<void> {
    await world.settle()
    const state = await stateOf(caseId)
    const row = pick((await cardsOf(caseId)).filter(candidate => candidate.userId && !waitsFor(state, candidate)))
    if (!row) return
    tally.staleClicks += 1
    const before = await revision(caseId)
    await press(row)
    await world.settle()
    if ((await revision(caseId)) !== before) findings.push(`a stale click on ${row._id} changed ${caseId}`)
  }

  async function transfer(caseId: string): Promise<void> {
    const personId = pick((await stateOf(caseId))?.openTasks ?? [])?.assigneeIds[0]
    const target = pick((await services().organisation.current()).people().filter(person => person.active))
    if (!personId || !target) return
    await tried(execute(services(), approvalTransfer, { caseId, toPersonId: target._id }, await callAs(personId)))
  }

  function disturb(): void {
    const drop = pick(['before', 'after'] as const)
    const times = 1 + Math.floor(random() * 3)
    const dice = random()
    if (dice < 0.3) world.wecom.fault({ path: '/message/update_template_card', ...(drop && { drop }), times })
    else if (dice < 0.45) world.wecom.fault({ path: '/message/update_template_card', errcode: 60140, times })
    else if (dice < 0.6) world.wecom.fault({ path: '/message/send', ...(drop && { drop }) })
    else if (dice < 0.7) world.wecom.fault({ path: '/message/send', errcode: pick([-1, 45009, 42001]) ?? -1 })
    else if (dice < 0.9) world.dingtalk.fault({ path: '/v1.0/card/instances', ...(drop && { drop }), times })
    else world.dingtalk.fault({ path: '/v1.0/card/instances/createAndDeliver', ...(drop && { drop }) })
  }

  async function something(caseId: string, findings: string[]): Promise<void> {
    const dice = random()
    if (dice < 0.28) await click(caseId)
    else if (dice < 0.42) await decide(caseId, random() < 0.75 ? 'approve' : 'reject')
    else if (dice < 0.54) await clickStale(caseId, findings)
    else if (dice < 0.6) await tried(execute(services(), approvalWithdraw, { caseId }, await callAs(submitter)))
    else if (dice < 0.66) await transfer(caseId)
    else if (dice < 0.7) await tried(execute(services(), approvalUrge, { caseId }, await callAs(submitter)))
    else if (dice < 0.8) disturb()
    else if (dice < 0.86) await Promise.all([click(caseId), decide(caseId, 'approve'), click(caseId)])
    else if (dice < 0.94) await world.advance((pick([10 * MINUTE_MS, HOUR_MS, 26 * HOUR_MS, 71 * HOUR_MS]) ?? HOUR_MS) as number)
    else if (dice < 0.985) await world.settle()
    else {
      tally.restarts += 1
      await world.restart()
    }
  }

  async function rest(): Promise<boolean> {
    for (let round = 0; round < REST_ROUNDS; round += 1) {
      await world.settle()
      const { inbound, outbox, cards } = models()
      if ((await inbound.countQueued()) + (await outbox.countQueued()) + (await cards.countDue()) === 0) return true
      await world.advance(2 * MINUTE_MS)
    }
    return false
  }

  /** What a client shows against what is true. */
  async function judge(caseId: string): Promise<string[]> {
    const broken: string[] = []
    const state = await stateOf(caseId)
    const rows = await cardsOf(caseId)
    for (const row of rows) {
      if (!looksLive(row) || waitsFor(state, row)) continue
      if (row.status !== 'superseded') {
        broken.push(`${row.userId} sees a live button on ${row._id} (${row.status}) though ${caseId} is ${state?.status}`)
        continue
      }
      tally.superseded += 1
      const words = await models().outbox.model.findById(row.successor).lean()
      const newer = words ?? (await models().cards.find(row.successor ?? ''))
      if (!newer || newer.createdAt < row.createdAt) broken.push(`${row._id} is superseded by nothing newer`)
      else if (words && !['sent', 'unknown', 'merged'].includes(words.status))
        broken.push(`${row._id} is superseded by a message that is ${words.status}: ${words.error?.code}`)
    }
    for (const task of state?.openTasks ?? [])
      for (const personId of task.assigneeIds) {
        const mine = rows.filter(row => row.personId === personId && row.params.taskId === task.taskId)
        if (!mine.some(row => looksLive(row) || ['unknown', 'superseded', 'dead'].includes(row.status)))
          broken.push(`${personId} has no card to decide ${task.taskId}: ${mine.map(row => row.status).join(' ') || 'no row'}`)
      }
    return broken
  }

  return {
    world: world as World,
    tally,
    /** Play one schedule; each finding names the rule that was broken. */
    async play(): Promise<string[]> {
      tally.schedules += 1
      const findings: string[] = []
      const caseId = await submit()
      const steps = 4 + Math.floor(random() * 8)
      for (let step = 0; step < steps; step += 1) await something(caseId, findings)
      if (!(await rest())) findings.push(`${caseId} never came to rest`)
      findings.push(...(await judge(caseId)))
      // A minute later everybody may be written to again.
      await world.advance(2 * MINUTE_MS)
      return findings
    },
    close: () => world.close(),
  }
}
