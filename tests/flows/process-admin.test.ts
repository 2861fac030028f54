import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { StuckCase } from '../../common/contract/approvals.ts'
import type {
  FaultView,
  MigrationResult,
  ProcessMeasureView,
  ProcessVersionRow,
  RehearsalView,
} from '../../common/contract/processes.ts'
import { contractProcess } from '../../engine/process/index.ts'
import { stepId } from '../../models/kernel/steps.ts'
import { type Cases, openCases } from '../support/cases.ts'
import { draftOf, publish, stepOf } from '../support/processes.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let cases: Cases

/** Given the sample company with 王敏 as its admin. */
beforeAll(async () => {
  world = await startWorld({ env: { ADMIN_USERS: 'wecom:wangmin' } })
  cases = openCases(world)
  await publish(cases, draftOf('simple', [await stepOf(cases, ['孙丽'])]))
})
afterAll(() => world.close())

const models = () => world.service.services.models
const admin = () => cases.browser('wangmin')

describe('an admin', () => {
  test('sees every case that stands still and why, and ends it by naming people', async () => {
    await publish(
      cases,
      draftOf('nobody', [
        {
          id: 'one',
          type: 'approval',
          name: '没人的一步',
          approvers: [{ type: 'role', role: '火星' }],
          mode: { type: 'anyOf' },
          whenEmpty: 'incident',
          next: 'end',
        },
      ]),
    )
    const { caseId, number } = await cases.submit('zhang3', 'nobody', { title: '卡住' })
    expect(world.lastText('wangmin')).toContain('审批暂停了')
    const stuck = await (await admin()).query<{ items: StuckCase[] }>('approvals.stuck')
    const row = stuck.body.items.find(item => item.caseId === caseId)
    expect(row).toMatchObject({ number, nodeName: '没人的一步', options: ['assign', 'retry', 'terminate'] })
    expect(JSON.stringify(stuck.body)).not.toContain('卡住"')
    await cases.act('wangmin', 'resolve', { caseId, entryId: row?.entryId, assignIds: [await cases.person('马超')] })
    expect(await cases.waiting(caseId)).toEqual(['没人的一步:马超'])
    expect(
      (await (await admin()).query<{ items: StuckCase[] }>('approvals.stuck')).body.items.map(item => item.caseId),
    ).not.toContain(caseId)
    await world.press('machao', '同意')
    expect(await cases.status(caseId)).toBe('已通过')
  })

  test('reassigns, skips, reroutes and ends cases with a reason; the log names them', async () => {
    await publish(
      cases,
      draftOf('countersigned', [
        await stepOf(cases, ['刘强', '李静', '赵敏'], { id: 'sign', name: '会签', mode: { type: 'countersign' }, next: 'last' }),
        await stepOf(cases, ['周建国'], { id: 'last', name: '终审' }),
      ]),
    )
    const one = await cases.submit('zhang3', 'countersigned', { title: '改派' })
    await world.press('liuqiang', '同意')
    const task = (await cases.detail('zhang3', one.caseId)).openTasks[0]
    await cases.act('wangmin', 'reassign', {
      caseId: one.caseId,
      taskId: task?.taskId,
      personIds: [await cases.person('马超')],
      reason: '休假',
    })
    expect(await cases.waiting(one.caseId)).toEqual(['会签:马超'])
    await cases.act('wangmin', 'skip', { caseId: one.caseId, taskId: task?.taskId, reason: '紧急' })
    expect(await cases.waiting(one.caseId)).toEqual(['终审:周建国'])
    const last = (await cases.detail('zhang3', one.caseId)).openTasks[0]
    await cases.act('wangmin', 'reroute', { caseId: one.caseId, taskId: last?.taskId, to: 'sign', reason: '重来' })
    expect(await cases.waiting(one.caseId)).toEqual(['会签:刘强、李静、赵敏'])
    await cases.act('wangmin', 'terminate', { caseId: one.caseId, reason: '项目取消' })
    expect(await cases.status(one.caseId)).toBe('已终止')
    expect(world.lastText('zhang3')).toContain('项目取消')
    expect(await cases.refused('lijing', 'terminate', { caseId: one.caseId, reason: 'x' })).toBe('auth.admin_only')
  })
})

