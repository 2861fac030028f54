import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Cases, openCases } from '../support/cases.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let cases: Cases
let customerId: string

/**
 * Given the sample company: 张三's superior is 刘强, his 周建国, his 王敏 (副总); 陈涛 is 技术总监, 李静 财务经理. For complaints and
 * applications some hold roles that nobody's title gives.
 */
beforeAll(async () => {
  world = await startWorld()
  cases = openCases(world)
  await world.say('zhang3', '新建线索 重庆长安汽车 张伟 13812345678')
  await world.press('zhang3', '确认')
  customerId = await cases.customer('重庆长安汽车')
  await cases.roles({
    赵敏: ['客服主管'],
    吴磊: ['技术支持'],
    马超: ['客服经理'],
    孙丽: ['项目申报'],
    黄蓉: ['评审专家'],
    杨帆: ['评审专家'],
    王五: ['评审专家'],
  })
})
afterAll(() => world.close())

const shown = (userId: string) => JSON.stringify(world.lastCard(userId))
const labels = (userId: string) => world.lastCard(userId).buttons.map(button => button.text)
const steps = async (userId: string, caseId: string) =>
  (await cases.detail(userId, caseId)).path.map(step => `${step.name}${step.outcome ? ` ${step.outcome}` : ''}`)

describe('发起 in the chat', () => {
  test('发起 lists what may be begun; a name that is none lists it too', async () => {
    await world.say('zhang3', '发起')
    for (const name of [
      '项目报备',
      '商机评估',
      '技术方案',
      '合同审批',
      '项目立项',
      '资源申请',
      '项目申报',
      '投诉处理',
      'VIP 例外申请',
      '跨部门定制方案',
    ])
      expect(world.lastText('zhang3')).toContain(name)
    await world.say('zhang3', '发起 火星登陆')
    expect(world.lastText('zhang3')).toContain('没有找到"火星登陆"')
  })

  test('a contract is begun by its own draft', async () => {
    await world.say('zhang3', '发起 合同审批 长安')
    expect(world.lastText('zhang3')).toContain('合同标题')
    await world.say('zhang3', '取消')
  })
})

describe('项目报备', () => {
  test('begun in the chat, asked field by field, confirmed on the card: 刘强 agrees, 技术 is told, it has passed', async () => {
    await world.say('zhang3', '发起 项目报备 长安')
    expect(world.lastText('zhang3')).toContain('标题')
    await world.say('zhang3', '长安云平台一期')
    expect(world.lastText('zhang3')).toContain('预计金额')
    await world.say('zhang3', '很多钱')
    expect(world.lastText('zhang3')).toContain('80万')
    await world.say('zhang3', '120万')
    expect(shown('zhang3')).toContain('1,200,000.00 元')
    expect(shown('zhang3')).toContain('直属上级确认 → 抄送技术')
    expect(await world.service.services.models.requests.model.countDocuments()).toBe(0)
    await world.press('zhang3', '确认')
    const request = await world.service.services.models.requests.model.findOne({ title: '长安云平台一期' }).lean()
    expect(request).toMatchObject({ status: '审批中', kind: '项目报备', customerId })
    expect(request?.number).toMatch(/^BB-\d{4}-0001$/)

    expect(shown('liuqiang')).toContain('项目报备')
    expect(shown('liuqiang')).toContain('您是提交人 张三 的直属上级')
    await world.press('liuqiang', '同意')
    expect(await cases.status(request?.caseId ?? '')).toBe('已通过')
    expect(world.lastText('zhang3')).toContain('审批已全部通过')
    expect(world.lastText('u1030')).toContain('抄送给您')
    const copied = await (await cases.browser('u1030')).query<{ items: { caseId: string }[] }>('approvals.list', {
      box: 'copied',
    })
    expect(copied.body.items.map(item => item.caseId)).toEqual([request?.caseId])
  })
})

