import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Cases, openCases } from '../support/cases.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let cases: Cases

/** Given the sample company; 孙丽 does 法务 and 赵敏 客服. 张三 leads the project himself. */
beforeAll(async () => {
  world = await startWorld()
  cases = openCases(world)
  await world.say('zhang3', '新建线索 重庆长安汽车 张伟 13812345678')
  await world.press('zhang3', '确认')
  await cases.roles({ 孙丽: ['法务'], 赵敏: ['客服'] })
})
afterAll(() => world.close())

const models = () => world.service.services.models

/** The part of the whole that runs now, as a case of its own. */
async function partOf(caseId: string): Promise<{ caseId: string; number: string }> {
  const { path } = await cases.detail('zhang3', caseId)
  const part = path.find(step => step.state === 'now')?.childCaseId ?? ''
  const head = await models().cases.byId(part)
  if (!head) throw new Error('no part of the whole runs now')
  return { caseId: part, number: head.number }
}

const fill = (userId: string, caseId: string, edits: Record<string, unknown>) =>
  cases.act(userId, 'decide', { caseId, decision: 'approve', edits })

test('from 项目报备 to 回款 in twelve stages: each passes the work and what was found on to the next by itself', async () => {
  await world.say('zhang3', '发起 项目全流程 长安')
  for (const words of ['长安专线扩容', '80万', '双线接入', '张三']) await world.say('zhang3', words)
  await world.press('zhang3', '确认')
  const request = await models().requests.model.findOne({ title: '长安专线扩容', kind: '项目全流程' }).lean()
  const whole = request?.caseId ?? ''
  const number = request?.number ?? ''

  const filing = await partOf(whole)
  expect(filing.number).toMatch(/^BB-/)
  await world.say('liuqiang', `同意 ${filing.number}`)

  const review = await partOf(whole)
  await fill('u1030', review.caseId, { feasible: true })
  await fill('lijing', review.caseId, { marginPercent: '32' })
  for (const user of ['liuqiang', 'u1030']) await world.say(user, `同意 ${review.number}`)

  const solution = await partOf(whole)
  await fill('u1030', solution.caseId, { solution: '两台核心,双路由' })
  for (const user of ['liuqiang', 'u1030']) await world.say(user, `同意 ${solution.number}`)

  expect(await cases.waiting(whole)).toEqual(['合同拟定:张三'])
  await world.advance(60_000)
  await fill('zhang3', whole, { type: '专线', contractMinor: '62万' })
  expect(await cases.waiting(whole)).toEqual(['法务审核:孙丽'])
  await world.press('sunli', '同意')

  const contract = await partOf(whole)
  expect(contract.number).toMatch(/^HT-/)
  await world.advance(60_000)
  for (const user of ['liuqiang', 'u1030', 'lijing', 'wangmin']) await world.say(user, `同意 ${contract.number}`)
  expect(await models().contracts.byCase(contract.caseId)).toMatchObject({ status: '已通过', amountMinor: 62_000_000 })

  await world.advance(60_000)
  await fill('u1030', whole, { survey: '管道可用' })
  await fill('zhang3', whole, { startAt: '明天' })
  expect(await cases.waiting(whole)).toEqual(['设备部署:陈涛'])
  await world.say('u1030', `完成 ${number} 两端设备已上架`)
  await world.advance(60_000)
  await fill('zhang3', whole, { acceptedAt: '今天' })
  await world.press('zhaomin', '完成')
  await fill('lijing', whole, { paidMinor: '62万' })

  expect(await cases.status(whole)).toBe('已通过')
  const { path } = await cases.detail('zhang3', whole)
  expect(path.slice(1).map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
    '项目报备 完成',
    '商机评估 完成',
    '技术方案设计与审批 完成',
    '合同拟定 完成',
    '法务审核 同意',
    '合同多级审批 完成',
    '资源勘察 完成',
    '工程调度 完成',
    '设备部署 完成',
    '验收 完成',
    '售后交接 完成',
    '回款 完成',
  ])
})
