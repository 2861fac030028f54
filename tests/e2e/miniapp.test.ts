import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { visible } from '../support/miniapp-page.ts'
import { Refusal } from '../support/miniapp-server.ts'
import { openStage, type Stage } from '../support/miniapp-stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
}, 120_000)
afterAll(() => stage.close())
afterEach(() => stage.reset())

const loggedOut = () => {
  throw new Refusal(401, { code: 'auth.required', message: '请先登录。' })
}
const DINGTALK_ON_IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 AliApp(DingTalk/7.6.0)'
const HAND_OFF = /\/api\/auth\/(wecom|dingtalk)\?/

/** The address a login leads to; the platform itself is not part of these tests. */
async function handOff(page: Page): Promise<URL> {
  const request = await page.waitForRequest(HAND_OFF)
  return new URL(request.url())
}

describe('first load', () => {
  test('the first screen is usable after at most 70 KB of compressed script and style', async () => {
    const page = await stage.open('')
    const sizes: number[] = []
    const reads: Promise<void>[] = []
    page.on('response', response => {
      if (/\.(js|css)$/.test(response.url())) {
        reads.push(
          response.body().then(body => {
            sizes.push(gzipSync(body).length)
          }),
        )
      }
    })
    await page.goto(`${stage.origin}/m/`)
    await visible(page, '跟进线索 重庆长安汽车')
    await Promise.all(reads)
    expect(sizes.length).toBeGreaterThan(1)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(70 * 1024)
  })
})

