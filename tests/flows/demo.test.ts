import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { seedSampleData } from '../../bot/demo/seed.ts'
import { sampleCompany } from '../../emulator/index.ts'
import { approvalDecide } from '../../handlers/approvals/index.ts'
import { execute } from '../../handlers/kernel/execute.ts'
import type { Services } from '../../handlers/kernel/services.ts'
import { startWorld, type World } from '../support/world.ts'

const COUNTED = [
  'customers',
  'contacts',
  'leads',
  'activities',
  'contracts',
  'cases',
  'steps',
  'projects',
  'todos',
  'shares',
  'timeline',
  'commandLog',
] as const

async function counts({ models }: Services): Promise<Record<string, number>> {
  const rows = await Promise.all(
    COUNTED.map(
      async name => [name, await (models[name].model as { countDocuments(): PromiseLike<number> }).countDocuments()] as const,
    ),
  )
  return Object.fromEntries(rows)
}

describe('sample data', () => {
  let world: World
  beforeAll(async () => {
    world = await startWorld()
    await seedSampleData(world.service.services)
    await world.settle()
  })
  afterAll(() => world.close())

  test('a business of 30 customers, 60 leads and 40 contracts, in every state of approval', async () => {
    const { models } = world.service.services
    expect(await counts(world.service.services)).toMatchObject({ customers: 30, leads: 60, contracts: 40, cases: 40 })
    const states = await models.contracts.model.distinct('status')
    expect(states.sort()).toEqual(['审批中', '已拒绝', '已撤回', '已通过'].sort())
    expect(await models.projects.model.countDocuments({ 'steps.doneAt': { $ne: null } })).toBeGreaterThan(10)
  })

  test('nothing lies in the future, and nothing is left to be followed', async () => {
    const { models, clock } = world.service.services
    const future = { $gt: new Date(clock.now()) }
    expect(await models.timeline.model.countDocuments({ at: future })).toBe(0)
    expect(await models.commandLog.model.countDocuments({ at: future })).toBe(0)
    expect(await models.steps.model.countDocuments({ pending: true })).toBe(0)
  })

  test('no message is sent; four fresh approvals arrive as cards, one for each kind of approver', async () => {
    expect(await world.service.services.models.outbox.model.countDocuments({})).toBe(0)
    const cards = Object.fromEntries(
      ['liuqiang', 'u1030', 'lijing', 'wangmin', 'zhang3', 'zhaomin'].map(user => [user, world.cards(user).length]),
    )
    expect(cards).toEqual({ liuqiang: 1, u1030: 1, lijing: 1, wangmin: 1, zhang3: 0, zhaomin: 0 })
    expect(world.lastCard('liuqiang').buttons.map(button => button.text)).toEqual(['同意', '拒绝', '详情'])
  })

  test('who approves finds what waits, on either platform, and decides it by words', async () => {
    const waiting = await world.service.services.models.cases.model.find({ nodeName: '技术审批', status: 'running' }).lean()
    const old = waiting.find(row => row.title === '仓库视频监控')
    await world.say('u1030', `同意 ${old?.number}`)
    expect(await world.service.services.models.cases.byId(old?._id ?? '')).toMatchObject({ nodeName: '财务审批' })
  })

  test('every waiting approval can be decided to its end', async () => {
    const { services } = world.service
    const running = () => services.models.cases.model.find({ status: 'running' }).lean()
    for (let rows = await running(), round = 0; rows.length > 0; rows = await running(), round += 1) {
      expect(round).toBeLessThan(5)
      const organisation = await services.organisation.current()
      for (const row of rows) {
        await execute(
          services,
          approvalDecide,
          { caseId: row._id, decision: 'approve' },
          {
            actor: organisation.viewer(row.waitingIds[0] ?? ''),
            commandId: `test:${row._id}:${row.revision}`,
            via: 'h5',
            surface: 'h5',
          },
        )
      }
    }
    await world.settle()
    expect(await services.models.contracts.model.countDocuments({ status: '审批中' })).toBe(0)
  })

  test('numbers go on after those of the sample', async () => {
    await world.say('zhang3', '新建线索 重庆新来的客户 赵晨 13700001234')
    await world.press('zhang3', '确认')
    expect(JSON.stringify(world.lastCard('zhang3'))).toMatch(/XS-\d{4}-00\d\d/)
    const newest = await world.service.services.models.leads.model.findOne({ company: '重庆新来的客户' }).lean()
    const others = await world.service.services.models.leads.model.distinct('number')
    expect(
      others
        .filter(number => number.slice(0, 7) === newest?.number.slice(0, 7))
        .sort()
        .at(-1),
    ).toBe(newest?.number)
  })

  test('a second start adds nothing', async () => {
    const before = await counts(world.service.services)
    await world.restart()
    await seedSampleData(world.service.services)
    expect(await counts(world.service.services)).toEqual(before)
  })
})

test('who is missing from the contacts is left out, and a start cut short goes on where it was', async () => {
  const people = sampleCompany.people.filter(person => person.wecomUserId !== 'machao')
  const world = await startWorld({ company: { ...sampleCompany, people } })
  try {
    const { services } = world.service
    let left = 150
    const failing: Services = {
      ...services,
      models: {
        ...services.models,
        timeline: {
          ...services.models.timeline,
          async add(entry, options) {
            left -= 1
            if (left < 0) throw new Error('the power went away')
            await services.models.timeline.add(entry, options)
          },
        },
      },
    }
    await expect(seedSampleData(failing)).rejects.toThrow('the power went away')
    await seedSampleData(services)
    await world.settle()
    expect(await counts(services)).toMatchObject({ customers: 26, leads: 52, contracts: 35, cases: 35 })
    expect(await services.models.contracts.model.countDocuments({ status: '已通过' })).toBe(21)
    expect(await services.models.outbox.model.countDocuments({})).toBe(0)
  } finally {
    await world.close()
  }
})