describe('processes', () => {
  test('a definition with faults is refused with every fault and its path', async () => {
    const faulty = draftOf('faulty', [
      { id: 'one', type: 'approval', name: '一', approvers: [], mode: { type: 'anyOf' }, next: 'nowhere' },
      { id: 'island', type: 'approval', name: '孤岛', approvers: [{ type: 'superior' }], mode: { type: 'anyOf' }, next: 'end' },
    ])
    const checked = await (await admin()).query<{ faults: FaultView[] }>('processes.check', { definition: faulty })
    const codes = checked.body.faults.map(fault => fault.code)
    for (const code of ['process.empty_approvers', 'process.dangling_next', 'process.unreachable']) expect(codes).toContain(code)
    const refused = await (await admin()).command<{ error: { code: string; details: { faults: FaultView[] } } }>(
      'processes.publish',
      {
        definition: faulty,
      },
    )
    expect([refused.status, refused.body.error.code]).toEqual([400, 'process.faulty'])
    expect(refused.body.error.details.faults.map(fault => fault.path)).toContain('nodes.1.approvers')
    const malformed = await (await admin()).query<{ faults: FaultView[] }>('processes.check', {
      definition: { key: 'x', nodes: 'none' },
    })
    expect(malformed.body.faults[0]?.code).toBe('process.malformed')
    const vote = draftOf('weighted', [
      {
        id: 'one',
        type: 'approval',
        name: '票',
        approvers: [{ type: 'superior' }],
        mode: { type: 'vote', sharePercent: 50, weights: { somebody: 0 } },
        next: 'end',
      },
    ])
    expect(
      (await (await admin()).query<{ faults: FaultView[] }>('processes.check', { definition: vote })).body.faults[0]?.path,
    ).toContain('weights')
  })

  test('a new version is for new cases; running ones stay, until they are moved after a report', async () => {
    const step = async (name: string, ...names: string[]) =>
      draftOf('evolving', [
        await stepOf(cases, names, { name, next: 'two' }),
        await stepOf(cases, ['马超'], { id: 'two', name: '二审' }),
      ])
    await publish(cases, await step('一审', '孙丽'))
    const old = await cases.submit('zhang3', 'evolving', { title: '老的' })
    const { version } = await publish(cases, await step('初审', '何娟'))
    expect(version).toBe(2)
    const fresh = await cases.submit('zhang3', 'evolving', { title: '新的' })
    expect(await cases.waiting(old.caseId)).toEqual(['一审:孙丽'])
    expect(await cases.waiting(fresh.caseId)).toEqual(['初审:何娟'])
    const list = await (await admin()).query<{ items: ProcessVersionRow[] }>('processes.list')
    expect(list.body.items.filter(row => row.key === 'evolving').map(row => [row.version, row.state, row.running])).toEqual([
      [2, 'published', 1],
      [1, 'retired', 1],
    ])

    const report = await (await admin()).command<MigrationResult>('processes.migrate', { key: 'evolving', toVersion: 2 })
    expect(report.body.items).toMatchObject([{ caseId: old.caseId, blocked: [], moved: false }])
    expect(report.body.items[0]?.changes.join()).toContain('改名为「初审」')
    expect(await cases.waiting(old.caseId)).toEqual(['一审:孙丽'])
    const applied = await (await admin()).command<MigrationResult>('processes.migrate', {
      key: 'evolving',
      toVersion: 2,
      apply: true,
    })
    expect(applied.body.items).toMatchObject([{ moved: true }])
    await world.settle()
    expect(await cases.waiting(old.caseId)).toEqual(['初审:孙丽'])
    await cases.act('sunli', 'decide', { caseId: old.caseId, decision: 'approve' })
    await cases.act('machao', 'decide', { caseId: old.caseId, decision: 'approve' })
    expect(await cases.status(old.caseId)).toBe('已通过')
  })

  test('a draft is rehearsed on finished cases: who would have decided, what differs, steps nobody came to; they stay as they are', async () => {
    const before = await models().steps.model.countDocuments()
    const rehearsed = await (await admin()).query<RehearsalView>('processes.rehearse', {
      definition: draftOf('evolving', [
        {
          id: 'one',
          type: 'approval',
          name: '初审',
          approvers: [{ type: 'superior' }],
          mode: { type: 'anyOf' },
          next: 'byTitle',
        },
        {
          id: 'byTitle',
          type: 'exclusive',
          name: '按标题',
          branches: [{ when: { field: 'title', op: 'eq', value: '加急' }, next: 'rush' }],
          otherwise: 'end',
        },
        { id: 'rush', type: 'approval', name: '加急', approvers: [{ type: 'superior' }], mode: { type: 'anyOf' }, next: 'end' },
      ]),
      lastCases: 10,
    })
    expect(rehearsed.body.cases).toHaveLength(1)
    expect(rehearsed.body.cases[0]?.steps).toEqual([{ name: '初审', people: [expect.objectContaining({ name: '刘强' })] }])
    expect(rehearsed.body.cases[0]?.removed).toContain('二审')
    expect(rehearsed.body.dead.map(({ name }) => name)).toContain('加急')
    expect(await models().steps.model.countDocuments()).toBe(before)
  })

  test('what finished cases took is measured: node by node, hand-offs, the bottleneck, the target', async () => {
    const answer = await (await admin()).query<ProcessMeasureView>('processes.measure', { key: 'evolving' })
    expect(answer.body).toMatchObject({ cases: 1, handOffs: 2, targetWorkingSeconds: null })
    expect(answer.body.nodes.map(({ name, count }) => [name, count])).toEqual([
      ['初审', 1],
      ['二审', 1],
    ])
    const none = await (await admin()).query<ProcessMeasureView>('processes.measure', { key: 'contractApproval' })
    expect(none.body).toMatchObject({ cases: 0, targetWorkingSeconds: 8 * 3600, bottleneck: null })
  })

  test('a service step runs a command in the submitter’s name; refused, it stops visibly and can be tried again', async () => {
    await world.say('zhang3', '新建线索 重庆服务科技 钱多 13900009999')
    await world.press('zhang3', '确认')
    const customerId = await cases.customer('重庆服务科技')
    await publish(
      cases,
      draftOf(
        'noted',
        [
          {
            id: 'note',
            type: 'service',
            name: '写跟进',
            command: 'activities.create',
            input: { customerId: { field: 'customerKey' }, text: { field: 'title' } },
            next: 'end',
          },
        ],
        { fields: { title: { type: 'string', label: '标题' }, customerKey: { type: 'string', label: '客户编号' } } },
      ),
    )
    const done = await cases.submit('zhang3', 'noted', { title: '流程写的跟进', customerKey: customerId })
    expect(await cases.status(done.caseId)).toBe('已通过')
    expect(await models().activities.model.countDocuments({ customerId, text: '流程写的跟进' })).toBe(1)

    const failed = await cases.submit('zhang3', 'noted', { title: '写不进去' })
    expect((await cases.detail('zhang3', failed.caseId)).incidents[0]?.nodeName).toBe('写跟进')
    await cases.act('wangmin', 'resolve', { caseId: failed.caseId, edits: { customerKey: customerId } })
    expect(await cases.status(failed.caseId)).toBe('已通过')
    const unknown = draftOf('unknown', [
      { id: 'x', type: 'service', name: 'x', command: 'approvals.decide', input: {}, next: 'end' },
    ])
    const checked = await (await admin()).query<{ faults: FaultView[] }>('processes.check', { definition: unknown })
    expect(checked.body.faults.map(fault => fault.code)).toContain('process.unknown_command')
  })

  test('a sub-process runs as a case of its own, and its end moves its parent', async () => {
    await publish(
      cases,
      draftOf('parent', [
        { id: 'child', type: 'subProcess', name: '子流程', process: 'simple', form: { title: { field: 'title' } }, next: 'end' },
      ]),
    )
    const { caseId } = await cases.submit('zhang3', 'parent', { title: '父子' })
    const child = (await cases.detail('zhang3', caseId)).path.find(step => step.kind === 'subProcess')?.childCaseId ?? ''
    expect(await cases.waiting(child)).toEqual(['审批:孙丽'])
    await cases.act('sunli', 'decide', { caseId: child, decision: 'approve' })
    expect(await cases.status(caseId)).toBe('已通过')

    const second = await cases.submit('zhang3', 'parent', { title: '父子二' })
    const rejected =
      (await cases.detail('zhang3', second.caseId)).path.find(step => step.kind === 'subProcess')?.childCaseId ?? ''
    await cases.act('sunli', 'decide', { caseId: rejected, decision: 'reject', comment: '不行' })
    expect(await cases.status(second.caseId)).toBe('已拒绝')
  })

  test('a sub-process that cannot begin stops its parent visibly; with what was missing it begins', async () => {
    await publish(
      cases,
      draftOf(
        'demanding',
        [{ id: 'child', type: 'subProcess', name: '子流程', process: 'simple', form: { title: { field: 'part' } }, next: 'end' }],
        { fields: { title: { type: 'string', label: '标题' }, part: { type: 'string', label: '分项' } } },
      ),
    )
    const { caseId } = await cases.submit('zhang3', 'demanding', { title: '缺分项' })
    const { items } = (await (await admin()).query<{ items: StuckCase[] }>('approvals.stuck')).body
    const stuck = items.find(item => item.caseId === caseId)
    expect(stuck).toMatchObject({ nodeName: '子流程', why: '「子流程」没有开始:还缺:标题。' })
    expect(stuck?.fields.map(({ name }) => name)).toEqual(['part'])
    await cases.act('wangmin', 'resolve', { caseId, entryId: stuck?.entryId, edits: { part: '分项一' } })
    const child = (await cases.detail('zhang3', caseId)).path.find(step => step.kind === 'subProcess')?.childCaseId ?? ''
    expect(await cases.waiting(child)).toEqual(['审批:孙丽'])
    await cases.act('sunli', 'decide', { caseId: child, decision: 'approve' })
    expect(await cases.status(caseId)).toBe('已通过')
  })

  test('contract approval keeps its key and version', async () => {
    const stored = await models().processes.version('contractApproval', 1)
    expect(stored?.definition).toEqual(contractProcess)
  })
})

