import { expect, test } from '@jest/globals'
import { followPending } from '../../handlers/approvals/index.ts'
import { startWorld } from '../support/world.ts'

test('steps that a crash left unmarked are followed again, also out of order, and nothing changes', async () => {
  const world = await startWorld()
  try {
    await world.say('zhang3', '新建线索 重庆长安汽车 张伟 13812345678')
    await world.press('zhang3', '确认')
    await world.say('zhang3', '提交合同 长安 专线扩容 其他 1万')
    await world.press('zhang3', '确认')
    await world.press('liuqiang', '同意')
    const { models, clock } = world.service.services
    const rows = async () => ({
      heads: await models.cases.model.find().lean(),
      contracts: await models.contracts.model.find().lean(),
      todos: await models.todos.model.find({}, { board: 0 }).sort({ _id: 1 }).lean(),
      timers: await models.timers.model.find().sort({ _id: 1 }).lean(),
      cards: (await models.cards.model.find({}, { _id: 1 }).sort({ _id: 1 }).lean()).map(({ _id }) => _id),
      messages: (await models.outbox.model.find({}, { _id: 1 }).sort({ _id: 1 }).lean()).map(({ _id }) => _id),
    })
    const before = await rows()
    const steps = await models.steps.model.find().sort({ revision: 1 }).lean()
    expect(steps).toHaveLength(2)
    for (const ids of [steps.map(({ _id }) => _id), [steps[0]?._id ?? '']]) {
      await models.steps.model.updateMany({ _id: { $in: ids } }, { $set: { pending: true } })
      expect(await followPending(world.service.services, new Date(clock.now()))).toBe(ids.length)
      expect(await models.steps.model.countDocuments({ pending: true })).toBe(0)
      expect(await rows()).toEqual(before)
    }
  } finally {
    await world.close()
  }
}, 60_000)
