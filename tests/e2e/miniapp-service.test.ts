import { afterAll, beforeAll, describe, test } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { startBrowser } from '../support/browser.ts'
import { builtMiniapp } from '../support/miniapp-build.ts'
import { openClient } from '../support/web-client.ts'
import { startWorld, type World } from '../support/world.ts'

/** The pages with which people look after the product and themselves, over the real service. */
let world: World
let browser: Browser
let page: Page

beforeAll(async () => {
  world = await startWorld({ env: { ADMIN_USERS: 'wecom:zhang3', TZ_NAME: 'Asia/Urumqi' }, webRoot: await builtMiniapp() })
  for (const words of ['新建线索 重庆长安汽车 张伟 13812345678 专线', '提交合同 重庆长安汽车 专线扩容 专线 62万']) {
    await world.say('zhang3', words)
    await world.press('zhang3', '确认')
  }
  const client = openClient(world)
  await client.loginWeCom('zhang3')
  browser = await startBrowser()
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'zh-CN' })
  await context.addCookies([...client.cookies].map(([name, value]) => ({ name, value, url: origin() })))
  page = await context.newPage()
  page.setDefaultTimeout(12_000)
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await world?.close()
})

const origin = () => world.service.services.links.base
const go = (path: string) => page.goto(origin() + path)
const sees = (text: string | RegExp) => page.getByText(text).first().waitFor()
const press = (name: string | RegExp) =>
  page
    .getByRole('button', { name, exact: typeof name === 'string' })
    .first()
    .click()
const pressInSheet = (name: string | RegExp) => page.getByRole('dialog').getByRole('button', { name }).first().click()
const refusal = (text: string) => page.getByRole('alert').getByText(text).waitFor()

describe('an admin', () => {
  test('sets weekday hours and a half day, and takes the day back', async () => {
    await go('/admin/#/calendar')
    await press(/^周六至周日/)
    await press('加一段时间')
    await page.getByLabel('第 1 段开始').fill('22:00')
    await page.getByLabel('第 1 段结束').fill('06:00')
    await press('保存工作时间')
    await sees('22:00–次日 06:00')
    const tuesday = page.getByRole('button', { name: /月\d+日 周二,每周上班/ }).first()
    await press('下个月')
    await tuesday.click()
    await page.getByRole('radio', { name: '半天(上午上班)' }).click()
    await page.getByLabel('名称(可不填)').fill('体检')
    await press('保存这一天')
    await press(/,体检,另设为半天,09:00–12:00/)
    await press('取消另设,按原来的安排')
    await page.getByRole('button', { name: /体检/ }).waitFor({ state: 'detached' })
  }, 60_000)

  test('gives a team its own calendar and removes it', async () => {
    await go('/admin/#/calendar')
    await press('团队日历')
    await page.getByLabel('名称').fill('值班')
    await page
      .getByRole('checkbox', { name: /销售一部/ })
      .first()
      .click()
    await press('新建日历')
    await sees('用在:销售一部')
    await press(/^名称、部门/)
    await page.getByLabel('时区').fill('火星')
    await press('保存设置')
    await refusal('没有 火星 这个时区')
    await press('关闭')
    await press('删除这个日历')
    await press('确认删除')
    await sees('没有单独日历的部门都用它')
  }, 60_000)

  test('sees who was told of what', async () => {
    await go('/admin/#/deliveries')
    await sees(/^合同审批 HT-\d{4}-\d{4} 专线扩容/)
    await sees(/^已送达$/)
  }, 60_000)

  test('sets quiet hours for the company, which a person may change for themselves', async () => {
    await go('/admin/#/settings')
    await page.getByRole('radio', { name: '每天这段时间' }).click()
    await press('保存通知设置')
    await sees('通知设置已保存')
    await go('/m/#/me/notices')
    await page.getByRole('radio', { name: '和公司一样(21:00 至次日 08:00)', checked: true }).waitFor()
    await page.getByRole('radio', { name: '自己定' }).click()
    await press('保存')
    await sees('提醒设置已保存')
    await page.reload()
    await page.getByRole('radio', { name: '自己定', checked: true }).waitFor()
  }, 60_000)
})

describe('an employee', () => {
  test('delegates once, is told of the one there is, and ends it', async () => {
    const nextWeek = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10)
    await go('/m/#/me/delegations')
    for (const round of [1, 2]) {
      await press('委托给同事')
      await press(/谁来代办/)
      await pressInSheet(/李四/)
      await page.getByLabel('最后一天(含)').fill(nextWeek)
      await press('委托给 李四')
      if (round === 1) {
        // The service, too, reads it as whole days of the company's zone.
        await sees(/^已委托 李四 处理审批,到 .+\(含\)。$/)
        await sees('李四 代我处理审批')
        await page.getByRole('dialog').waitFor({ state: 'hidden' })
      } else {
        await refusal('您已委托 李四')
      }
    }
    await press('关闭')
    await press(/^结束:/)
    await press('确认结束')
    await sees('现在没有委托')
  }, 60_000)

  test('opens a group for a customer and finds it in the record; a second one is not offered', async () => {
    await go('/m/#/customers')
    await page
      .getByRole('link', { name: /重庆长安汽车/ })
      .first()
      .click()
    await press(/^建群/)
    await press('在企业微信建群')
    await page.getByRole('button', { name: '复制群名 重庆长安汽车 · 协作群' }).waitFor()
    await press(/^建群/)
    await sees('不用再建')
  }, 60_000)
})