describe('after a restart', () => {
  test('what a company published stays, and running cases go on', async () => {
    const { caseId } = await cases.submit('zhang3', 'simple', { title: '重启' })
    await world.restart()
    cases = openCases(world)
    expect((await models().processes.published('evolving'))?.version).toBe(2)
    await world.press('sunli', '同意')
    expect(await cases.status(caseId)).toBe('已通过')
  })

  test('a case that the first version stored goes on: its head is made anew, its deadlines begin, whoever was asked decides', async () => {
    const stored = await storedByFirstVersion()
    await models().settings.set('caseHeadShape', 1)
    await world.restart()
    cases = openCases(world)

    const { caseId } = stored
    expect(await models().cases.byId(caseId)).toMatchObject({ kind: '合同审批', open: true, keyFact: '620,000.00 元' })
    const { path } = await cases.detail('zhang3', caseId)
    expect(path.map(entry => [entry.name, entry.state])).toContainEqual(['技术审批', 'now'])
    const running = () =>
      models()
        .timers.model.find({ subject: `case:${caseId}`, state: 'waiting' })
        .lean()
    const [warning, ...later] = await running()
    expect(warning?.anchorAt.getTime()).toBe(stored.askedAt)
    expect(later).toHaveLength(2)

    await models().settings.set('caseHeadShape', 1)
    await world.restart()
    cases = openCases(world)
    expect(await running()).toHaveLength(3)
    await world.advance((warning?.fireAt.getTime() ?? 0) - world.service.services.clock.now())
    expect(world.lastText('u1030')).toContain('HT-2026-0001')
    await world.say('u1030', '同意 HT-2026-0001 资源可用')
    expect(await cases.waiting(caseId)).toEqual(['财务审批:李静'])
  })
})

