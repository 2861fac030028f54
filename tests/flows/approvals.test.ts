import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startWorld, type World } from '../support/world.ts'

let world: World
let serial = 0

beforeAll(async () => {
  world = await startWorld()
  await world.say('zhang3', '新建线索 重庆长安汽车 张伟 13812345678')
  await world.press('zhang3', '确认')
})
afterAll(() => world.close())

const models = () => world.service.services.models
const live = (userId: string) =>
  world
    .lastCard(userId)
    .buttons.filter(button => button.enabled)
    .map(button => button.text)
const closed = (userId: string) => world.lastCard(userId).buttons.every(button => !button.key || !button.enabled)
const shown = (userId: string) => JSON.stringify(world.lastCard(userId))

/** 张三 submits a contract from the chat; its number. */
async function submit(type: string, amount: string): Promise<{ number: string; caseId: string }> {
  serial += 1
  // WeCom takes 30 messages a minute to one person.
  await world.advance(60_000)
  await world.say('zhang3', `提交合同 长安 第${serial}号合同 ${type} ${amount}`)
  await world.press('zhang3', '确认')
  const contract = await models()
    .contracts.model.findOne({ title: `第${serial}号合同` })
    .lean()
  if (!contract) throw new Error(`nothing was submitted; ${world.lastText('zhang3')}`)
  return { number: contract.number, caseId: contract.caseId }
}

const status = async (caseId: string) => (await models().contracts.byCase(caseId))?.status

describe('提交合同 by chat', () => {
  test('shows what will be written and who will approve, and waits for 确认', async () => {
    await world.say('zhang3', '提交合同 长安汽车 专线扩容 专线 62万')
    expect(shown('zhang3')).toContain('620,000.00')
    expect(shown('zhang3')).toContain('直属上级 → 技术 → 财务 → 副总')
    expect(await models().contracts.model.countDocuments()).toBe(0)
    await world.press('zhang3', '取消')
  })
})

describe('the route by type and amount', () => {
  test.each([
    ['专线', '500,000.00', ['刘强', '陈涛', '李静']],
    ['专线', '500,000.01', ['刘强', '陈涛', '李静', '王敏']],
    ['集成', '50万', ['刘强', '陈涛', '李静']],
    ['其他', '500000.01', ['刘强', '李静', '王敏']],
    ['其他', '10000', ['刘强', '李静']],
  ])('%s %s goes to %j', async (type, amount, names) => {
    const { caseId } = await submit(type, amount)
    const accounts: Record<string, string> = { 刘强: 'liuqiang', 陈涛: 'u1030', 李静: 'lijing', 王敏: 'wangmin' }
    for (const name of names) {
      const userId = accounts[name] ?? ''
      expect(live(userId)).toEqual(['同意', '拒绝', '详情'])
      await world.press(userId, '同意')
      expect(closed(userId)).toBe(true)
      expect(shown(userId)).toContain(`已同意 · ${name}`)
    }
    expect(await status(caseId)).toBe('已通过')
    const head = await models().cases.byId(caseId)
    expect(head?.decidedByIds).toHaveLength(names.length)
  })

  test('the approver is told why it came to them', async () => {
    const { caseId } = await submit('其他', '62万')
    await world.press('liuqiang', '同意')
    await world.press('lijing', '同意')
    expect(shown('wangmin')).toContain('金额 620,000.00 > 500,000.00 → 副总')
    await world.press('wangmin', '同意')
    expect(await status(caseId)).toBe('已通过')
  })

  test('an approved contract gets its project steps, and the submitter hears each outcome', async () => {
    const { caseId, number } = await submit('专线', '1万')
    await world.press('liuqiang', '同意')
    expect(world.lastText('zhang3')).toContain(`${number}`)
    expect(world.lastText('zhang3')).toContain('刘强 已同意')
    expect(world.lastText('zhang3')).toContain('技术审批(陈涛)')
    await world.press('u1030', '同意')
    await world.press('lijing', '同意')
    expect(world.lastText('zhang3')).toContain('审批已全部通过')
    const contract = await models().contracts.byCase(caseId)
    const [project] = await models().projects.ofContracts([contract?._id ?? ''])
    expect(project?.steps.map(step => step.name)).toEqual(['资源勘察', '设备采购', '线路施工', '设备调测', '开通验收'])
  })
})

