import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser, Locator, Page } from 'playwright-core'
import { startBrowser } from '../support/browser.ts'
import { type Product, startProduct } from '../support/product.ts'

let product: Product
let browser: Browser
let page: Page

const STEP_MS = 12_000

beforeAll(async () => {
  product = await startProduct()
  browser = await startBrowser()
  page = await browser.newPage({ viewport: { width: 1280, height: 860 } })
  page.setDefaultTimeout(STEP_MS)
  await page.goto(`${product.url}/play/`)
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await product?.stop()
})

const left = (): Locator => page.locator('#left')
const right = (): Locator => page.locator('#right')

async function say(phone: Locator, text: string): Promise<void> {
  await phone.getByLabel('输入消息').fill(text)
  await phone.getByRole('button', { name: '发送' }).click()
}

async function become(phone: Locator, name: string): Promise<void> {
  await phone.locator('.who').click()
  await phone.getByLabel('按姓名、职务或部门查找').fill(name)
  await phone.locator('.picker-list button').first().click()
  await phone.locator('.who-name', { hasText: name }).waitFor()
}

const log = (phone: Locator): Locator => phone.getByRole('log')

describe('a newcomer at /play/', () => {
  test('the start prints where to look', () => {
    expect(product.printed()).toContain(`${product.url}/play/`)
    expect(product.printed()).toContain('/admin/?setup=')
  })

  test('a lead goes from a sentence to a record by one press', async () => {
    await say(left(), '新建线索 重庆浏览器测试公司 张伟 13812345600 专线 预算80万')
    await log(left()).getByText('800,000.00 元').waitFor()
    await log(left()).getByRole('button', { name: '确认' }).last().click()
    await log(left())
      .getByText(/已写入 · 张三/)
      .waitFor()
  })

  test('a contract is approved across both phones, each card telling why', async () => {
    await say(left(), '提交合同 重庆浏览器测试公司 专线扩容 专线 62万')
    await log(left()).getByText('预计经过').waitFor()
    await log(left()).getByRole('button', { name: '确认' }).last().click()
    await log(left())
      .getByText(/已提交审批/)
      .waitFor()
    await become(left(), '刘强')
    await log(left()).getByText('重庆浏览器测试公司 · 专线扩容').last().waitFor()
    await log(left()).getByRole('button', { name: '同意' }).last().click()
    await log(left())
      .getByText(/已同意 · 刘强/)
      .last()
      .waitFor()
    await become(right(), '陈涛')
    await log(right()).getByText('重庆浏览器测试公司 · 专线扩容').last().waitFor()
    await log(right()).getByText('类型 专线 → 技术').last().waitFor()
    await log(right()).getByRole('button', { name: '同意' }).last().click()
    await log(right())
      .getByText(/已同意 · 陈涛/)
      .last()
      .waitFor()
    await become(left(), '李静')
    await log(left()).getByRole('button', { name: '同意' }).last().click()
    await log(left())
      .getByText(/已同意 · 李静/)
      .last()
      .waitFor()
    await become(left(), '王敏')
    await log(left()).getByText('金额 620,000.00 > 500,000.00 → 副总').last().waitFor()
  })

  test('详情 opens the page inside the phone, logged in as whoever holds it, and the path can be decided there', async () => {
    await log(left()).getByText('详情').last().click()
    const h5 = left().frameLocator('iframe')
    await h5.getByText('直属上级审批').first().waitFor()
    await h5.getByRole('button', { name: '同意' }).click()
    const sheet = h5.getByRole('dialog')
    await sheet.getByRole('button', { name: '同意' }).click()
    await h5.getByText('已通过').first().waitFor()
    await left().getByRole('button', { name: '关闭网页' }).click()
    await log(left())
      .getByText(/已同意 · 王敏/)
      .last()
      .waitFor()
  })

  test("the customer's page works without script, at phone size", async () => {
    await become(left(), '张三')
    await say(left(), '分享进度 重庆浏览器测试公司')
    await log(left()).getByText('/s/').waitFor()
    const text = ((await log(left()).textContent()) ?? '').match(/http:\/\/[^\s]+\/s\/[A-Za-z0-9_-]+/)?.[0] ?? ''
    for (const javaScriptEnabled of [false, true]) {
      const customer = await browser.newContext({ viewport: { width: 320, height: 568 }, javaScriptEnabled })
      const share = await customer.newPage()
      await share.goto(text)
      await share.getByText('第 2 步 / 共 6 步 · 资源勘察').waitFor()
      if (javaScriptEnabled) {
        const overflow = await share.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        expect(overflow).toBeLessThanOrEqual(0)
        const right = await share.evaluate(() =>
          Math.max(...[...document.querySelectorAll('.bar, .today, .today i')].map(node => node.getBoundingClientRect().right)),
        )
        expect(right).toBeLessThanOrEqual(320 - 32)
      }
      if (process.env.SHOTS) await share.screenshot({ path: `${process.env.SHOTS}/share.png`, fullPage: true })
      await customer.close()
    }
  })

  test('a phone that opens the page sees the last message; a lost connection covers nothing', async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } })
    const phone = await context.newPage()
    await phone.goto(`${product.url}/play/`)
    await phone.locator('#left .bottom-menu').waitFor()
    const fromEnd = () =>
      phone.evaluate(() => {
        const node = document.querySelector('#left .log')
        return node ? Math.round(node.scrollHeight - node.scrollTop - node.clientHeight) : -1
      })
    expect(await phone.evaluate(() => document.querySelector('#left .log')?.scrollTop)).toBeGreaterThan(0)
    expect(await fromEnd()).toBeLessThanOrEqual(1)
    await phone.setViewportSize({ width: 390, height: 500 })
    await phone.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))))
    expect(await fromEnd()).toBeLessThanOrEqual(1)
    await phone.route('**/api/state', route => route.abort())
    await say(phone.locator('#right'), '帮助')
    await phone.evaluate(() => scrollTo(0, 0))
    const banner = phone.locator('#banner')
    await banner.waitFor()
    const [below, above] = [await phone.locator('#left .who').boundingBox(), await banner.boundingBox()]
    expect(below?.y).toBeGreaterThanOrEqual((above?.y ?? 0) + (above?.height ?? 0))
    if (process.env.SHOTS) await phone.screenshot({ path: `${process.env.SHOTS}/play-banner.png` })
    await context.close()
  })
})
