import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { ApprovalLogRow, BatchResult, HandOverResult, StuckCase } from '../../common/contract/approvals.ts'
import type {
  FaultView,
  MigrationResult,
  ProcessPublished,
  ProcessVersionRow,
  RehearsalView,
} from '../../common/contract/processes.ts'
import { contractProcess, type ProcessDraft } from '../../engine/process/index.ts'
import { raiseTimeout } from '../../handlers/approvals/index.ts'
import { type Cases, openCases } from '../support/cases.ts'
import { refusalCode } from '../support/web-client.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let cases: Cases

/** Given the sample company, with 王敏 as its admin. */
beforeAll(async () => {
  world = await startWorld({ env: { ADMIN_USERS: 'wecom:wangmin' } })
  cases = openCases(world)
})
afterAll(() => world.close())

const models = () => world.service.services.models
const shown = (userId: string) => JSON.stringify(world.lastCard(userId))
const live = (userId: string) => world.lastCard(userId).buttons.some(button => button.key && button.enabled)

/** A small process of one or more steps; the last one leads to the end. */
const draft = (key: string, nodes: ProcessDraft['nodes'], more: Partial<ProcessDraft> = {}): ProcessDraft => ({
  key,
  version: 1,
  name: key,
  fields: { title: { type: 'string', label: '标题' } },
  required: ['title'],
  nodes: [
    { id: 'start', type: 'start', name: '提交', next: nodes[0]?.id ?? 'end' },
    ...nodes,
    { id: 'end', type: 'end', name: '结束' },
  ],
  ...more,
})

type Draft = ReturnType<typeof draft>

const admin = () => cases.browser('wangmin')
async function publish(definition: Draft): Promise<ProcessPublished> {
  const answer = await (await admin()).command<ProcessPublished>('processes.publish', { definition })
  if (answer.status !== 200) throw new Error(answer.text)
  return answer.body
}

const person = async (...names: string[]) => ({
  type: 'person' as const,
  personIds: await Promise.all(names.map(name => cases.person(name))),
})

/** 会签 of 刘强, 李静 and 赵敏, then 周建国. */
async function countersigned(): Promise<Draft> {
  return draft('countersigned', [
    {
      id: 'sign',
      type: 'approval',
      name: '会签',
      approvers: [await person('刘强', '李静', '赵敏')],
      mode: { type: 'countersign' },
      timeLimit: {
        workingSeconds: 3600,
        ladder: [
          { action: 'superior', afterPercent: 100 },
          { action: 'transfer', afterPercent: 200 },
        ],
      },
      next: 'last',
    },
    { id: 'last', type: 'approval', name: '终审', approvers: [await person('周建国')], mode: { type: 'anyOf' }, next: 'end' },
  ])
}

let published = false
async function halfSigned(title: string): Promise<{ caseId: string; number: string }> {
  if (!published) await publish(await countersigned())
  published = true
  await world.advance(60_000)
  const made = await cases.submit('zhang3', 'countersigned', { title })
  await world.press('liuqiang', '同意')
  expect(await cases.waiting(made.caseId)).toEqual(['会签:李静、赵敏'])
  return made
}

