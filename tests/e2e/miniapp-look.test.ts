import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { accessibilityFaults, extraWidth, smallTargets } from '../support/miniapp-checks.ts'
import { openStage, type Stage } from '../support/miniapp-stage.ts'

/** Each screen, and words on it that tell it is complete. */
const SCREENS: [path: string, words: string][] = [
  ['/m/#/todos', '跟进线索 重庆长安汽车'],
  ['/m/#/customers', '重庆客户0002有限公司'],
  ['/m/#/customers/k1', '和张总确认了带宽需求'],
  ['/m/#/customers/k1/activity', '重庆长安汽车'],
  ['/m/#/approvals', '园区网络集成'],
  ['/m/#/approvals?box=submitted', '还没有发起过审批'],
  ['/m/#/approvals/c1', '副总审批'],
  ['/m/#/approvals/c1?act=reject', '最近用过的理由'],
  ['/m/#/approvals/c-fork', '会签 1/2 已同意'],
  ['/m/#/requests', '合同审批'],
  ['/m/#/requests/new/customSolution', '谁来审批'],
  ['/m/#/processes', '目标 8 小时,达成 75%'],
  ['/m/#/leads/new?draft=d-lead', '人民币捌拾万元整'],
  ['/m/#/contracts/new?customer=k1', '谁来审批'],
  ['/m/#/me', '审批角色'],
  ['/m/#/login?login_error=auth.code_invalid', '登录码已失效'],
  ['/m/#/nowhere', '这个链接打不开'],
  ['/admin/', '企业微信 wangmin'],
]

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
}, 120_000)
afterAll(() => stage.close())

async function show(page: Page, path: string, words: string): Promise<void> {
  await page.goto('about:blank')
  await page.goto(stage.origin + path)
  await page.getByText(words).or(page.getByLabel(words)).first().waitFor()
}

/** Sheets: the page, what is pressed one after the other, and words in the sheet. */
const SHEETS: [path: string, presses: string[], words: string][] = [
  ['/m/#/todos', ['新建'], '提交合同'],
  ['/m/#/approvals/c1', ['同意'], '意见(可不填)'],
  ['/m/#/approvals/c1', ['更多'], '转交给别人处理'],
  ['/m/#/approvals/c1', ['更多', '转交给别人处理'], '赵强'],
  ['/m/#/approvals/c1', ['更多', '退回'], '改好后直接回到我'],
  ['/m/#/approvals/c1', ['更多', '加签,请同事一起看'], '在我之前'],
  ['/m/#/processes', ['合同审批 7 小时 目标 8 小时,达成 75% 12 个 · 交接 3.5 次 · 最慢 财务审批 43%'], '每一步的用时'],
  ['/m/#/approvals/c-fork', ['完成'], '整体审批由谁处理'],
  ['/admin/#/stuck', ['处理 BB-2026-0003'], '指定审批人'],
  ['/admin/#/processes', ['用时 跨部门定制方案'], '最慢'],
  ['/admin/#/processes', ['迁移 2 跨部门定制方案'], '可以迁移'],
  ['/m/#/customers/k1', ['分享进度'], '复制链接'],
  ['/m/#/customers/k1', ['撤销分享'], '确认撤销'],
  ['/m/#/contracts/new', ['客户 请选择'], '重庆客户0002有限公司'],
  ['/admin/', ['编辑 李明'], '审批角色'],
]

describe.each(['light', 'dark'] as const)('in the %s scheme', colorScheme => {
  test('every screen passes the accessibility checks', async () => {
    const page = await stage.open('', { colorScheme, reducedMotion: 'reduce' })
    const faults: string[] = []
    for (const [path, words] of SCREENS) {
      await show(page, path, words)
      faults.push(...(await accessibilityFaults(page, path)))
    }
    expect(faults).toEqual([])
  }, 60_000)

  test('every sheet passes them, and Escape closes it', async () => {
    const page = await stage.open('', { colorScheme, reducedMotion: 'reduce' })
    const faults: string[] = []
    for (const [path, presses, words] of SHEETS) {
      await page.goto('about:blank')
      await page.goto(stage.origin + path)
      for (const name of presses) await page.getByRole('button', { name, exact: true }).click()
      const sheet = page.getByRole('dialog').filter({ visible: true })
      await sheet.getByText(words).first().waitFor()
      faults.push(...(await accessibilityFaults(page, `${path} ${presses.join(' → ')}`)))
      await page.keyboard.press('Escape')
      await sheet.waitFor({ state: 'hidden' })
    }
    expect(faults).toEqual([])
  }, 60_000)
})

test('no screen is wider than a small phone, also with text at 200 %', async () => {
  const page = await stage.open('', { viewport: { width: 320, height: 568 } })
  const tooWide: string[] = []
  for (const [path, words] of SCREENS) {
    await show(page, path, words)
    for (const fontSize of ['100%', '200%']) {
      const extra = await extraWidth(page, fontSize)
      if (extra > 0) tooWide.push(`${path} ${fontSize}: ${extra} px`)
    }
  }
  expect(tooWide).toEqual([])
}, 60_000)

test('everything that can be tapped is at least 44 px high', async () => {
  const page = await stage.open('', { viewport: { width: 375, height: 812 } })
  const small: string[] = []
  for (const [path, words] of SCREENS) {
    await show(page, path, words)
    small.push(...(await smallTargets(page, path)))
  }
  expect(small).toEqual([])
}, 60_000)