describe('商机评估', () => {
  test('技术 and 财务 judge side by side; then two thirds of three people carry it, and the third vote is not waited for', async () => {
    const form = { title: '长安数据中心', amountMinor: '300万', need: '两地三中心' }
    const { caseId } = await cases.submit('zhang3', 'opportunityReview', form, { customerId })
    expect(await cases.waiting(caseId)).toEqual(['技术评估:陈涛', '财务测算:李静'])
    const { path } = await cases.detail('zhang3', caseId)
    expect(path.filter(step => step.state === 'now').map(step => step.branches[0]?.name)).toEqual(['技术', '财务'])

    expect(await cases.refused('u1030', 'decide', { caseId, decision: 'approve' })).toBe('approval.output_required')
    expect(labels('u1030')).toEqual(['完成', '详情'])
    await cases.act('u1030', 'decide', { caseId, decision: 'approve', edits: { feasible: true } })
    expect(await cases.waiting(caseId)).toEqual(['财务测算:李静'])
    await cases.act('lijing', 'decide', { caseId, decision: 'approve', edits: { marginPercent: '32' } })
    expect(await cases.waiting(caseId)).toEqual(['评审组表决:刘强、陈涛、王敏'])
    expect(shown('wangmin')).toContain('票签 0/3 已同意')
    expect(shown('wangmin')).toContain('商机评估要经副总处理')

    // A WeCom card keeps its one repaint for the outcome; DingTalk's follows each vote.
    await world.press('liuqiang', '同意')
    expect(shown('u1030')).toContain('票签 1/3 已同意')
    await cases.act('u1030', 'decide', { caseId, decision: 'reject', comment: '资源不足' })
    await world.press('wangmin', '同意')
    expect(await cases.status(caseId)).toBe('已通过')
  })
})

describe('技术方案', () => {
  test('all must sign; a rejection sends it back to the submitter, who mends and sends it in again', async () => {
    const { caseId, number } = await cases.submit(
      'zhang3',
      'technicalSolution',
      { title: '组网方案', need: '双活' },
      { customerId },
    )
    await cases.act('u1030', 'decide', { caseId, decision: 'approve', edits: { solution: '两台核心' } })
    expect(await cases.waiting(caseId)).toEqual(['方案会签:刘强、陈涛'])
    await world.press('liuqiang', '同意')
    expect(shown('u1030')).toContain('会签 1/2 已同意')
    await world.say('u1030', `拒绝 ${number} 要写容量`)
    expect(await cases.status(caseId)).toBe('审批中')
    expect(world.lastText('zhang3')).toContain('要写容量')
    expect(labels('zhang3')).toEqual(['修改', '详情'])

    await cases.act('zhang3', 'resubmit', { caseId, edits: { need: '双活,每台 10G' } })
    expect(await cases.waiting(caseId)).toEqual(['方案设计:陈涛'])
    await cases.act('u1030', 'decide', { caseId, decision: 'approve' })
    await world.press('liuqiang', '同意')
    await world.say('u1030', `同意 ${number}`)
    expect(await cases.status(caseId)).toBe('已通过')
    const request = await world.service.services.models.requests.byCase(caseId)
    expect(request?.form).toMatchObject({ need: '双活,每台 10G', solution: '两台核心' })
  })
})

describe('项目立项', () => {
  test('superiors are asked level by level, then 财务, above a million the 副总; the project manager is told', async () => {
    const form = { title: '长安一期', amountMinor: '1,000,000.01', managerId: await cases.person('杨帆'), startAt: '2026-12-01' }
    const { caseId } = await cases.submit('zhang3', 'projectInitiation', form)
    expect(await cases.waiting(caseId)).toEqual(['逐级审批:刘强'])
    expect(shown('liuqiang')).toContain('依次审批 0/2 已同意')
    await world.press('liuqiang', '同意')
    expect(await cases.waiting(caseId)).toEqual(['逐级审批:周建国'])
    await world.press('zhoujianguo', '同意')
    await world.press('lijing', '同意')
    expect(shown('wangmin')).toContain('项目预算 1,000,000.01 > 1,000,000.00 → 副总')
    await world.press('wangmin', '同意')
    expect(await cases.status(caseId)).toBe('已通过')
    expect(world.lastText('yangfan')).toContain('长安一期')
  })

  test('a budget of exactly a million does not go to the 副总', async () => {
    const { caseId } = await cases.submit('zhang3', 'projectInitiation', { title: '长安二期', amountMinor: '100万' })
    for (const user of ['liuqiang', 'zhoujianguo', 'lijing']) await world.press(user, '同意')
    expect(await cases.status(caseId)).toBe('已通过')
  })
})

describe('资源申请', () => {
  test('only the kinds that were asked for are worked on, side by side', async () => {
    const form = { title: '联调环境', needsPeople: '是', needsEquipment: '否', amountMinor: '5000' }
    const { caseId } = await cases.submit('zhang3', 'resourceRequest', form)
    await world.press('liuqiang', '同意')
    expect(await cases.waiting(caseId)).toEqual(['安排人员:刘强', '财务审批:李静'])
    await world.press('lijing', '同意')
    expect(await cases.status(caseId)).toBe('审批中')
    await world.press('liuqiang', '完成')
    expect(await cases.status(caseId)).toBe('已通过')
  })

  test('with nothing to arrange it ends after the superior', async () => {
    const form = { title: '只报备', needsPeople: '否', needsEquipment: '否', amountMinor: '0' }
    const { caseId } = await cases.submit('zhang3', 'resourceRequest', form)
    await world.press('liuqiang', '同意')
    expect(await cases.status(caseId)).toBe('已通过')
  })
})

