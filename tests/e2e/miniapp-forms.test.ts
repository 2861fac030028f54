import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { NOTHING } from '../support/miniapp-cases.ts'
import { visible } from '../support/miniapp-page.ts'
import { Refusal } from '../support/miniapp-server.ts'
import { openStage, type Stage } from '../support/miniapp-stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
}, 120_000)
afterAll(() => stage.close())
afterEach(() => stage.reset())

const inputsOf = (name: string) => stage.callsOf(name).map(call => call.input)
const keysOf = (name: string) => stage.callsOf(name).map(call => call.headers['idempotency-key'])

describe('approval', () => {
  test('the path shows who decided, who decides now and who is still to come, with the reason', async () => {
    const page = await stage.open('/m/#/approvals/c1')
    const path = page.getByRole('region', { name: '审批路径' })
    await path.getByText('财务审批').waitFor()
    const words = await path.textContent()
    for (const expected of [
      '价格已和客户谈妥',
      '王敏 转交给 赵强',
      '陈静 或 王敏',
      '已等 1 天 6 小时',
      '金额 620,000.00 > 500,000.00 → 副总',
    ]) {
      expect(words).toContain(expected)
    }
  })

  test('a double click on 确认同意 decides once', async () => {
    const page = await stage.open('/m/#/approvals/c1')
    await page.getByRole('button', { name: '同意', exact: true }).click()
    await page.getByRole('button', { name: '确认同意' }).dblclick()
    await visible(page, '已同意 HT-2026-0041')
    expect(inputsOf('command approvals.decide')).toEqual([{ caseId: 'c1', taskId: 'c1-3', decision: 'approve' }])
  })

  test('a decision whose answer was lost is repeated with the same key, the next one gets a new key', async () => {
    const page = await stage.open('/m/#/approvals/c1')
    let isLost = true
    await page.route('**/api/commands/approvals.decide', async route => {
      if (!isLost) return route.continue()
      isLost = false
      await route.fetch()
      await route.abort()
    })
    await page.getByRole('button', { name: '同意', exact: true }).click()
    await page.getByRole('button', { name: '确认同意' }).click()
    await visible(page, '网络连不上')
    await page.getByRole('button', { name: '确认同意' }).click()
    await visible(page, '已同意 HT-2026-0041')
    await page.getByRole('button', { name: '同意', exact: true }).click()
    await page.getByRole('button', { name: '确认同意' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    const [first, second, third] = keysOf('command approvals.decide')
    expect(first).toMatch(/^[0-9a-f-]{36}$/)
    expect(second).toBe(first)
    expect(third).not.toBe(first)
  })

  test('the link behind 拒绝 opens the reason at once; none is refused, a recent one can be taken', async () => {
    const page = await stage.open('/m/#/approvals/c1?act=reject')
    await page.getByRole('button', { name: '确认拒绝' }).click()
    await visible(page, '请写明拒绝的理由')
    await page.getByRole('button', { name: '附件缺少盖章页' }).click()
    await page.getByRole('button', { name: '确认拒绝' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(inputsOf('command approvals.decide')).toEqual([
      { caseId: 'c1', taskId: 'c1-3', decision: 'reject', comment: '附件缺少盖章页' },
    ])
  })

  test('who is too late is told what was decided and sees the committed state', async () => {
    const page = await stage.open('/m/#/approvals/c1')
    await page.getByRole('button', { name: '同意', exact: true }).click()
    const usual = await stage.usual('query approvals.get')
    stage.answer({
      'command approvals.decide': () => {
        throw new Refusal(409, { code: 'approval.already_decided', message: '陈静 14:03 已拒绝。' })
      },
      'query approvals.get': () => ({
        ...(usual as object),
        status: '已拒绝',
        can: NOTHING,
      }),
    })
    await page.getByRole('button', { name: '确认同意' }).click()
    await visible(page, '陈静 14:03 已拒绝。')
    await page.getByRole('region', { name: '结果' }).getByText('已拒绝').waitFor()
    await expect(page.getByRole('button', { name: '同意', exact: true }).count()).resolves.toBe(0)
  })

  test('it can be transferred to a colleague found by name', async () => {
    const page = await stage.open('/m/#/approvals/c1')
    await page.getByRole('button', { name: '更多' }).click()
    await page.getByRole('button', { name: '转交给别人处理' }).click()
    await page.getByRole('searchbox').fill('赵')
    await page.getByRole('button', { name: /赵强/ }).click()
    await page.getByRole('button', { name: '转交给 赵强' }).click()
    await visible(page, '已转交给赵强')
    expect(inputsOf('command approvals.transfer')).toEqual([{ caseId: 'c1', taskId: 'c1-3', toPersonId: 'p-zhao' }])
  })
})

describe('a request', () => {
  test('its form is drawn from its fields, shows who will decide, and sends what was filled in', async () => {
    const page = await stage.open('/m/#/requests')
    await page.getByRole('link', { name: /跨部门定制方案/ }).click()
    await page.getByRole('button', { name: /提交审批/ }).click()
    await visible(page, '请填写标题')
    await page.getByRole('button', { name: /客户 请选择/ }).click()
    await page.getByRole('button', { name: /重庆客户0002/ }).click()
    await page.getByLabel('标题').fill('定制组网')
    await page.getByLabel(/结算金额/).fill('88万')
    await page.getByRole('radio', { name: '紧急', exact: true }).click()
    await page.getByRole('radio', { name: '是', exact: true }).click()
    await page.getByLabel('计划开始').fill('2026-12-01')
    await page.getByRole('button', { name: '项目经理 选择同事' }).click()
    await page.getByRole('button', { name: /赵强/ }).click()
    await visible(page, '技术支持方案 · 赵强')
    await page.getByRole('button', { name: '提交审批,预计经过 3 步' }).click()
    await visible(page, '跨部门定制方案 DZ-2026-0007 已提交审批')
    expect(inputsOf('command requests.submit')).toEqual([
      {
        key: 'customSolution',
        customerId: 'k2',
        attachmentIds: [],
        form: {
          title: '定制组网',
          amountMinor: '88万',
          urgency: '紧急',
          isOnSite: true,
          startAt: '2026-12-01',
          managerId: 'p-zhao',
        },
      },
    ])
  })

  test('parallel branches stand side by side with who has voted; handling asks for what must come of it', async () => {
    const page = await stage.open('/m/#/approvals/c-fork?act=approve')
    const path = page.getByRole('region', { name: '审批路径' })
    for (const name of ['销售', '技术', '财务']) await path.getByRole('region', { name: `分支 ${name}` }).waitFor()
    expect(await path.textContent()).toContain('会签 1/2 已同意')
    expect(await path.textContent()).toContain('超时 1 小时(工作时间)')
    await page.getByRole('button', { name: '确认完成' }).click()
    await visible(page, '请填写技术支持方案')
    await page.getByRole('textbox', { name: '技术支持方案' }).fill('驻场两周')
    await page.getByRole('button', { name: '整体审批 选择同事' }).click()
    await page.getByRole('button', { name: /刘建国/ }).click()
    await page.getByRole('button', { name: '确认完成' }).click()
    await page.getByRole('dialog').first().waitFor({ state: 'detached' })
    expect(inputsOf('command approvals.decide')).toEqual([
      {
        caseId: 'c-fork',
        taskId: 'c-fork-3',
        decision: 'approve',
        edits: { support: '驻场两周' },
        choices: { whole: ['p-liu'] },
      },
    ])
  })

  test('several are decided together, and what did not work is told case by case', async () => {
    const page = await stage.open('/m/#/approvals')
    await page.getByRole('button', { name: '批量' }).click()
    const boxes = page.getByRole('checkbox')
    await boxes.nth(0).check()
    await boxes.nth(1).check()
    await page.getByRole('button', { name: '同意 2' }).click()
    await page.getByRole('button', { name: '确认同意 2 个' }).click()
    await visible(page, '这一步已经处理过。')
    expect(inputsOf('command approvals.batchDecide')).toEqual([
      { items: [{ caseId: 'c1' }, { caseId: 'c2' }], decision: 'approve' },
    ])
  })

  test('what is chosen together is decided from a bar that no long list and no navigation hides', async () => {
    const page = await stage.open('/m/#/approvals', { viewport: { width: 375, height: 360 } })
    await page.getByRole('button', { name: '批量' }).click()
    await page.getByRole('checkbox').nth(0).check()
    const isOnTop = await page.getByRole('button', { name: '同意 1' }).evaluate(button => {
      const { left, top, width, height } = button.getBoundingClientRect()
      return document.elementFromPoint(left + width / 2, top + height / 2) === button
    })
    expect(isOnTop).toBe(true)
  })

  test('an admin ends what stands still, from what helps there', async () => {
    const page = await stage.open('/admin/#/stuck')
    await page.getByRole('button', { name: '处理 BB-2026-0003' }).click()
    await page.getByRole('button', { name: '由谁处理 选择同事' }).click()
    await page.getByRole('button', { name: /赵强/ }).click()
    await page.getByRole('button', { name: '确认指定审批人' }).click()
    await visible(page, '已处理 XB-2026-0003 的暂停。')
    expect(inputsOf('command approvals.resolve')).toEqual([{ caseId: 'c7', entryId: 'c7-2', assignIds: ['p-zhao'] }])
  })
})

describe('lead', () => {
  test('the form behind 修改 holds what the card showed, and finishes that draft', async () => {
    const page = await stage.open('/m/#/leads/new?draft=d-lead')
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('#field-phone')?.value === '138 1234 5678')
    await expect(page.getByLabel('公司').inputValue()).resolves.toBe('重庆长安汽车')
    await visible(page, '人民币捌拾万元整')
    await page.getByRole('button', { name: '保存线索' }).click()
    await visible(page, '线索 XS-2026-0077 已保存')
    expect(inputsOf('command leads.create')).toEqual([
      {
        company: '重庆长安汽车',
        contact: '张伟',
        phone: '138 1234 5678',
        interest: '专线',
        budget: '800,000.00',
        draftId: 'd-lead',
        anyway: false,
      },
    ])
  })

  test('all faults are shown at once and the first one gets the caret', async () => {
    const page = await stage.open('/m/#/leads/new')
    await page.getByLabel('公司').fill('长安汽车')
    await page.getByLabel('电话').pressSequentially('13812345')
    await expect(page.getByLabel('电话').inputValue()).resolves.toBe('138 1234 5')
    await page.getByLabel('预算').fill('-5')
    await page.getByRole('button', { name: '保存线索' }).click()
    await visible(page, '请填写联系人')
    await visible(page, '电话号码不完整')
    await expect(page.getByRole('alert').count()).resolves.toBe(3)
    await expect(page.evaluate(() => document.activeElement?.id)).resolves.toBe('field-contact')
    expect(inputsOf('command leads.create')).toEqual([])
  })

  test('who follows the customer already is said before anything is written; 仍然创建 writes it', async () => {
    stage.answer({
      'command leads.create': (input: { anyway: boolean }) => {
        if (input.anyway) return { leadId: 'l1', number: 'XS-2026-0078', customerId: 'k1' }
        const matches = [{ by: 'phone', owner: { id: 'p-wang', name: '王敏' }, since: Date.parse('2026-11-01T02:00:00Z') }]
        throw new Refusal(409, { code: 'lead.duplicate', message: '已经有人在跟进。', details: { matches } })
      },
    })
    const page = await stage.open('/m/#/leads/new?draft=d-lead')
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('#field-company')?.value)
    await page.getByRole('button', { name: '保存线索' }).click()
    await visible(page, /王敏 自 (\d{4}-)?11-01 起跟进/)
    await page.getByRole('button', { name: '仍然创建' }).click()
    await visible(page, '线索 XS-2026-0078 已保存')
    expect(inputsOf('command leads.create').map(input => (input as { anyway: boolean }).anyway)).toEqual([false, true])
  })

  test('while the form is being filled it says who follows this customer', async () => {
    stage.answer({
      'query leads.duplicates': (input: { phone: string }) =>
        input.phone === '13812345678'
          ? [{ by: 'phone', owner: { id: 'p-wang', name: '王敏' }, since: Date.parse('2026-11-01T02:00:00Z') }]
          : [],
    })
    const page = await stage.open('/m/#/leads/new')
    await page.getByLabel('电话').fill('138 1234 5678')
    await visible(page, /王敏 自 (\d{4}-)?11-01 起跟进\(电话相同\)/)
  })

  test('what was typed survives a reload and can be cleared; a sent form leaves nothing behind', async () => {
    const page = await stage.open('/m/#/leads/new')
    await page.getByLabel('公司').fill('长安汽车')
    await visible(page, /已保存草稿 \d\d:\d\d/)
    await page.reload()
    await visible(page, /已恢复 \d\d:\d\d 的草稿/)
    await expect(page.getByLabel('公司').inputValue()).resolves.toBe('长安汽车')
    await page.getByRole('button', { name: '清空重写' }).click()
    await expect(page.getByLabel('公司').inputValue()).resolves.toBe('')
    await page.getByLabel('公司').fill('长安汽车')
    await page.getByLabel('联系人').fill('张伟')
    await page.getByLabel('电话').fill('13812345678')
    await page.getByRole('button', { name: '保存线索' }).click()
    await visible(page, '已保存')
    await expect(page.evaluate(() => Object.keys(localStorage))).resolves.toEqual([])
  })

  test('what the server finds wrong stands under its field', async () => {
    stage.answer({
      'command leads.create': () => {
        throw new Refusal(400, { code: 'lead.invalid', message: '公司名称不完整', fields: { company: '请写公司全称' } })
      },
    })
    const page = await stage.open('/m/#/leads/new?draft=d-lead')
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('#field-company')?.value)
    await page.getByRole('button', { name: '保存线索' }).click()
    await page.getByRole('alert').getByText('请写公司全称').waitFor()
  })
})

describe('contract', () => {
  test('the form shows who will approve and the amount in capitals, takes an attachment and says how many it passes', async () => {
    const page = await stage.open('/m/#/contracts/new?customer=k1')
    await page.getByRole('button', { name: /重庆长安汽车/ }).waitFor()
    await page.getByLabel('合同标题').fill('专线扩容')
    await page.getByRole('radio', { name: '专线' }).click()
    await page.getByLabel('金额').pressSequentially('620000')
    await expect(page.getByLabel('金额').inputValue()).resolves.toBe('620,000')
    await visible(page, '人民币陆拾贰万元整')
    await visible(page, '金额 620,000.00 > 500,000.00 → 副总')
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: '合同.pdf', mimeType: 'application/pdf', buffer: Buffer.from('pdf') })
    await page.getByRole('button', { name: '移除 合同.pdf' }).waitFor()
    await page.getByRole('button', { name: '提交审批,预计经过 4 人' }).click()
    await visible(page, '合同 HT-2026-0042 已提交审批')
    expect(inputsOf('command contracts.submit')).toEqual([
      { customerId: 'k1', title: '专线扩容', type: '专线', amount: '620,000', attachmentIds: ['f9'] },
    ])
  })

  test('the customer is chosen from a search', async () => {
    const page = await stage.open('/m/#/contracts/new')
    await page.getByRole('button', { name: '提交审批' }).click()
    await visible(page, '请选择客户')
    await page.getByLabel('客户').click()
    await page.getByRole('searchbox').fill('0007')
    await page.getByRole('button', { name: /重庆客户0007/ }).click()
    await page.getByRole('button', { name: /重庆客户0007/ }).waitFor()
    await expect(page.getByText('请选择客户').count()).resolves.toBe(0)
  })
})