/** 张三's contract waits for 陈涛; 刘强 has agreed. As the first version wrote it, a minute ago. */
async function storedByFirstVersion(): Promise<{ caseId: string; askedAt: number }> {
  const fixture = readFileSync(new URL('../fixtures/process/first.waiting.json', import.meta.url), 'utf8')
  const [sales = '', chief = '', technical = ''] = await Promise.all(['张三', '刘强', '陈涛'].map(name => cases.person(name)))
  const askedAt = world.service.services.clock.now() - 60_000
  const named = fixture
    .replaceAll('sales1', sales)
    .replaceAll('chief', chief)
    .replaceAll('tech1', technical)
    .replaceAll('1795395660000', String(askedAt))
    .replaceAll('1795395600000', String(askedAt - 60_000))
  const state = JSON.parse(named) as { caseId: string; revision: number; form: object }
  Object.assign(state.form, { customerId: 'nobody', ownerId: sales, attachmentIds: [] })
  const { caseId, revision } = state
  const at = new Date(askedAt)
  await models().steps.model.collection.insertOne({
    _id: stepId(caseId, revision) as never,
    caseId,
    revision,
    commandId: 'old',
    actorId: chief,
    via: 'wecom',
    at,
    event: { type: 'approve', by: chief },
    after: state,
    effects: [],
  })
  await models().cases.model.collection.insertOne({
    _id: caseId as never,
    number: 'HT-2026-0001',
    title: '机房专线',
    status: 'running',
    revision,
    state,
    submitterId: sales,
    submittedAt: at,
    waitingIds: [technical],
  })
  return { caseId, askedAt }
}