describe('decisions', () => {
  test('拒绝 by word needs a reason; with one it ends the case and the submitter hears it', async () => {
    const { caseId, number } = await submit('其他', '2万')
    await world.say('liuqiang', `拒绝 ${number}`)
    expect(world.lastText('liuqiang')).toContain('理由')
    expect(await status(caseId)).toBe('审批中')
    await world.say('liuqiang', `拒绝 ${number} 价格太低`)
    expect(await status(caseId)).toBe('已拒绝')
    expect(world.lastText('zhang3')).toContain('价格太低')
    expect(shown('liuqiang')).toContain('已拒绝 · 刘强')
    expect(closed('liuqiang')).toBe(true)
  })

  test('同意 by word acts at once on the only waiting case', async () => {
    const { caseId } = await submit('其他', '3万')
    await world.say('liuqiang', '同意')
    expect(world.lastText('liuqiang')).toContain('已同意')
    expect(closed('liuqiang')).toBe(true)
    await world.say('lijing', '我的审批')
    await world.say('lijing', '同意 1')
    expect(await status(caseId)).toBe('已通过')
  })

  test('with several candidates and no 编号 the bot asks which', async () => {
    const first = await submit('其他', '1万')
    const second = await submit('其他', '2万')
    await world.say('liuqiang', '同意')
    expect(world.lastText('liuqiang')).toContain(first.number)
    expect(world.lastText('liuqiang')).toContain(second.number)
    expect(await models().cases.countWaiting((await models().people.byName('刘强'))[0]?._id ?? '')).toBe(2)
    await world.say('liuqiang', `同意 ${first.number.toLowerCase()}`)
    await world.say('liuqiang', '拒绝 不再需要')
    expect(await status(second.caseId)).toBe('已拒绝')
    await world.say('lijing', '同意')
    expect(await status(first.caseId)).toBe('已通过')
  })

  test('someone who may not decide is refused and nothing changes', async () => {
    const { caseId } = await submit('其他', '4万')
    const { taskId } = world.lastCard('liuqiang')
    await world.wecom.userClicksCardRaw('li4', taskId, 'approve')
    await world.settle()
    expect(world.lastText('li4')).toContain('approval.not_assignee')
    expect(world.lastText('li4')).not.toContain('第')
    expect((await models().cases.byId(caseId))?.revision).toBe(1)
    await world.press('liuqiang', '同意')
    await world.press('lijing', '同意')
  })

  test('转交: the new person gets the card, the old card says so, and the old person is refused', async () => {
    const { caseId, number } = await submit('其他', '5万')
    const old = world.lastCard('liuqiang')
    await world.say('liuqiang', `转交 ${number} 周建国`)
    expect(shown('liuqiang')).toContain('已转交')
    expect(live('zhoujianguo')).toEqual(['同意', '拒绝', '详情'])
    await world.wecom.userClicksCardRaw('liuqiang', old.taskId, 'approve')
    await world.settle()
    expect(world.lastText('liuqiang')).toContain('approval.not_assignee')
    await world.press('zhoujianguo', '同意')
    await world.press('lijing', '同意')
    expect(await status(caseId)).toBe('已通过')
  })

  test('撤回 by the submitter closes the card of whoever was asked', async () => {
    const { caseId, number } = await submit('其他', '6万')
    await world.say('zhang3', `撤回 ${number}`)
    expect(await status(caseId)).toBe('已撤回')
    expect(shown('liuqiang')).toContain('已撤回')
    expect(closed('liuqiang')).toBe(true)
  })

  test('催一下 reminds once, then asks for patience', async () => {
    const { number } = await submit('其他', '7万')
    await world.say('zhang3', '催一下')
    expect(world.lastText('liuqiang')).toContain('催办')
    await world.say('zhang3', '催一下')
    expect(world.lastText('zhang3')).toContain('approval.urge_too_soon')
    await world.say('zhang3', `撤回 ${number}`)
  })

  test('a click on a decided card changes nothing and shows the committed state', async () => {
    const { caseId } = await submit('其他', '8万')
    const { taskId } = world.lastCard('liuqiang')
    await world.say('liuqiang', '同意')
    const { revision } = (await models().cases.byId(caseId)) ?? {}
    await world.wecom.userClicksCardRaw('liuqiang', taskId, 'approve')
    await world.settle()
    expect((await models().cases.byId(caseId))?.revision).toBe(revision)
    expect(world.lastText('liuqiang')).toContain('approval.already_decided')
    expect(world.lastText('liuqiang')).toContain('刘强')
    await world.press('lijing', '同意')
  })
})

