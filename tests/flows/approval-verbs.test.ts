import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { ApprovalLogRow, BatchResult, HandOverResult } from '../../common/contract/approvals.ts'
import { type Cases, openCases } from '../support/cases.ts'
import { draftOf, publish, stepOf } from '../support/processes.ts'
import { refusalCode } from '../support/web-client.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let cases: Cases

/** Given the sample company with 王敏 as its admin; 会签 of 刘强, 李静 and 赵敏, then 周建国. */
beforeAll(async () => {
  world = await startWorld({ env: { ADMIN_USERS: 'wecom:wangmin' } })
  cases = openCases(world)
  await publish(
    cases,
    draftOf('countersigned', [
      await stepOf(cases, ['刘强', '李静', '赵敏'], { id: 'sign', name: '会签', mode: { type: 'countersign' }, next: 'last' }),
      await stepOf(cases, ['周建国'], { id: 'last', name: '终审' }),
    ]),
  )
  await publish(cases, draftOf('simple', [await stepOf(cases, ['孙丽'])]))
})
afterAll(() => world.close())

const models = () => world.service.services.models
const shown = (userId: string) => JSON.stringify(world.lastCard(userId))
const live = (userId: string) => world.lastCard(userId).buttons.some(button => button.key && button.enabled)

/** 刘强 has agreed, 李静 and 赵敏 not yet. */
async function halfSigned(title: string): Promise<{ caseId: string; number: string }> {
  // WeCom takes 30 messages a minute to one person.
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
    expect(path.find(step => step.name === '会签')?.seats?.map(seat => [seat.depth, seat.person.name, seat.state])).toEqual([
      [0, '刘强', '同意'],
      [0, '李静', '同意'],
      [1, '孙丽', '同意'],
      [1, '马超', '已减签'],
      [0, '赵敏', '同意'],
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
    const { path } = await cases.detail('zhang3', caseId)
    expect(path.find(step => step.name === '会签')).toMatchObject({ outcome: '退回', comment: '缺报价单' })
    expect(path.find(step => step.name === '会签')?.seats?.map(seat => seat.state)).toEqual(['同意', '未处理', '未处理'])
    expect(path.find(step => step.state === 'now')?.reason).toBe('李静 从「会签」退回:缺报价单')
    expect(path.find(step => step.state === 'coming')).toMatchObject({ name: '会签', mode: '会签' })
    expect((await models().cases.byId(caseId))?.nodeName).toBe('退回修改')
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

  test('更多 on the card offers 转交, 加签 and 退回, and each says what to write', async () => {
    const { number } = await halfSigned('更多')
    const card = world.lastCard('lijing')
    expect(shown('lijing')).toContain('会签 0/3 已同意')
    for (const [key, words] of [
      ['transfer', `转交 ${number} 同事姓名`],
      ['addSign', `加签 ${number} 同事姓名`],
      ['return', `退回 ${number} 理由`],
    ] as const) {
      expect(card.menu?.map(entry => entry.key)).toContain(key)
      await world.wecom.userClicksCardMenu('lijing', card.taskId, key)
      await world.settle()
      expect(world.lastText('lijing')).toContain(words)
    }
    await world.say('zhang3', `撤回 ${number}`)
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

  test('撤销同意 opens the same to-do again on the platform’s own list, and makes no second one', async () => {
    await publish(
      cases,
      draftOf('relisted', [
        await stepOf(cases, ['陈涛'], { next: 'last' }),
        await stepOf(cases, ['周建国'], { id: 'last', name: '终审' }),
      ]),
    )
    const { caseId, number } = await cases.submit('zhang3', 'relisted', { title: '重开待办' })
    const tasks = () =>
      world.dingtalk.todos.filter(task => task.subject === '审批 重开待办').map(({ id, done }) => ({ id, done }))
    const [task] = tasks()
    await cases.act('u1030', 'decide', { caseId, decision: 'approve' })
    expect(tasks()).toEqual([{ id: task?.id, done: true }])
    await cases.act('u1030', 'retract', { caseId })
    expect(tasks()).toEqual([{ id: task?.id, done: false }])
    await world.say('u1030', `同意 ${number}`)
    expect(tasks()).toEqual([{ id: task?.id, done: true }])
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
    const unknown = { caseId, text: '给谁?', mentionIds: ['nobody'] }
    expect(await cases.refused('lijing', 'comment', unknown)).toBe('person.unknown')
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

describe('many at once', () => {
  test('全部同意 shows what it would be and waits for 确认; each case has its own result', async () => {
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
      cases,
      draftOf('ordered', [await stepOf(cases, ['孙丽', '何娟'], { name: '依次', mode: { type: 'sequential' } })]),
    )
    const first = await cases.submit('zhang3', 'ordered', { title: '依次一' })
    const second = await cases.submit('zhang3', 'ordered', { title: '依次二' })
    await world.press('sunli', '同意')
    const answer = await (await cases.browser('wangmin')).command<HandOverResult>('approvals.handOver', {
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
    const toNobody = { fromPersonId: 'nobody', toPersonId: await cases.person('马超') }
    expect(await cases.refused('wangmin', 'handOver', toNobody)).toBe('person.unknown')
    const again = await (await cases.browser('wangmin')).command<HandOverResult>('approvals.handOver', {
      fromPersonId: await cases.person('何娟'),
      toPersonId: await cases.person('马超'),
    })
    expect(again.body.items).toEqual([])
    const denied = await (await cases.browser('sunli')).command('approvals.handOver', { fromPersonId: 'a', toPersonId: 'b' })
    expect([denied.status, refusalCode(denied as never)]).toEqual([403, 'auth.admin_only'])
  })
})
