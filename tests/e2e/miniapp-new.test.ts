import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { BrowserContextOptions, Page } from 'playwright-core'
import type { CustomerDetail } from '../../common/contract/customers.ts'
import type { DeadLetter, Me } from '../../common/contract/people.ts'
import { openAt, press, refuse, visible, withSpaces } from '../support/miniapp-page.ts'
import { openStage, type Stage } from '../support/miniapp-stage.ts'
import { companyCalendar, otherDeadLetters, spaces } from '../support/miniapp-upkeep.ts'

/** A Sunday. */
const TODAY = new Date('2026-11-22T14:03:00+08:00')

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
}, 120_000)
afterAll(() => stage.close())
afterEach(() => stage.reset())

const open = (path: string, options?: BrowserContextOptions): Promise<Page> => openAt(stage, TODAY, path, options)
const inputsOf = (name: string) => stage.callsOf(name).map(call => call.input)

describe('work calendar', () => {
  test('a month says in words which days are holidays, 补班, or set by the company', async () => {
    const page = await open('/admin/#/calendar')
    const cell = (name: string | RegExp, word: string) =>
      page.getByRole('button', { name }).getByText(word, { exact: true }).waitFor()
    await cell('11月6日 周五,司庆,另设为半天,09:00–12:00', '半天')
    await page.getByRole('button', { name: '11月7日 周六,每周休息', exact: true }).waitFor()
    await press(page, '上个月')
    await cell('10月1日 周四,国庆节,法定节假日', '休')
    await cell(/^10月10日 周六,国庆节,调休补班/, '班')
    await visible(page, '10-01 至 10-03')
  })

  test('it goes to the end of next year and no further', async () => {
    const page = await open('/admin/#/calendar')
    await press(page, '2027')
    await press(page, '下个月')
    await visible(page, '2027 年 12 月')
    await expect(page.getByRole('button', { name: '下个月' }).isDisabled()).resolves.toBe(true)
  })

  test('a year that is not published says so, and how many deadlines it touches; loading it too early is refused with the reason', async () => {
    stage.answer({ 'command calendar.loadYear': refuse(404, 'calendar.year_unpublished', '还没有 2027 年的放假安排。') })
    const page = await open('/admin/#/calendar')
    await visible(page, '2027 年节假日尚未发布,按周计算')
    await visible(page, '已有 3 个期限')
    await press(page, '导入 2027 年放假安排')
    await page.getByRole('alert').getByText('还没有 2027 年的放假安排。').waitFor()
  })

  test('once published it is loaded by one press', async () => {
    const page = await open('/admin/#/calendar')
    await visible(page, '2027 年节假日尚未发布')
    stage.answer({
      'query calendar.get': () => {
        const calendar = companyCalendar()
        return { ...calendar, years: calendar.years.map(year => ({ ...year, published: true, source: 'package' as const })) }
      },
    })
    await press(page, '导入 2027 年放假安排')
    await visible(page, '2026、2027 年放假安排已导入')
    expect(inputsOf('command calendar.loadYear')).toEqual([{ year: 2027 }])
  })

  test('hours may have several ranges and pass midnight; they are set for the chosen weekdays at once', async () => {
    const page = await open('/admin/#/calendar')
    await press(page, /^周六至周日/)
    await press(page, '加一段时间')
    await page.getByLabel('第 1 段开始').fill('22:00')
    await page.getByLabel('第 1 段结束').fill('06:00')
    await visible(page, '至次日')
    await press(page, '周日')
    await press(page, '保存工作时间')
    await visible(page, '工作时间已保存')
    const [input] = inputsOf('command calendar.setWeek') as { week: Record<string, unknown> }[]
    expect(input?.week.saturday).toEqual([{ from: '22:00', to: '06:00' }])
    expect(input?.week.sunday).toEqual([])
    expect(input?.week.monday).toEqual(companyCalendar().week.monday)
  })

  test('overlapping ranges are named before anything is sent', async () => {
    const page = await open('/admin/#/calendar')
    await press(page, /^周一至周五/)
    await page.getByLabel('第 2 段开始').fill('11:00')
    await press(page, '保存工作时间')
    await page.getByRole('alert').getByText('有两段时间重叠').waitFor()
    await press(page, '删除第 2 段')
    await press(page, '保存工作时间')
    await visible(page, '工作时间已保存')
    const [input] = inputsOf('command calendar.setWeek') as { week: Record<string, unknown> }[]
    expect(input?.week.friday).toEqual([{ from: '09:00', to: '12:00' }])
  })

  test('a tapped day becomes a half day, a holiday or a working day', async () => {
    const page = await open('/admin/#/calendar')
    await press(page, /^11月23日/)
    await page.getByRole('radio', { name: '半天(下午上班)' }).click()
    await page.getByLabel('名称(可不填)').fill('体检')
    await press(page, '保存这一天')
    await visible(page, '11月23日 周一 已保存')
    await press(page, /^11月24日/)
    await page.getByRole('radio', { name: '休息' }).click()
    await press(page, '保存这一天')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await press(page, /^11月28日/)
    await expect(page.getByRole('radio', { name: /^半天/ }).count()).resolves.toBe(0)
    await page.getByRole('radio', { name: '上班' }).click()
    await press(page, '保存这一天')
    await visible(page, '11月28日 周六 已保存')
    expect(inputsOf('command calendar.setDay')).toEqual([
      { calendarId: 'default', date: '2026-11-23', name: '体检', kind: 'half', works: 'afternoon' },
      { calendarId: 'default', date: '2026-11-24', kind: 'holiday' },
      { calendarId: 'default', date: '2026-11-28', kind: 'workday' },
    ])
  })

  test('a day that was set goes back to what it was', async () => {
    const page = await open('/admin/#/calendar')
    await press(page, /^11月13日/)
    await press(page, '取消另设,按原来的安排')
    await visible(page, '11月13日 周五 已恢复')
    expect(inputsOf('command calendar.removeDay')).toEqual([{ calendarId: 'default', date: '2026-11-13' }])
  })

  test('a team gets a calendar of its own; a department that has one cannot be taken', async () => {
    const page = await open('/admin/#/calendar')
    await press(page, '团队日历')
    await page.getByLabel('名称').fill('销售排班')
    await expect(page.getByRole('checkbox', { name: /客服中心 已经用/ }).isDisabled()).resolves.toBe(true)
    await press(page, '新建日历')
    await visible(page, '请至少选一个部门')
    await page.getByRole('checkbox', { name: /^销售部/ }).click()
    await press(page, '新建日历')
    await visible(page, '销售排班 已保存')
    expect(inputsOf('command calendar.create')).toEqual([{ name: '销售排班', departmentIds: ['d-sales'] }])
    await page.waitForURL(/#\/calendar\/cal-3$/)
  })

  test('a time zone nobody knows is refused under its field; removing a calendar asks first', async () => {
    stage.answer({ 'command calendar.update': refuse(400, 'calendar.bad_time_zone', '没有 火星 这个时区。') })
    const page = await open('/admin/#/calendar/cal-2')
    await press(page, /^名称、部门/)
    await page.getByLabel('时区').fill('火星')
    await press(page, '保存设置')
    await page.getByRole('alert').getByText('没有 火星 这个时区。').waitFor()
    await press(page, '关闭')
    await press(page, '删除这个日历')
    await press(page, '确认删除')
    await visible(page, '日历已删除')
    expect(inputsOf('command calendar.remove')).toEqual([{ calendarId: 'cal-2' }])
  })
})

describe('delegation', () => {
  test('a person chooses who stands in, from and to which day', async () => {
    const page = await open('/m/#/me')
    await page.getByRole('link', { name: '委托' }).click()
    await visible(page, '李明 代我处理审批')
    await visible(page, '我代 刘建国 处理审批')
    await press(page, '委托给同事')
    await press(page, '委托')
    await page.getByRole('alert').getByText('请选择谁来代办').waitFor()
    await press(page, /谁来代办/)
    await press(page, /赵强/)
    await page.getByLabel('第一天').fill('2026-11-24')
    await page.getByLabel('最后一天(含)').fill('2026-11-23')
    await press(page, '委托给 赵强')
    await page.getByRole('alert').getByText('最后一天不能早于第一天').waitFor()
    await page.getByLabel('最后一天(含)').fill('2026-11-27')
    await page.getByLabel('原因(可不填)').fill('年假')
    await press(page, '委托给 赵强')
    await visible(page, '已委托 李明 处理审批')
    expect(inputsOf('command delegations.set')).toEqual([
      {
        toPersonId: 'p-zhao',
        startsAt: Date.parse('2026-11-24T00:00:00+08:00'),
        endsAt: Date.parse('2026-11-28T00:00:00+08:00'),
        reason: '年假',
      },
    ])
  })

  test('its days are those of the company’s clock, wherever the phone is and whatever the clocks do in between', async () => {
    const me = (await stage.usual('/api/me')) as Me
    stage.answer({ '/api/me': () => ({ ...me, timeZone: 'America/New_York' }) })
    const page = await open('/m/#/me/delegations', { timezoneId: 'Asia/Shanghai' })
    await visible(page, '李明 代我处理审批')
    await press(page, '委托给同事')
    await press(page, /谁来代办/)
    await press(page, /赵强/)
    await page.getByLabel('第一天').fill('2026-11-24')
    await page.getByLabel('最后一天(含)').fill('2027-03-14')
    await press(page, '委托给 赵强')
    await visible(page, '已委托 李明 处理审批')
    expect(inputsOf('command delegations.set')).toMatchObject([
      { startsAt: Date.parse('2026-11-24T00:00:00-05:00'), endsAt: Date.parse('2027-03-15T00:00:00-04:00') },
    ])
  })

  test('what the service refuses stands in the sheet, and nothing typed is lost', async () => {
    stage.answer({ 'command delegations.set': refuse(409, 'delegation.exists', '您已委托 李明 到 11-25 周三(含)。请先取消它。') })
    const page = await open('/m/#/me/delegations')
    await press(page, '委托给同事')
    await press(page, /谁来代办/)
    await press(page, /赵强/)
    await press(page, '委托给 赵强')
    await page.getByRole('alert').getByText('您已委托 李明').waitFor()
    await page.getByRole('button', { name: '委托给 赵强' }).waitFor()
    expect(inputsOf('command delegations.set')).toEqual([{ toPersonId: 'p-zhao', endsAt: null }])
  })

  test('ending one asks first', async () => {
    const page = await open('/m/#/me/delegations')
    await press(page, '结束:李明 代我处理审批')
    await visible(page, '李明 不再代 王敏 处理审批')
    await press(page, '确认结束')
    await visible(page, '已取消对 李明 的委托')
    expect(inputsOf('command delegations.end')).toEqual([{ delegationId: 'w1' }])
  })

  test('an admin sets one for somebody else and sees everybody’s', async () => {
    const page = await open('/admin/#/delegations')
    await press(page, '替同事设置委托')
    await press(page, /谁不在/)
    await press(page, /陈静/)
    await press(page, /谁来代办/)
    await expect(page.getByRole('button', { name: /陈静/ }).count()).resolves.toBe(0)
    await press(page, /赵强/)
    await press(page, '委托给 赵强')
    await visible(page, '已委托')
    expect(inputsOf('command delegations.set')).toEqual([{ fromPersonId: 'p-chen', toPersonId: 'p-zhao', endsAt: null }])
    expect(inputsOf('query delegations.list')[0]).toMatchObject({ everybody: true, open: true })
  })
})

describe('notices', () => {
  test('quiet hours are the company’s, one’s own, or none', async () => {
    const page = await open('/m/#/me/notices')
    await page.getByRole('radio', { name: '和公司一样(21:00 至次日 08:00)', checked: true }).waitFor()
    await page.getByRole('radio', { name: '自己定' }).click()
    await page.getByLabel('从').fill('20:30')
    await page.getByLabel('到次日').fill('20:30')
    await press(page, '保存')
    await page.getByRole('alert').getByText('开始和结束不能相同').waitFor()
    await page.getByLabel('到', { exact: true }).fill('07:30')
    await press(page, '保存')
    await visible(page, '提醒设置已保存')
    await page.getByRole('radio', { name: '不设' }).click()
    await Promise.all([page.waitForResponse(/notices\.setQuiet/), press(page, '保存')])
    await page.getByRole('radio', { name: /^和公司一样/ }).click()
    await Promise.all([page.waitForResponse(/notices\.setQuiet/), press(page, '保存')])
    expect(inputsOf('command notices.setQuiet')).toEqual([{ quiet: { from: '20:30', to: '07:30' } }, { quiet: null }, {}])
  })

  test('an admin sets them for the whole company', async () => {
    const page = await open('/admin/#/settings')
    await page.getByLabel('审批多少个工作小时没处理').fill('半天')
    await press(page, '保存通知设置')
    await page.getByRole('alert').getByText('请填 1 到 200 的整数').waitFor()
    await page.getByLabel('审批多少个工作小时没处理').fill('4')
    await press(page, '保存通知设置')
    await visible(page, '通知设置已保存')
    expect(inputsOf('command notices.configure')).toEqual([{ quiet: { from: '21:00', to: '08:00' }, remindAfterHours: 4 }])
  })

  test('the ledger says of each notice who, what, by which app, and whether it arrived', async () => {
    const page = await open('/admin/#/deliveries')
    const row = page.getByRole('listitem').filter({ hasText: '机房搬迁' })
    await row.getByText('没收到').waitFor()
    const words = await row.textContent()
    for (const expected of ['陈静', '钉钉 消息', '没有送出:企业微信没有回应']) expect(words).toContain(expected)
    await press(page, '看某个人')
    await press(page, /李明/)
    await visible(page, '免打扰时段,稍后发送')
    await expect(page.getByText('机房搬迁').count()).resolves.toBe(0)
    expect(inputsOf('query deliveries.list').at(-1)).toMatchObject({ personId: 'p-li' })
  })

  /** Somebody who is no admin looks at the case of 李明. */
  async function openCaseAs(id: string): Promise<Page> {
    const me = (await stage.usual('/api/me')) as Me
    stage.answer({ '/api/me': () => ({ ...me, person: { ...me.person, id, isAdmin: false } }) })
    const page = await open('/m/#/approvals/c1')
    await visible(page, '操作记录')
    return page
  }

  test('whoever submitted a case is led from it to who was told, and back', async () => {
    const page = await openCaseAs('p-li')
    await page.getByRole('link', { name: '送达记录' }).click()
    await page.getByRole('heading', { name: '送达记录' }).waitFor()
    await page.getByText('已送达', { exact: true }).first().waitFor()
    expect(inputsOf('query deliveries.list')).toEqual([{ caseId: 'c1', limit: 30 }])
    await press(page, '返回')
    await page.getByRole('link', { name: '送达记录' }).waitFor()
  })

  test('an admin is led there too, others are not', async () => {
    await (await open('/m/#/approvals/c1')).getByRole('link', { name: '送达记录' }).waitFor()
    const page = await openCaseAs('p-chen')
    await page.waitForLoadState('networkidle')
    expect(await page.getByRole('link', { name: '送达记录' }).count()).toBe(0)
  })
})

test('what was drawn before the company’s time zone was known changes to it', async () => {
  const me = (await stage.usual('/api/me')) as Me
  let tell = () => {}
  const told = new Promise<void>(resolve => {
    tell = resolve
  })
  stage.answer({
    '/api/me': () => told.then(() => ({ ...me, timeZone: 'America/New_York' })),
    'query deliveries.list': () => ({
      items: [{ id: 'o1', kind: 'text', title: '合同已通过', state: '已送达', told: 'yes', at: TODAY.getTime() }],
      nextCursor: null,
    }),
  })
  const page = await open('/m/#/approvals/c1/deliveries')
  await visible(page, '今天 14:03')
  tell()
  await visible(page, '今天 01:03')
})

describe('collaboration space', () => {
  test('before 建群 it is shown who will be in it and who cannot', async () => {
    const page = await open('/m/#/customers/k1')
    await press(page, /^建群/)
    await visible(page, '李明、王敏、赵强')
    await visible(page, '不在企业微信上,进不了群:陈静')
    await page.getByRole('radio', { name: '合同 HT-2026-0041 专线扩容' }).click()
    await press(page, '在企业微信建群')
    await visible(page, '正在企业微信建群')
    expect(inputsOf('command spaces.open')).toEqual([{ subject: 'contract', id: 'h1' }])
    expect(inputsOf('query spaces.preview')).toEqual([
      { subject: 'customer', id: 'k1' },
      { subject: 'contract', id: 'h1' },
    ])
  })

  test('a group that is there already, or cannot be made, is not offered', async () => {
    stage.answer({ 'query spaces.preview': refuse(409, 'space.too_few', '相关同事里只有 1 位在企业微信上,建不了群。') })
    const page = await open('/m/#/customers/k1')
    await press(page, /^建群/)
    await page.getByRole('alert').getByText('只有 1 位在企业微信上').waitFor()
    await expect(page.getByRole('button', { name: '建群', exact: true }).isDisabled()).resolves.toBe(true)
  })

  test('a group in the making is watched until it is there', async () => {
    await withSpaces(stage, TODAY)
    const customer = (await stage.usual('query customers.get')) as CustomerDetail
    const rows = spaces(TODAY.getTime()).slice(0, 1)
    let asked = 0
    stage.answer({
      'query customers.get': () => {
        asked += 1
        return { ...customer, spaces: rows.map(row => ({ ...row, status: asked > 1 ? '已建立' : '建立中' })) }
      },
    })
    const page = await open('/m/#/customers/k1')
    await visible(page, '建立中')
    await page.getByRole('button', { name: '复制群名 重庆长安汽车 · 协作群' }).waitFor()
  })

  test('inside DingTalk a member opens the group in the app, with a signed page', async () => {
    await withSpaces(stage, TODAY)
    stage.answer({
      '/api/jsapi/dingtalk': () => ({ corpId: 'ding1', agentId: '7', timeStamp: '1', nonceStr: 'n', signature: 's' }),
    })
    const page = await open('', {
      userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 AliApp(DingTalk/7.6.0)',
    })
    await page.addInitScript(() => {
      const calls: unknown[] = []
      const callHandler = (name: string, input: object, answer: (reply: object) => void) => {
        calls.push([name, input])
        answer({ errorCode: '0', result: {} })
      }
      Object.assign(window, {
        calls,
        WebViewJavascriptBridge: { init: () => undefined, registerHandler: () => undefined, callHandler },
      })
    })
    await page.goto(`${stage.origin}/m/#/customers/k1`)
    await press(page, '打开 重庆长安汽车 · 总部到两江工厂双路由专线 交付')
    await page.waitForFunction(() => JSON.stringify((window as unknown as { calls: unknown }).calls).includes('cid-7'))
    const calls = await page.evaluate(() => JSON.stringify((window as unknown as { calls: unknown }).calls))
    expect(calls).toContain('"signature":"s"')
    expect(calls).toContain('biz.chat.toConversationByOpenConversationId')
    await expect(page.getByRole('button', { name: '复制群名 重庆长安汽车 · 协作群' }).count()).resolves.toBe(1)
  })
})

describe('dead letters', () => {
  const letters = async () => (await stage.usual('query work.deadLetters')) as { items: DeadLetter[] }

  test('every kind is listed with its reason and can be narrowed', async () => {
    const { items } = await letters()
    stage.answer({
      'query work.deadLetters': () => ({ items: [...items, ...otherDeadLetters(TODAY.getTime())], nextCursor: null }),
    })
    const page = await open('/admin/#/work')
    await visible(page, '条件里的字段“合同额”没有填(process.bad_condition)')
    await press(page, '到期提醒 1')
    await expect(page.getByRole('button', { name: /^重新执行/ }).count()).resolves.toBe(1)
    await press(page, '重新执行 到期没有处理')
    await visible(page, '已重新排队')
    expect(inputsOf('command work.replay')).toEqual([{ id: 'd3', kind: 'timer' }])
  })

  test('what may have arrived is sent again only after a warning', async () => {
    const { items } = await letters()
    stage.answer({
      'query work.deadLetters': () => ({ items: [...items, ...otherDeadLetters(TODAY.getTime())], nextCursor: null }),
    })
    const page = await open('/admin/#/work')
    await press(page, /^重新执行 消息结果未知/)
    await visible(page, '对方可能看到两遍')
    expect(inputsOf('command work.replay')).toEqual([])
    await press(page, '仍然重发')
    await visible(page, '已重新排队')
    expect(inputsOf('command work.replay')).toEqual([{ id: 'd2', kind: 'effect' }])
  })

  test('somebody else’s replay a moment ago is said, and the list is fresh', async () => {
    stage.answer({ 'command work.replay': refuse(404, 'work.unknown', '这条任务已经处理过或不存在。') })
    const page = await open('/admin/#/work')
    const button = page.getByRole('button', { name: '重新执行 发给李明的结果通知' })
    await button.waitFor()
    stage.answer({ 'query work.deadLetters': () => ({ items: [], nextCursor: null }) })
    await button.click()
    await visible(page, '这条任务已经处理过或不存在')
    await visible(page, '没有失败的工作,一切正常')
  })
})