describe('two at the same moment', () => {
  test('of two holders of a role one wins and the other sees the committed state', async () => {
    const people = await models().people.everybody()
    const second = people.find(person => person.name === '周建国')
    const first = people.find(person => person.name === '李静')
    for (const person of [first, second]) await models().people.assign(person?._id ?? '', { roles: ['财务'] })
    world.service.services.organisation.forget()
    const { caseId } = await submit('其他', '9万')
    await world.press('liuqiang', '同意')
    const cards = { lijing: world.lastCard('lijing'), zhoujianguo: world.lastCard('zhoujianguo') }
    await Promise.all([
      world.wecom.userClicksCard('lijing', cards.lijing.taskId, 'approve'),
      world.wecom.userClicksCard('zhoujianguo', cards.zhoujianguo.taskId, 'approve'),
    ])
    await world.settle()
    expect(await status(caseId)).toBe('已通过')
    expect(await models().steps.model.countDocuments({ caseId })).toBe(3)
    const winner = (await models().steps.latest(caseId))?.actorId === first?._id ? '李静' : '周建国'
    const loser = winner === '李静' ? 'zhoujianguo' : 'lijing'
    for (const user of ['lijing', 'zhoujianguo']) {
      expect(shown(user)).toContain(`已同意 · ${winner}`)
      expect(closed(user)).toBe(true)
    }
    expect(world.lastText(loser)).toContain('approval.already_decided')
    await models().people.assign(second?._id ?? '', { roles: [] })
  })
})

describe('on DingTalk', () => {
  test('a click is answered with the decided card itself', async () => {
    await submit('专线', '10万')
    await world.press('liuqiang', '同意')
    const card = world.lastCard('u1030')
    const puts = () => world.dingtalk.calls.filter(call => call.method === 'PUT' && call.path === '/v1.0/card/instances').length
    const before = puts()
    const push = await world.dingtalk.userClicksCard('u1030', card.taskId, 'approve')
    expect(JSON.stringify(push.response)).toContain('已同意')
    await world.settle()
    expect(closed('u1030')).toBe(true)
    expect(puts()).toBe(before)
    await world.press('lijing', '同意')
  })
})

describe('a card whose right to repaint ends', () => {
  test('is closed by the 70th hour and asked anew; the new card decides', async () => {
    // Otherwise an unanswered card comes up again sooner.
    await models().settings.set('notices', { remindAfterHours: 200 })
    const { caseId } = await submit('其他', '11万')
    const old = world.lastCard('liuqiang')
    await world.advance(69 * 3_600_000)
    expect(world.lastCard('liuqiang').taskId).toBe(old.taskId)
    await world.advance(2 * 3_600_000)
    const [before, renewed] = world.cards('liuqiang').slice(-2)
    expect(before?.buttons.some(button => button.key && button.enabled)).toBe(false)
    expect(renewed?.taskId).not.toBe(old.taskId)
    expect(live('liuqiang')).toEqual(['同意', '拒绝', '详情'])
    await world.press('liuqiang', '同意')
    await world.press('lijing', '同意')
    expect(await status(caseId)).toBe('已通过')
  })
})