describe('half-way through a countersign', () => {
  test('转交 moves one seat; the votes already cast stay', async () => {
    const { caseId, number } = await halfSigned('转交')
    await world.say('lijing', `转交 ${number} 马超`)
    expect(shown('lijing')).toContain('已转交')
    expect(await cases.waiting(caseId)).toEqual(['会签:马超、赵敏'])
    await world.press('machao', '同意')
    await world.press('zhaomin', '同意')
    expect(await cases.waiting(caseId)).toEqual(['终审:周建国'])
    expect(await cases.refused('lijing', 'decide', { caseId, decision: 'approve' })).toBe('approval.already_decided')
  })

  test('加签 asks somebody else first; 减签 takes them away again', async () => {
    const { caseId, number } = await halfSigned('加签')
    await world.say('lijing', `加签 ${number} 孙丽`)
    expect(world.lastText('lijing')).toContain('加签 孙丽')
    expect(shown('sunli')).toContain('李静 请您前加签')
    expect(await cases.waiting(caseId)).toEqual(['会签:赵敏、孙丽'])
    expect(await cases.refused('zhaomin', 'removeSign', { caseId, personIds: [await cases.person('孙丽')] })).toBe(
      'approval.not_admin',
    )
    await world.press('sunli', '同意')
    expect(await cases.waiting(caseId)).toEqual(['会签:李静、赵敏'])
    await cases.act('lijing', 'addSign', { caseId, personIds: [await cases.person('马超')], placement: 'after' })
    expect((await cases.detail('lijing', caseId)).task?.added.map(({ name }) => name)).toEqual(['马超'])
    await cases.act('lijing', 'removeSign', { caseId, personIds: [await cases.person('马超')] })
    await world.press('lijing', '同意')
    await world.press('zhaomin', '同意')
    expect(await cases.waiting(caseId)).toEqual(['终审:周建国'])
    const { path } = await cases.detail('zhang3', caseId)
    expect(path.find(step => step.name === '会签')?.seats?.map(seat => [seat.person.name, seat.state])).toContainEqual([
      '孙丽',
      '同意',
    ])
  })

  test('退回 sends it to the submitter with the reason; sent in again, all are asked anew', async () => {
    const { caseId, number } = await halfSigned('退回')
    await world.say('lijing', `退回 ${number}`)
    expect(world.lastText('lijing')).toContain('理由')
    await world.say('lijing', `退回 ${number} 缺报价单`)
    expect(world.lastText('zhang3')).toContain('缺报价单')
    expect(live('zhaomin')).toBe(false)
    expect(await cases.waiting(caseId)).toEqual(['提交:张三'])
    await cases.act('zhang3', 'resubmit', { caseId, edits: { title: '退回后' } })
    expect(await cases.waiting(caseId)).toEqual(['会签:刘强、李静、赵敏'])
    await world.say('zhang3', `撤回 ${number}`)
  })

  test('退回 with a jump back: the step that sent it back is asked again at once', async () => {
    const { caseId } = await halfSigned('跳回')
    for (const user of ['lijing', 'zhaomin']) await world.press(user, '同意')
    const task = (await cases.detail('zhoujianguo', caseId)).task
    expect(task?.returnTo.map(({ name }) => name)).toEqual(['提交人', '会签'])
    await cases.act('zhoujianguo', 'return', { caseId, to: 'start', reason: '补充', resume: 'jumpBack' })
    await cases.act('zhang3', 'resubmit', { caseId })
    expect(await cases.waiting(caseId)).toEqual(['终审:周建国'])
  })

  test('撤回 ends it; who had agreed hears it, and open cards close', async () => {
    const { caseId, number } = await halfSigned('撤回')
    await world.say('zhang3', `撤回 ${number}`)
    expect(await cases.status(caseId)).toBe('已撤回')
    expect(world.lastText('liuqiang')).toContain('提交人已撤回')
    expect(live('lijing')).toBe(false)
  })

  test('撤销同意 takes back one’s own vote while nobody has acted on it, and not later', async () => {
    const { caseId, number } = await halfSigned('撤销')
    await world.say('liuqiang', '撤销同意')
    expect(world.lastText('liuqiang')).toContain('已撤销')
    expect(await cases.waiting(caseId)).toEqual(['会签:刘强、李静、赵敏'])
    expect(live('liuqiang')).toBe(true)
    await world.press('liuqiang', '同意')
    await world.press('lijing', '同意')
    expect(await cases.refused('liuqiang', 'retract', { caseId })).toMatch(/^approval\.(?:nothing_to_retract|retract_too_late)$/)
    await world.say('zhang3', `撤回 ${number}`)
  })

  test('评论 with @ and 抄送 reach those who are named; they may then see it, and strangers may not', async () => {
    const { caseId, number } = await halfSigned('评论')
    expect((await (await cases.browser('sunli')).query('approvals.get', { caseId })).status).toBe(403)
    await world.say('liuqiang', `评论 ${number} 价格表以附件为准 @孙丽`)
    expect(world.lastText('sunli')).toContain('价格表以附件为准')
    await world.say('zhang3', `抄送 ${number} 黄蓉`)
    expect(world.lastText('u1023') + world.lastText('huangrong')).toContain('抄送给您')
    expect((await cases.detail('sunli', caseId)).remarks.map(({ text }) => text)).toEqual(['价格表以附件为准 @孙丽'])
    expect((await cases.detail('huangrong', caseId)).copied.map(({ name }) => name)).toEqual(['黄蓉'])
    await world.say('wang5', `评论 ${number} 我也看看`)
    expect(world.lastText('wang5')).toContain('approval.not_participant')
    await world.say('zhang3', `撤回 ${number}`)
  })

  test('a comment of 10,000 characters is refused and nothing changes', async () => {
    const { caseId, number } = await halfSigned('长评论')
    const before = (await models().cases.byId(caseId))?.revision
    expect(await cases.refused('zhang3', 'comment', { caseId, text: '长'.repeat(10_000) })).toBe('input.invalid')
    expect((await models().cases.byId(caseId))?.revision).toBe(before)
    await world.say('zhang3', `撤回 ${number}`)
  })

  test('two votes at the same moment both count; a double click counts once', async () => {
    const { caseId } = await halfSigned('同时')
    const [first, second] = [world.lastCard('lijing'), world.lastCard('zhaomin')]
    await Promise.all([
      world.wecom.userClicksCard('lijing', first.taskId, 'approve'),
      world.wecom.userClicksCard('zhaomin', second.taskId, 'approve'),
      world.wecom.userClicksCard('zhaomin', second.taskId, 'approve'),
    ])
    await world.settle()
    expect(await cases.waiting(caseId)).toEqual(['终审:周建国'])
    expect(await models().steps.model.countDocuments({ caseId })).toBe(4)
  })

  test('every act is a row of the log, with who, what and through which channel', async () => {
    const { caseId, number } = await halfSigned('记录')
    await world.say('lijing', `转交 ${number} 马超`)
    await cases.act('zhaomin', 'decide', { caseId, decision: 'reject', comment: '不合规' })
    const log = await (await cases.browser('zhang3')).query<{ items: ApprovalLogRow[] }>('approvals.log', { caseId })
    expect(log.body.items.map(row => [row.by?.name, row.act, row.words, row.via])).toEqual([
      ['张三', '提交', undefined, 'H5'],
      ['刘强', '同意', undefined, '企业微信'],
      ['李静', '转交给 马超', undefined, '企业微信'],
      ['赵敏', '拒绝', '不合规', 'H5'],
    ])
    expect(await cases.status(caseId)).toBe('已拒绝')
  })
})