describe('customer', () => {
  test('a project step is ticked, the progress shared and every link revoked', async () => {
    const page = await stage.open('/m/#/customers/k1')
    await page.getByRole('checkbox', { name: '光缆施工已完成' }).click()
    await visible(page, '光缆施工已完成')
    await page.getByRole('button', { name: '分享进度' }).click()
    await page.getByRole('link', { name: /\/s\/abc/ }).waitFor()
    await page.getByRole('button', { name: '关闭' }).click()
    await page.getByRole('button', { name: '撤销分享' }).click()
    await page.getByRole('button', { name: '确认撤销' }).click()
    await visible(page, '已撤销 1 个链接')
    expect(inputsOf('command projects.completeStep')).toEqual([{ projectId: 'j1', stepId: 's3', done: true }])
    expect(inputsOf('command portal.revoke')).toEqual([{ customerId: 'k1' }])
  })

  test('the timeline can be narrowed to one kind', async () => {
    const page = await stage.open('/m/#/customers/k1')
    const timeline = page.getByRole('region', { name: '动态' })
    await timeline.getByText('和张总确认了带宽需求').waitFor()
    await timeline.getByRole('button', { name: '合同' }).click()
    await timeline.getByText('提交合同 HT-2026-0041').waitFor()
    await expect(timeline.getByText('和张总确认了带宽需求').count()).resolves.toBe(0)
  })
})

