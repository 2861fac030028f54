import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { BrowserContextOptions, Page } from 'playwright-core'
import type { DeadLetter } from '../../common/contract/people.ts'
import { accessibilityFaults, extraWidth, smallTargets } from '../support/miniapp-checks.ts'
import { openAt, press, refuse, visible, withSpaces } from '../support/miniapp-page.ts'
import { openStage, type Stage } from '../support/miniapp-stage.ts'
import { otherDeadLetters } from '../support/miniapp-upkeep.ts'

/** A Sunday. */
const TODAY = new Date('2026-11-22T14:03:00+08:00')

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
}, 120_000)
afterAll(() => stage.close())
afterEach(() => stage.reset())

const open = (path: string, options?: BrowserContextOptions): Promise<Page> => openAt(stage, TODAY, path, options)

describe('in trouble', () => {
  const QUERIES: [path: string, query: string, empty: unknown, words: string][] = [
    ['/m/#/me/delegations', 'query delegations.list', { items: [], nextCursor: null }, '现在没有委托'],
    ['/admin/#/delegations', 'query delegations.list', { items: [], nextCursor: null }, '现在没有委托'],
    ['/admin/#/deliveries', 'query deliveries.list', { items: [], nextCursor: null }, '还没有发出过通知'],
    ['/m/#/approvals/c1/deliveries', 'query deliveries.list', { items: [], nextCursor: null }, '还没有发出过通知'],
    ['/admin/#/work', 'query work.deadLetters', { items: [], nextCursor: null }, '没有失败的工作,一切正常'],
  ]

  test.each(QUERIES)('%s with nothing to show says what would be there', async (path, query, empty, words) => {
    stage.answer({ [query]: () => empty })
    await visible(await open(path), words)
  })

  const REFUSED: [path: string, query: string, words: string][] = [
    ['/admin/#/calendar', 'query calendar.get', '2026 年 11 月'],
    ['/m/#/me/delegations', 'query delegations.list', '李明 代我处理审批'],
    ['/m/#/me/notices', 'query notices.settings', '和公司一样'],
    ['/m/#/approvals/c1/deliveries', 'query deliveries.list', '已送达'],
    ['/admin/#/work', 'query work.deadLetters', '发给李明的结果通知'],
  ]

  test.each(REFUSED)('%s tells a fault and recovers by 重试', async (path, query, words) => {
    stage.answer({ [query]: refuse(500, 'internal', '系统出了点问题。') })
    const page = await open(path)
    await visible(page, '系统出了点问题。')
    stage.recover()
    await press(page, '重试')
    await visible(page, words)
  })

  test.each(REFUSED)('%s turns away politely who may not see it', async (path, query) => {
    stage.answer({ [query]: refuse(403, 'auth.admin_only', '只有管理员可以查看。') })
    const page = await open(path)
    await visible(page, '没有权限')
    await page.getByRole('link', { name: '回到首页' }).waitFor()
  })

  test.each(REFUSED)('%s seen before is shown without a network, with its time', async (path, _query, words) => {
    const page = await open(path)
    await visible(page, words)
    await page.route('**/api/**', route => route.abort())
    const [, here] = path.split('#')
    const go = (hash: string | undefined) =>
      page.evaluate(to => {
        location.hash = to
      }, `#${hash}`)
    const away = path.startsWith('/m/') ? { to: '/nowhere', words: '这个链接打不开' } : { to: '/settings', words: '全公司的通知' }
    await go(away.to)
    await visible(page, away.words)
    await go(here)
    await visible(page, '离线,显示的是 14:03 的内容')
    await visible(page, words)
  })
})

describe('look', () => {
  const SCREENS: [path: string, presses: (string | RegExp)[], words: string][] = [
    ['/admin/#/calendar', [], '2026 年 11 月'],
    ['/admin/#/calendar', ['上个月'], '国庆节 · 法定节假日'],
    ['/admin/#/calendar', [/^11月14日/], '取消另设'],
    ['/admin/#/calendar', [/^11月23日/], '保存这一天'],
    ['/admin/#/calendar', [/^周一至周五/, '加一段时间'], '保存工作时间'],
    ['/admin/#/calendar', ['团队日历'], '先照公司日历建好'],
    ['/admin/#/calendar/cal-2', [/^名称、部门/], '随法定节假日'],
    ['/admin/#/calendar/cal-2', ['删除这个日历'], '这一步不能撤销'],
    ['/admin/#/delegations', [], '李明 代我处理审批'],
    ['/admin/#/deliveries', [], '没收到'],
    ['/admin/#/work', [], '条件里的字段'],
    ['/admin/#/work', [/^重新执行 消息结果未知/], '仍然重发'],
    ['/admin/#/settings', [], '保存通知设置'],
    ['/m/#/me/delegations', ['全部'], '到成都参加设备到货验收'],
    ['/m/#/me/delegations', ['委托给同事'], '谁来代办'],
    ['/m/#/me/notices', [], '和公司一样'],
    ['/m/#/approvals/c1/deliveries', [], '不确定'],
    ['/m/#/customers/k1', [], '原因已发消息给'],
    ['/m/#/customers/k1', [/^建群/], '进不了群'],
  ]

  async function everyScreen(options: BrowserContextOptions, look: (page: Page, place: string) => Promise<string[]>) {
    await withSpaces(stage, TODAY)
    const { items } = (await stage.usual('query work.deadLetters')) as { items: DeadLetter[] }
    stage.answer({
      'query work.deadLetters': () => ({ items: [...items, ...otherDeadLetters(TODAY.getTime())], nextCursor: null }),
    })
    const page = await open('', { reducedMotion: 'reduce', ...options })
    const found: string[] = []
    for (const [path, presses, words] of SCREENS) {
      await page.goto('about:blank')
      await page.goto(stage.origin + path)
      for (const name of presses) await press(page, name)
      await visible(page, words)
      found.push(...(await look(page, [path, ...presses].join(' → '))))
    }
    return found
  }

  const tooWide = async (page: Page, place: string): Promise<string[]> => {
    const found: string[] = []
    for (const fontSize of ['200%', '100%']) {
      const extra = await extraWidth(page, fontSize)
      if (extra > 0) found.push(`${place} ${fontSize}: ${extra} px`)
    }
    return found
  }

  test.each(['light', 'dark'] as const)(
    'every new screen and sheet passes the accessibility checks in the %s scheme',
    async colorScheme => {
      expect(await everyScreen({ colorScheme }, accessibilityFaults)).toEqual([])
    },
    120_000,
  )

  test('none is wider than a phone, also with text at 200 %, and everything that can be tapped is at least 44 px high', async () => {
    const look = async (page: Page, place: string) => [...(await tooWide(page, place)), ...(await smallTargets(page, place))]
    expect(await everyScreen({}, look)).toEqual([])
  }, 120_000)

  test('none is wider than a small phone', async () => {
    expect(await everyScreen({ viewport: { width: 320, height: 568 } }, tooWide)).toEqual([])
  }, 120_000)
})