describe('the ladder', () => {
  /** The timers that were set for a case, by rung. */
  const timer = async (caseId: string, rung: string) => {
    const steps = await models().steps.all(caseId)
    const effects = steps.flatMap(
      step => step.effects as { type: string; rung?: string; taskId?: string; timerId?: string; workingSeconds?: number }[],
    )
    const found = effects.findLast(effect => effect.type === 'timerSet' && effect.rung === rung)
    if (!found) throw new Error(`no timer ${rung}`)
    return found
  }
  const fire = async (caseId: string, rung: string) => {
    const { taskId = '', timerId = '' } = await timer(caseId, rung)
    await raiseTimeout(world.service.services, { caseId, event: { taskId, rung }, commandId: `timer-${timerId}` })
    await world.settle()
  }

  test('one second after the limit the superiors of those who are late hear it, once; at twice the limit it goes to them', async () => {
    const { caseId } = await halfSigned('超时')
    expect((await timer(caseId, '0')).workingSeconds).toBe(3601)
    await fire(caseId, '0')
    await fire(caseId, '0')
    expect(world.texts('zhoujianguo').filter(text => text.includes('已超过时限'))).toHaveLength(1)
    expect(world.lastText('zhoujianguo')).toContain('赵敏 的会签已超过时限(1 小时工作时间)')
    await fire(caseId, '1')
    expect((await cases.waiting(caseId))[0]).toContain('周建国')
    expect(shown('zhoujianguo')).toContain('改由您处理')
    const log = await (await cases.browser('zhang3')).query<{ items: ApprovalLogRow[] }>('approvals.log', { caseId })
    expect(log.body.items.at(-1)).toMatchObject({ act: expect.stringContaining('自动转交给') })
    expect(log.body.items.at(-1)?.by).toBeUndefined()
  })
})