describe('admin', () => {
  test('who is not an admin is turned away politely', async () => {
    const me = (await stage.usual('/api/me')) as { person: object }
    stage.answer({ '/api/me': () => ({ ...me, person: { ...me.person, isAdmin: false } }) })
    const page = await stage.open('/admin/')
    await visible(page, '这里由管理员使用')
    expect(stage.callsOf('query people.list')).toEqual([])
  })

  test('the one-time link shows only what it may be used for, and says so once', async () => {
    const me = (await stage.usual('/api/me')) as { person: object }
    stage.answer({ '/api/me': () => ({ ...me, isSetup: true, person: { ...me.person, name: '初始管理员' } }) })
    const page = await stage.open('/admin/')
    await visible(page, '先设置一位管理员')
    await page.getByRole('button', { name: '编辑 李明' }).waitFor()
    for (const name of ['委托', '送达记录', '回到客联']) {
      await expect(page.getByRole('link', { name }).count()).resolves.toBe(0)
    }
    await page.getByRole('link', { name: '公司设置' }).click()
    await visible(page, '公司名称')
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/setup.png` })
    await page.goto(`${stage.origin}/admin/#/delegations`)
    await visible(page, '先设置一位管理员')
    expect([...stage.callsOf('query delegations.list'), ...stage.callsOf('query notices.settings')]).toEqual([])
  })

  test('roles, superior and admin right are assigned in one save', async () => {
    const page = await stage.open('/admin/', { viewport: { width: 1280, height: 800 } })
    await page.getByRole('button', { name: '编辑 李明' }).click()
    await page.getByRole('button', { name: '加上角色 技术' }).click()
    await page.getByLabel('其他角色').fill('采购')
    await page.getByRole('button', { name: '添加' }).click()
    await page.getByRole('switch', { name: '管理员' }).click()
    await page.getByRole('button', { name: '更换' }).click()
    await page.getByRole('button', { name: /刘建国/ }).click()
    await page.getByRole('button', { name: '保存', exact: true }).click()
    await visible(page, '李明 已保存')
    expect(inputsOf('command people.assign')).toEqual([
      { personId: 'p-li', roles: ['技术', '采购'], superiorId: 'p-liu', isAdmin: true },
    ])
  })

  test('two entries that are the same person are folded after a warning', async () => {
    const page = await stage.open('/admin/')
    await page.getByRole('button', { name: '编辑 李明' }).click()
    await page.getByRole('button', { name: '同一个人…' }).click()
    await page.getByRole('button', { name: /赵强/ }).click()
    await visible(page, '这一步不能撤销')
    await page.getByRole('button', { name: '确认合并' }).click()
    await visible(page, '已并入 李明')
    expect(inputsOf('command people.link')).toEqual([{ personId: 'p-li', otherId: 'p-zhao' }])
  })

  test('failed work can be run again', async () => {
    const page = await stage.open('/admin/')
    await page.getByRole('link', { name: '没做成的 1' }).click()
    await page.getByRole('button', { name: '重新执行 发给李明的结果通知' }).click()
    await visible(page, '已重新排队')
    expect(inputsOf('command work.replay')).toEqual([{ id: 'd1', kind: 'effect' }])
  })

  test('the name that customers see can be changed', async () => {
    const page = await stage.open('/admin/#/settings')
    await page.getByLabel('客户在进度页上看到的名称').fill('渝通电信股份')
    await page.getByRole('button', { name: '保存名称' }).click()
    await visible(page, '公司名称已保存')
    expect(inputsOf('command settings.update')).toEqual([{ companyName: '渝通电信股份' }])
  })
})
