import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { ApprovalLogRow } from '../../common/contract/approvals.ts'
import { isWorking } from '../../engine/calendar/index.ts'
import { DEFAULT_CALENDAR } from '../../models/calendar/index.ts'
import { type Cases, openCases } from '../support/cases.ts'
import { draftOf, publish, stepOf } from '../support/processes.ts'
import { startWorld, type World } from '../support/world.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

let world: World
let cases: Cases
let customerId: string

const now = () => world.service.services.clock.now()

/** Let time pass until the next working day, 10:00 in the morning of Shanghai. */
async function nextWorkingMorning(): Promise<void> {
  const { time, calendars } = world.service.services
  const own = (await calendars.current()).byId(DEFAULT_CALENDAR)
  for (let days = 1; ; days += 1) {
    const at = time.addDays(now(), days) + 10 * HOUR_MS
    if (isWorking(own, at)) {
      await world.advance(at - now())
      return
    }
  }
}

/** Given a working day, 10:00; 赵敏 is 客服主管, her superior is 周建国. */
beforeAll(async () => {
  world = await startWorld({ env: { ADMIN_USERS: 'wecom:wangmin' } })
  cases = openCases(world)
  await world.say('zhang3', '新建线索 重庆长安汽车 张伟 13812345678')
  await world.press('zhang3', '确认')
  customerId = await cases.customer('重庆长安汽车')
  await cases.roles({ 赵敏: ['客服主管'] })
})
afterAll(() => world.close())

const heard = (userId: string, words: string) => world.texts(userId).filter(text => text.includes(words))

describe('a supervisor reviews a complaint within one working hour', () => {
  test('before its end the supervisor is warned; at 60:00 nothing; at 60:01 the superior hears, once, also over a restart', async () => {
    await nextWorkingMorning()
    const { caseId } = await cases.submit('zhang3', 'complaint', { title: '断网', kind: '产品质量' }, { customerId })
    const entered = (await cases.detail('zhang3', caseId)).path.find(step => step.state === 'now')
    const from = entered?.enteredAt ?? 0
    expect(entered?.deadline).toMatchObject({ dueAt: from + HOUR_MS, provisional: expect.any(Boolean) })
    const rows = await world.service.services.models.timers.ofSubject(`case:${caseId}`)
    expect(rows.map(row => row.fireAt.getTime() - from)).toEqual([0.8 * HOUR_MS, HOUR_MS + 1000, expect.any(Number)])
    const [todo] = await world.service.services.models.todos.page(await cases.person('赵敏'), 'open', 1)
    expect(todo?.dueAt?.getTime()).toBe(from + HOUR_MS)

    await world.advance(from + 0.8 * HOUR_MS - now())
    expect(heard('zhaomin', '快到时限了')).toHaveLength(1)
    await world.advance(from + HOUR_MS - 2_000 - now())
    expect(heard('zhoujianguo', '已超过时限')).toHaveLength(0)
    await world.advance(from + HOUR_MS + 1_000 - now())
    expect(heard('zhoujianguo', '赵敏 的客服主管审核已超过时限(1 小时工作时间)')).toHaveLength(1)
    await world.restart()
    cases = openCases(world)
    await world.advance(60_000)
    expect(heard('zhoujianguo', '已超过时限')).toHaveLength(1)
    const late = (await cases.detail('zhang3', caseId)).path.find(step => step.state === 'now')
    expect(late?.deadline?.leftWorkingSeconds).toBeLessThan(0)
  })

  test('at four times the limit it goes to the superior by itself; the log says so, with nobody’s name', async () => {
    const head = (await world.service.services.models.cases.waitingFor([await cases.person('赵敏')], 1))[0]
    await world.advance(3 * HOUR_MS + HOUR_MS)
    const caseId = head?._id ?? ''
    expect(await cases.waiting(caseId)).toEqual(['客服主管审核:周建国'])
    expect(JSON.stringify(world.lastCard('zhoujianguo'))).toContain('改由您处理')
    const log = await (await cases.browser('zhang3')).query<{ items: ApprovalLogRow[] }>('approvals.log', { caseId })
    expect(log.body.items.at(-1)).toMatchObject({ act: '已超时,自动转交给 周建国' })
    expect(log.body.items.at(-1)?.by).toBeUndefined()
    await world.press('zhoujianguo', '同意')
    const rows = await world.service.services.models.timers.ofSubject(`case:${caseId}`)
    expect(rows.filter(row => row.params.taskId === `${caseId}-1` && row.state === 'waiting')).toEqual([])
  })

  test('night and weekend do not count', async () => {
    const { time } = world.service.services
    const evening = time.startOfDay(now()) + DAY_MS + 19 * HOUR_MS
    await world.advance(evening - now())
    const { caseId } = await cases.submit('zhang3', 'complaint', { title: '夜间', kind: '其他' }, { customerId })
    await world.advance(10 * HOUR_MS)
    const step = (await cases.detail('zhang3', caseId)).path.find(each => each.state === 'now')
    expect(step?.deadline?.leftWorkingSeconds).toBe(3600)
    expect(heard('zhaomin', '夜间\n客服主管审核快到时限')).toHaveLength(0)
    await cases.act('zhang3', 'withdraw', { caseId })
  })
})

describe('委托', () => {
  test('covers what waits already and what comes; the stand-in is asked on somebody’s behalf; when it ends the person is asked again', async () => {
    await publish(cases, draftOf('simple', [await stepOf(cases, ['孙丽'])]))
    const before = await cases.submit('zhang3', 'simple', { title: '之前的' })
    await world.say('sunli', '委托 马超 3天')
    expect(await cases.waiting(before.caseId)).toEqual(['审批:马超'])
    expect(JSON.stringify(world.lastCard('machao'))).toContain('代 孙丽 处理')
    const after = await cases.submit('zhang3', 'simple', { title: '之后的' })
    expect(await cases.waiting(after.caseId)).toEqual(['审批:马超'])
    await world.press('machao', '同意')
    expect(await cases.status(after.caseId)).toBe('已通过')
    const seats = (await world.service.services.models.cases.byId(after.caseId))?.decidedByIds
    expect(seats).toEqual([await cases.person('马超')])
    await world.say('sunli', '取消委托')
    expect(await cases.waiting(before.caseId)).toEqual(['审批:孙丽'])
    await world.press('sunli', '同意')
    expect(await cases.status(before.caseId)).toBe('已通过')
  })

  test('a circle of stand-ins asks the person themself', async () => {
    await world.say('sunli', '委托 马超 3天')
    await world.say('machao', '委托 孙丽 3天')
    const { caseId } = await cases.submit('zhang3', 'simple', { title: '绕圈' })
    expect(await cases.waiting(caseId)).toEqual(['审批:孙丽'])
    await world.press('sunli', '同意')
    expect(await cases.status(caseId)).toBe('已通过')
  })
})