describe('many at once', () => {
  test('全部同意 shows what it would be and waits for 确认; each case has its own result', async () => {
    await publish(
      draft('simple', [
        { id: 'one', type: 'approval', name: '审批', approvers: [await person('孙丽')], mode: { type: 'anyOf' }, next: 'end' },
      ]),
    )
    const made = [
      await cases.submit('zhang3', 'simple', { title: '甲' }),
      await cases.submit('zhang3', 'simple', { title: '乙' }),
    ]
    await world.say('sunli', '我的审批')
    await world.say('sunli', '全部同意')
    expect(world.lastText('sunli')).toContain('将同意这 2 个审批')
    expect(await cases.status(made[0]?.caseId ?? '')).toBe('审批中')
    await world.say('sunli', '取消')
    await world.say('sunli', '确认')
    expect(await cases.status(made[0]?.caseId ?? '')).toBe('审批中')
    await world.say('sunli', '全部同意')
    await cases.act('zhang3', 'withdraw', { caseId: made[1]?.caseId })
    await world.say('sunli', '确认')
    expect(await cases.status(made[0]?.caseId ?? '')).toBe('已通过')
    expect(world.lastText('sunli')).toContain('已同意 1 个,1 个没有成功')
  })

  test('a batch over the API tells each result; a case of others stays closed', async () => {
    const mine = await cases.submit('zhang3', 'simple', { title: '丙' })
    const foreign = await halfSigned('别人的')
    const answer = await (await cases.browser('sunli')).command<BatchResult>('approvals.batchDecide', {
      items: [{ caseId: mine.caseId }, { caseId: foreign.caseId }, { caseId: 'nosuchcase' }],
      decision: 'approve',
    })
    expect(answer.body.items.map(({ ok, code, title }) => [ok, code, title])).toEqual([
      [true, undefined, '丙'],
      [false, 'approval.not_assignee', ''],
      [false, 'approval.unknown_case', ''],
    ])
  })

  test('a leaver’s open cases, also those whose turn it is not yet, go to somebody else with a result each', async () => {
    await publish(
      draft('ordered', [
        {
          id: 'one',
          type: 'approval',
          name: '依次',
          approvers: [await person('孙丽', '何娟')],
          mode: { type: 'sequential' },
          next: 'end',
        },
      ]),
    )
    const first = await cases.submit('zhang3', 'ordered', { title: '依次一' })
    const second = await cases.submit('zhang3', 'ordered', { title: '依次二' })
    await world.press('sunli', '同意')
    const answer = await (await admin()).command<HandOverResult>('approvals.handOver', {
      fromPersonId: await cases.person('何娟'),
      toPersonId: await cases.person('马超'),
    })
    await world.settle()
    expect(answer.body.items.map(({ ok }) => ok)).toEqual([true, true])
    expect(answer.body.nextCursor).toBeNull()
    expect(await cases.waiting(second.caseId)).toEqual(['依次:马超'])
    expect(await cases.waiting(first.caseId)).toEqual(['依次:孙丽'])
    await cases.act('sunli', 'decide', { caseId: first.caseId, decision: 'approve' })
    expect(await cases.waiting(first.caseId)).toEqual(['依次:马超'])
    const again = await (await admin()).command<HandOverResult>('approvals.handOver', {
      fromPersonId: await cases.person('何娟'),
      toPersonId: await cases.person('马超'),
    })
    expect(again.body.items).toEqual([])
    const denied = await (await cases.browser('sunli')).command('approvals.handOver', { fromPersonId: 'a', toPersonId: 'b' })
    expect([denied.status, refusalCode(denied as never)]).toEqual([403, 'auth.admin_only'])
  })
})

describe('an admin', () => {
  test('sees every case that stands still and why, and ends it by naming people', async () => {
    await publish(
      draft('nobody', [
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
    const one = await halfSigned('改派')
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
    const faulty = draft('faulty', [
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
    const vote = draft('weighted', [
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
      draft('evolving', [
        { id: 'one', type: 'approval', name, approvers: [await person(...names)], mode: { type: 'anyOf' }, next: 'two' },
        { id: 'two', type: 'approval', name: '二审', approvers: [await person('马超')], mode: { type: 'anyOf' }, next: 'end' },
      ])
    await publish(await step('一审', '孙丽'))
    const old = await cases.submit('zhang3', 'evolving', { title: '老的' })
    const { version } = await publish(await step('初审', '何娟'))
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
      definition: draft('evolving', [
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

  test('a service step runs a command in the submitter’s name; refused, it stops visibly and can be tried again', async () => {
    await world.say('zhang3', '新建线索 重庆服务科技 钱多 13900009999')
    await world.press('zhang3', '确认')
    const customerId = await cases.customer('重庆服务科技')
    await publish(
      draft(
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
    const unknown = draft('unknown', [
      { id: 'x', type: 'service', name: 'x', command: 'approvals.decide', input: {}, next: 'end' },
    ])
    const checked = await (await admin()).query<{ faults: FaultView[] }>('processes.check', { definition: unknown })
    expect(checked.body.faults.map(fault => fault.code)).toContain('process.unknown_command')
  })

  test('a sub-process runs as a case of its own, and its end moves its parent', async () => {
    await publish(
      draft('parent', [
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
})
