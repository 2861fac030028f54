import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type World, startWorld } from '../support/world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const LEAD = '新建线索 重庆长安汽车 张伟 13812345678 专线 预算80万'
const facts = (userId: string) => Object.fromEntries(world.lastCard(userId).facts.map(({ label, value }) => [label, value]))
const labels = (userId: string) => world.lastCard(userId).buttons.map(button => button.text)

describe('新建线索 by chat', () => {
  test('the card shows exactly what will be written, and 确认 writes it once', async () => {
    await world.say('zhang3', LEAD)
    expect(facts('zhang3')).toEqual({
      公司: '重庆长安汽车',
      联系人: '张伟',
      电话: '13812345678',
      需求: '专线',
      预算: '800,000.00 元',
    })
    expect(labels('zhang3')).toEqual(['确认', '修改', '取消'])
    expect(await world.service.services.models.leads.model.countDocuments()).toBe(0)

    await world.press('zhang3', '确认')
    const leads = await world.service.services.models.leads.model.find().lean()
    expect(leads).toHaveLength(1)
    expect(leads[0]).toMatchObject({ company: '重庆长安汽车', contact: '张伟', phone: '13812345678', budgetMinor: 80_000_000 })
    const closed = JSON.stringify(world.lastCard('zhang3'))
    expect(closed).toContain(leads[0]?.number)
    expect(world.lastCard('zhang3').buttons.filter(button => button.key && button.enabled)).toEqual([])
  })
})
