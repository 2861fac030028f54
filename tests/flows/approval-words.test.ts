import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { ApprovalDetail } from '../../common/contract/approvals.ts'
import type { ProcessMeasureView, ProcessPace } from '../../common/contract/processes.ts'
import { type Cases, openCases } from '../support/cases.ts'
import { draftOf, publish, stepOf } from '../support/processes.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let cases: Cases

/** Given the sample company with 王敏 as its admin; 刘强 decides 申请, and 办理 is his to do. */
beforeAll(async () => {
  world = await startWorld({ env: { ADMIN_USERS: 'wecom:wangmin' } })
  cases = openCases(world)
  await publish(cases, draftOf('asked', [await stepOf(cases, ['刘强'])], { name: '申请', targetWorkingSeconds: 3600 }))
  const { approvers } = await stepOf(cases, ['刘强'])
  const done = { id: 'one', type: 'handle' as const, name: '办理', approvers, mode: { type: 'anyOf' as const }, next: 'end' }
  await publish(cases, draftOf('handled', [done], { name: '办理单' }))
})
afterAll(() => world.close())

const heard = (userId: string) => world.lastText(userId)

describe('a place in a list', () => {
  test('means what stands there in the list just shown, be it of approvals or of to-dos', async () => {
    await world.say('liuqiang', '新建线索 重庆长安汽车 张伟 13812345678')
    await world.press('liuqiang', '确认')
    const older = await cases.submit('zhang3', 'asked', { title: '先到的' })
    await world.advance(60_000)
    const newer = await cases.submit('zhang3', 'asked', { title: '后到的' })
    await world.say('liuqiang', '待办')
    const lines = heard('liuqiang').split('\n')
    const place = lines.findIndex(line => line.includes(older.number))
    const lead = lines.findIndex(line => line.includes('重庆长安汽车'))
    await world.say('liuqiang', `同意 ${lead}`)
    expect(heard('liuqiang')).toContain('不是审批')
    await world.say('liuqiang', `同意 ${place}`)
    expect([await cases.status(older.caseId), await cases.status(newer.caseId)]).toEqual(['已通过', '审批中'])
  })

  test('that was not shown decides nothing', async () => {
    await world.say('liuqiang', '我的审批')
    await world.say('liuqiang', '同意 7')
    expect(heard('liuqiang')).toContain('没有第 7 项')
    await publish(cases, draftOf('others', [await stepOf(cases, ['赵敏'])]))
    const made = [
      await cases.submit('zhang3', 'others', { title: '甲' }),
      await cases.submit('zhang3', 'others', { title: '乙' }),
    ]
    await world.say('zhaomin', '同意 1')
    expect(heard('zhaomin')).toContain('要同意哪一个')
    expect(await Promise.all(made.map(({ caseId }) => cases.status(caseId)))).toEqual(['审批中', '审批中'])
  })
})

describe('完成', () => {
  test('ends a step of handling, and passes no approval', async () => {
    await world.advance(60_000)
    const asked = await cases.submit('zhang3', 'asked', { title: '要审批' })
    const { caseId, number } = await cases.submit('zhang3', 'handled', { title: '要办理' })
    await world.say('liuqiang', `完成 ${asked.number}`)
    expect(heard('liuqiang')).toContain('等您审批,不是办理')
    expect(await cases.status(asked.caseId)).toBe('审批中')
    await world.say('liuqiang', `完成 ${number} 已放在前台`)
    expect(heard('liuqiang')).toContain(`已完成 ${number}`)
    const { path } = await cases.detail('zhang3', caseId)
    expect(path.at(-1)).toMatchObject({ name: '办理', outcome: '完成', comment: '已放在前台' })
  })
})