describe('login', () => {
  test('a plain browser is offered both platforms, and the link it came for comes along', async () => {
    stage.answer({ '/api/me': loggedOut, 'query approvals.get': loggedOut })
    const page = await stage.open('/m/#/approvals/c1?act=reject')
    await page.getByRole('button', { name: '钉钉登录' }).waitFor()
    const [target] = await Promise.all([handOff(page), page.getByRole('button', { name: '企业微信登录' }).click()])
    expect(target.pathname).toBe('/api/auth/wecom')
    expect(target.searchParams.get('to')).toBe('#/approvals/c1?act=reject')
  })

  test('inside WeCom the login starts by itself', async () => {
    stage.answer({ '/api/me': loggedOut, 'query customers.get': loggedOut, 'query customers.timeline': loggedOut })
    const page = await stage.open('', { userAgent: 'Mozilla/5.0 MicroMessenger/7.0.1 wxwork/4.1.0' })
    const [target] = await Promise.all([handOff(page), page.goto(`${stage.origin}/m/#/customers/k1`).catch(() => null)])
    expect(target.searchParams.get('to')).toBe('#/customers/k1')
  })

  test('a phone of the chat window goes straight to its platform and names its slot everywhere', async () => {
    stage.answer({ '/api/me': loggedOut, 'query todos.list': loggedOut })
    const page = await stage.open('')
    const [target] = await Promise.all([
      handOff(page),
      page.goto(`${stage.origin}/m/?slot=right&via=dingtalk#/todos`).catch(() => null),
    ])
    expect(`${target.pathname} ${target.searchParams.get('slot')}`).toBe('/api/auth/dingtalk right')
    expect(stage.callsOf('/api/me')[0]?.headers['x-kelian-slot']).toBe('right')
  })

  test('inside DingTalk a code from its client logs in, and the page opens where the link led', async () => {
    let isIn = false
    const me = await stage.usual('/api/me')
    stage.answer({
      '/api/me': () => (isIn ? me : loggedOut()),
      '/api/auth/dingtalk': () => {
        isIn = true
        return null
      },
    })
    const page = await stage.open('', { userAgent: DINGTALK_ON_IPHONE })
    await page.addInitScript(() => {
      const callHandler = (name: string, input: { corpId?: string }, answer: (reply: object) => void) =>
        answer({ errorCode: '0', result: { code: `code for ${name} ${input.corpId}` } })
      Object.assign(window, { WebViewJavascriptBridge: { init: () => undefined, registerHandler: () => undefined, callHandler } })
    })
    await page.goto(`${stage.origin}/m/#/approvals/c1`)
    await visible(page, '副总审批')
    expect(stage.callsOf('/api/auth/dingtalk').map(call => call.input)).toEqual([
      { code: 'code for runtime.permission.requestAuthCodeV2 ding1' },
    ])
  })

  test('a DingTalk client that never answers is given up on after ten seconds', async () => {
    stage.answer({ '/api/me': loggedOut, 'query todos.list': loggedOut })
    const page = await stage.open('', { userAgent: DINGTALK_ON_IPHONE })
    await page.clock.install()
    await page.addInitScript(() => {
      const callHandler = () => Object.assign(window, { wasAsked: true })
      Object.assign(window, { WebViewJavascriptBridge: { init: () => undefined, registerHandler: () => undefined, callHandler } })
    })
    await page.goto(`${stage.origin}/m/`)
    await page.waitForFunction(() => 'wasAsked' in window)
    await page.clock.runFor(11_000)
    await visible(page, '钉钉没有回应登录请求')
    await page.getByRole('button', { name: '重试' }).waitFor()
  })

  test('a login that comes back without a session asks before it tries again', async () => {
    stage.answer({
      '/api/me': loggedOut,
      'query todos.list': loggedOut,
      '/api/auth/options': () => ({ companyName: '渝通电信', wecom: true, dingtalk: null }),
    })
    const page = await stage.open('')
    await Promise.all([page.waitForURL(HAND_OFF), page.goto(`${stage.origin}/m/`).catch(() => null)])
    await page.goto(`${stage.origin}/m/#/todos`)
    await page.getByRole('button', { name: '企业微信登录' }).waitFor()
  })

  test('a failed login says why and offers to try again', async () => {
    stage.answer({ '/api/me': loggedOut })
    const page = await stage.open('/m/#/login?login_error=auth.code_invalid')
    await visible(page, '登录码已失效')
    await visible(page, 'auth.code_invalid')
    await page.getByRole('button', { name: '重试' }).click()
    await page.getByRole('button', { name: '企业微信登录' }).waitFor()
  })

  test('a session that ends while working leads to login, and what was typed is still there afterwards', async () => {
    const page = await stage.open('/m/#/customers/k1/activity')
    await page.getByLabel('内容').fill('和张总谈了带宽')
    stage.answer({ 'command activities.create': loggedOut })
    await page.getByRole('button', { name: '保存跟进' }).click()
    await page.getByRole('button', { name: '企业微信登录' }).waitFor()
    stage.recover()
    await page.reload()
    await expect(page.getByLabel('内容').inputValue()).resolves.toBe('和张总谈了带宽')
  })
})