describe('项目申报', () => {
  test('提交 → 初审 → 专家评审 → 财务复核: all experts are heard, two thirds carry it, 财务 writes the amount', async () => {
    const form = { title: '智慧园区', programme: '市级专项', amountMinor: '50万', dueAt: '2026-12-31' }
    const { caseId } = await cases.submit('zhang3', 'projectApplication', form)
    await world.press('sunli', '同意')
    const [experts = ''] = await cases.waiting(caseId)
    for (const name of ['黄蓉', '杨帆', '王五']) expect(experts).toContain(name)
    for (const user of ['huangrong', 'yangfan']) await world.press(user, '同意')
    expect(await cases.waiting(caseId)).toEqual(['专家评审:王五'])
    await cases.act('wang5', 'decide', { caseId, decision: 'reject', comment: '预算偏高' })
    expect(await cases.waiting(caseId)).toEqual(['财务复核:李静'])
    expect(labels('lijing')).toEqual(['同意', '拒绝', '详情'])
    await cases.act('lijing', 'decide', { caseId, decision: 'approve', edits: { approvedMinor: '45万' } })
    expect(await cases.status(caseId)).toBe('已通过')
    expect(await steps('zhang3', caseId)).toEqual(['提交材料 提交', '初审 同意', '专家评审 同意', '财务复核 同意'])
  })

  test('an incomplete file goes back to the submitter with the reason', async () => {
    const form = { title: '缺材料', programme: '区级', amountMinor: '10万' }
    const { caseId, number } = await cases.submit('zhang3', 'projectApplication', form)
    await world.say('sunli', `拒绝 ${number} 缺营业执照`)
    expect(await cases.waiting(caseId)).toEqual(['提交材料:张三'])
    await world.say('zhang3', `重新提交 ${number}`)
    expect(await cases.waiting(caseId)).toEqual(['初审:孙丽'])
    await world.say('zhang3', `撤回 ${number}`)
    expect(await cases.status(caseId)).toBe('已撤回')
  })
})

describe('投诉处理', () => {
  test.each([
    ['产品质量', '技术支持处理:吴磊', 'u1031'],
    ['服务态度', '客服经理处理:马超', 'machao'],
    ['其他', '客服主管处理:赵敏', 'zhaomin'],
  ])('%s goes to %s after the supervisor', async (kind, waiting, handler) => {
    const { caseId } = await cases.submit('zhang3', 'complaint', { title: '网速慢', kind, isUrgent: true }, { customerId })
    await world.press('zhaomin', '同意')
    expect(await cases.waiting(caseId)).toEqual([waiting])
    await cases.act(handler, 'decide', { caseId, decision: 'approve', edits: { solution: '已处理' } })
    expect(await cases.status(caseId)).toBe('已通过')
    expect(world.lastText('liuqiang')).toContain('抄送给您')
  })

  test('the supervisor may put it under another kind', async () => {
    const { caseId } = await cases.submit('zhang3', 'complaint', { title: '态度差', kind: '产品质量' }, { customerId })
    await cases.act('zhaomin', 'decide', { caseId, decision: 'approve', edits: { kind: '服务态度' } })
    expect(await cases.waiting(caseId)).toEqual(['客服经理处理:马超'])
  })
})

describe('VIP 例外申请', () => {
  test('begun from the chat by one word of its name; above 50,000.00 the 副总 decides, 财务 is told', async () => {
    // The stories before have told this person as much as a minute takes.
    await world.advance(60_000)
    await world.say('zhang3', '发起 vip例外申请 长安')
    for (const words of ['免三个月月租', '6万', '战略客户']) await world.say('zhang3', words)
    await world.press('zhang3', '确认')
    const request = await world.service.services.models.requests.model.findOne({ title: '免三个月月租' }).lean()
    await world.press('liuqiang', '同意')
    expect(await cases.waiting(request?.caseId ?? '')).toEqual(['副总审批:王敏'])
    await world.press('wangmin', '同意')
    expect(await cases.status(request?.caseId ?? '')).toBe('已通过')
    expect(world.lastText('lijing')).toContain('免三个月月租')
  })
})