describe('完成, where the same person has to approve as well', () => {
  test('ends the handling and leaves the approval open', async () => {
    await world.advance(60_000)
    const step = await stepOf(cases, ['刘强'], { id: 'judge', next: 'joined' })
    const { approvers } = step
    const both = [
      {
        id: 'fork',
        type: 'parallel' as const,
        name: '同时',
        branches: [
          { next: 'judge', label: '审批' },
          { next: 'work', label: '办理' },
        ],
        join: 'joined',
      },
      step,
      { id: 'work', type: 'handle' as const, name: '办理', approvers, mode: { type: 'anyOf' as const }, next: 'joined' },
      { id: 'joined', type: 'join' as const, name: '汇合', next: 'end' },
    ]
    await publish(cases, draftOf('both', both, { name: '审批并办理' }))
    const { caseId, number } = await cases.submit('zhang3', 'both', { title: '两件事' })
    await world.say('liuqiang', `完成 ${number} 已送达`)
    expect(heard('liuqiang')).toContain(`已完成 ${number}`)
    const { path } = await cases.detail('zhang3', caseId)
    expect(path.filter(entry => entry.outcome === '完成').map(({ name }) => name)).toEqual(['办理'])
    expect(await cases.status(caseId)).toBe('审批中')
    await world.say('liuqiang', `完成 ${number}`)
    expect(heard('liuqiang')).toContain('等您审批,不是办理')
    expect(await cases.status(caseId)).toBe('审批中')
    await world.say('liuqiang', `同意 ${number}`)
    await world.say('liuqiang', `完成 ${number}`)
    expect(heard('liuqiang')).toContain('没有等您办理的步骤')
  })
})

describe('words that are too long', () => {
  test.each(['拒绝', '退回', '评论'])(
    '%s with 1,001 characters is refused and says why; nothing is cut off unseen',
    async verb => {
      await world.advance(60_000)
      const { caseId, number } = await cases.submit('zhang3', 'asked', { title: `长话${verb}` })
      await world.say('liuqiang', `${verb} ${number} ${'长'.repeat(1001)}`)
      expect(heard('liuqiang')).toContain('请控制在 1000 字以内')
      const detail: ApprovalDetail = await cases.detail('zhang3', caseId)
      expect([detail.status, detail.remarks]).toEqual(['审批中', []])
    },
  )
})

describe('流程用时', () => {
  test('tells a manager what the own people’s cases took, against the target; a stranger’s are not in it', async () => {
    await world.advance(60_000)
    await world.say('liuqiang', '流程用时')
    expect(heard('liuqiang')).toContain('您和下属发起')
    expect(heard('liuqiang')).toMatch(/申请 \d 个:平均 .*目标 1 小时,达成 100%;交接 1\.0 次/)
    await world.say('liuqiang', '流程用时 申请')
    expect(heard('liuqiang')).toContain('· 审批 平均')
    const paceOf = async (userId: string) =>
      (await (await cases.browser(userId)).query<{ items: ProcessPace[] }>('processes.pace')).body.items.map(({ key }) => key)
    expect(await paceOf('wangmin')).toEqual(expect.arrayContaining(['asked', 'handled']))
    expect(await paceOf('u1030')).toEqual([])
    const one = await (await cases.browser('u1030')).query<ProcessMeasureView>('processes.measure', { key: 'asked' })
    expect(one.body.cases).toBe(0)
    await world.say('u1030', '流程用时')
    expect(heard('u1030')).toContain('还没有结束的审批')
  })
})

test('what its submitter withdrew says nothing about how long a process takes', async () => {
  const counted = async () => {
    const { body } = await (await cases.browser('wangmin')).query<ProcessMeasureView>('processes.measure', { key: 'asked' })
    return body.cases
  }
  const before = await counted()
  const { caseId } = await cases.submit('zhang3', 'asked', { title: '马上撤回' })
  await cases.act('zhang3', 'withdraw', { caseId })
  expect(await counted()).toBe(before)
})

describe('谁负责', () => {
  test.each(['谁负责 长安', '长安谁负责?', '长安汽车的负责人是谁'])('%s: the first responsible person, at once', async words => {
    await world.say('liuqiang', words)
    expect(heard('liuqiang')).toContain('重庆长安汽车 由 刘强 负责')
    expect(heard('liuqiang')).toContain('电话')
  })

  test('whoever may not see the customer learns owner and date, and nothing else', async () => {
    await world.say('u1030', '谁负责 长安')
    expect(heard('u1030')).toMatch(/由 刘强 自 .* 起跟进,您没有查看权限/)
    expect(heard('u1030')).not.toContain('电话')
  })
})