describe('screens in trouble', () => {
  test('a forbidden page says so politely and leads home', async () => {
    stage.answer({
      'query customers.get': () => {
        throw new Refusal(403, { code: 'customer.not_visible', message: '您没有查看这个客户的权限。' })
      },
    })
    const page = await stage.open('/m/#/customers/k1')
    await visible(page, '您没有查看这个客户的权限。')
    await page.getByRole('link', { name: '回到首页' }).click()
    await visible(page, '跟进线索 重庆长安汽车')
  })

  test('a failing server is told apart from an empty list, and 重试 asks again', async () => {
    let asked = 0
    const usual = { items: [], nextCursor: null }
    stage.answer({
      'query todos.list': () => {
        asked++
        if (asked === 1) throw new Error('down')
        return usual
      },
    })
    const page = await stage.open('/m/')
    await visible(page, '出了点问题')
    await page.getByRole('button', { name: '重试' }).click()
    await visible(page, '都处理完了')
    expect(asked).toBe(2)
  })

  test('offline, a screen shows its last content with the time, and refreshes once the network is back', async () => {
    const page = await stage.open('/m/#/customers')
    await visible(page, '重庆长安汽车')
    await page.getByRole('link', { name: '待办' }).click()
    await visible(page, '跟进线索 重庆长安汽车')
    await page.getByRole('link', { name: /重庆长安汽车 张伟/ }).click()
    await visible(page, '光缆施工')
    await page.goBack()
    await page.context().setOffline(true)
    await visible(page, '网络已断开')
    await page.getByRole('link', { name: /重庆长安汽车 张伟/ }).click()
    await page
      .getByText(/离线,显示的是 \d\d:\d\d 的内容/)
      .first()
      .waitFor()
    await visible(page, '光缆施工')
    await page.context().setOffline(false)
    await page
      .getByText(/离线,显示的是/)
      .first()
      .waitFor({ state: 'detached' })
  })

  test('without a network and without earlier content the screen says so', async () => {
    const page = await stage.open('/m/')
    await visible(page, '跟进线索 重庆长安汽车')
    await page.evaluate(() => sessionStorage.clear())
    await page.route('**/api/queries/**', route => route.abort())
    await page.getByRole('link', { name: '客户' }).click()
    await visible(page, '没有连上网络')
    await page.unroute('**/api/queries/**')
    await page.getByRole('button', { name: '重试' }).click()
    await visible(page, '重庆长安汽车')
  })

  test('a page whose code cannot be fetched says so instead of doing nothing', async () => {
    const page = await stage.open('')
    await page.route('**/CustomersPage-*.js', route => route.abort())
    await page.goto(`${stage.origin}/m/`)
    await page.getByRole('link', { name: '客户' }).click()
    await visible(page, '没有连上网络')
  })

  test('after logging out nobody is logged in again by itself', async () => {
    const page = await stage.open('/m/#/me', { userAgent: 'Mozilla/5.0 MicroMessenger/7.0.1 wxwork/4.1.0' })
    await page.getByRole('button', { name: '退出登录' }).click()
    await page.getByRole('button', { name: '企业微信登录' }).waitFor()
    await expect(page.evaluate(() => Object.keys(sessionStorage).filter(key => /answers|:me:/.test(key)))).resolves.toEqual([])
  })

  test('an unknown link leads to a page with a way out', async () => {
    const page = await stage.open('/m/#/nowhere')
    await visible(page, '这个链接打不开')
  })
})

describe('lists', () => {
  test('a thousand customers can be scrolled through to the last one', async () => {
    const page = await stage.open('/m/#/customers')
    await visible(page, '重庆长安汽车')
    await page.waitForFunction(() => {
      window.scrollTo(0, document.documentElement.scrollHeight)
      return document.body.textContent?.includes('共 1000 条')
    })
    await expect(page.getByText('重庆客户1000有限公司').count()).resolves.toBe(1)
    await expect(page.locator('.list-row').count()).resolves.toBe(1_000)
  })

  test('searching while typing shows the answer to the last words, even if an earlier answer comes late', async () => {
    const page = await stage.open('/m/#/customers')
    await visible(page, '重庆长安汽车')
    const usual = stage.callsOf('query customers.search').length
    let release: () => void = () => undefined
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    stage.answer({
      'query customers.search': async (input: { q: string }) => {
        if (input.q === '长') await held
        const row = { id: input.q, name: `结果 ${input.q}`, stage: '潜在', owner: { id: 'p', name: '李明' }, lastActivityAt: 0 }
        return { items: [row], nextCursor: null }
      },
    })
    await page.getByRole('searchbox').fill('长')
    await page.waitForRequest(/customers\.search/)
    await page.getByRole('searchbox').fill('长安')
    await visible(page, '结果 长安')
    release()
    await page.getByText('结果 长', { exact: true }).waitFor({ state: 'detached' })
    await expect(page.getByText('结果 长安').count()).resolves.toBe(1)
    expect(stage.callsOf('query customers.search').length).toBe(usual + 2)
  })

  test('ticking a to-do completes it once and asks for the list again', async () => {
    const page = await stage.open('/m/')
    const tick = page.getByRole('button', { name: '完成:跟进线索 重庆长安汽车' })
    await tick.dblclick()
    await visible(page, '已完成')
    expect(stage.callsOf('command todos.complete').map(call => call.input)).toEqual([{ todoId: 't2' }])
  })
})