describe('跨部门定制方案', () => {
  test('销售 ∥ 技术 ∥ 财务 work at the same time; when all are through the superior two levels up decides on the whole', async () => {
    const { caseId } = await cases.submit('zhang3', 'customSolution', { title: '定制组网', need: '专线加云' }, { customerId })
    expect(await cases.waiting(caseId)).toEqual(['商务条款:刘强', '技术支持方案:陈涛', '财务结算:李静'])
    const edits = { u1030: { support: '驻场' }, lijing: { amountMinor: '88万' }, liuqiang: { terms: '三年期' } }
    for (const [user, changed] of Object.entries(edits)) {
      await cases.act(user, 'decide', { caseId, decision: 'approve', edits: changed })
    }
    expect(await cases.waiting(caseId)).toEqual(['整体审批:周建国'])
    expect(shown('zhoujianguo')).toContain('880,000.00')
    await world.press('zhoujianguo', '同意')
    expect(await cases.status(caseId)).toBe('已通过')
    expect((await cases.detail('zhang3', caseId)).handOffs).toBe(4)
  })
})

describe('a form', () => {
  test('what is missing or mistyped is told field by field, and nothing is written', async () => {
    const browser = await cases.browser('zhang3')
    const before = await world.service.services.models.requests.model.countDocuments()
    const missing = await browser.command<{ error: { code: string; fields: Record<string, string> } }>('requests.submit', {
      key: 'projectInitiation',
      form: { title: '缺预算' },
    })
    expect([missing.status, missing.body.error.code, missing.body.error.fields]).toEqual([
      400,
      'approval.field_required',
      { amountMinor: '请填写项目预算' },
    ])
    const wrong = await browser.command<{ error: { code: string; fields: Record<string, string> } }>('requests.submit', {
      key: 'projectInitiation',
      form: { title: 'x', amountMinor: '1e9', startAt: '2026-02-30', managerId: 'nobody', unknown: 1 },
    })
    expect(wrong.status).toBe(400)
    expect(await world.service.services.models.requests.model.countDocuments()).toBe(before)
  })

  test('谁会审批 is shown before submitting, branch by branch', async () => {
    const browser = await cases.browser('zhang3')
    const route = await browser.query<{ steps: { name: string; people: { name: string }[]; branches: { name: string }[] }[] }>(
      'requests.route',
      { key: 'customSolution', form: { title: 'a', need: 'b' }, customerId },
    )
    expect(route.body.steps.map(step => [step.name, step.people[0]?.name, step.branches[0]?.name])).toEqual([
      ['商务条款', '刘强', '销售'],
      ['技术支持方案', '陈涛', '技术'],
      ['财务结算', '李静', '财务'],
      ['整体审批', '周建国', undefined],
    ])
  })
})

describe('every process that the product comes with, from the chat', () => {
  // What the stories above left waiting for the minute's limit would come in between.
  beforeAll(async () => {
    const { outbox, cards } = world.service.services.models
    while ((await outbox.countQueued()) + (await cards.countDue()) > 0) await world.advance(2 * 60_000)
    await world.advance(2 * 60_000)
  })

  test.each([
    ['项目报备 长安', ['报备一', '80万'], 'BB'],
    ['商机评估 长安', ['评估一', '80万', '双线'], 'SJ'],
    ['技术方案 长安', ['方案一', '双活'], 'FA'],
    ['项目立项', ['立项一', '120万'], 'LX'],
    ['资源申请', ['资源一', '是', '否', '0'], 'ZY'],
    ['项目申报', ['申报一', '市级', '30万'], 'SB'],
    ['投诉处理 长安', ['投诉一', '产品质量'], 'TS'],
    ['VIP 例外申请 长安', ['例外一', '2万', '战略客户'], 'VIP'],
    ['跨部门定制方案 长安', ['定制一', '专线加云'], 'DZ'],
    ['项目全流程 长安', ['全程一', '80万', '双线', '张三'], 'QC'],
  ])('%s: answered question by question, shown, submitted by 确认, withdrawn', async (name, answers, prefix) => {
    await world.advance(60_000)
    await world.say('zhang3', `发起 ${name}`)
    for (const words of answers) await world.say('zhang3', words)
    expect(labels('zhang3')).toEqual(['确认', '修改', '取消'])
    await world.say('zhang3', '是')
    const [number] = /[A-Z]+-\d{4}-\d+/.exec(world.lastText('zhang3')) ?? []
    expect(number?.split('-')[0]).toBe(prefix)
    await world.say('zhang3', `撤回 ${number}`)
    expect(world.lastText('zhang3')).toContain(`已撤回 ${number}`)
  })

  test('是 and 否 answer a question that asks so; 取消 still drops the whole', async () => {
    await world.advance(60_000)
    await world.say('zhang3', '发起 资源申请')
    await world.say('zhang3', '要设备')
    expect(world.lastText('zhang3')).toContain('需要人员吗')
    await world.say('zhang3', '确认')
    expect(world.lastText('zhang3')).toContain('需要人员')
    await world.say('zhang3', '否')
    expect(world.lastText('zhang3')).toContain('需要设备吗')
    await world.say('zhang3', '取消')
    expect(world.lastText('zhang3')).toContain('已取消')
  })
})
