import { expect, test } from '@jest/globals'
import { followPending } from '../../handlers/approvals/index.ts'
import { ask, execute } from '../../handlers/kernel/execute.ts'
import { deadLetters, replayWork } from '../../handlers/work/index.ts'
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

test('a step that cannot be followed is shown to an admin after twenty attempts, and followed when that was mended', async () => {
  const world = await startWorld({ env: { ADMIN_USERS: 'wecom:wangmin' } })
  try {
    const { services } = world.service
    const { models, clock } = services
    await world.say('zhang3', '新建线索 重庆长安汽车 张伟 13812345678')
    await world.press('zhang3', '确认')
    await world.say('zhang3', '提交合同 长安 专线扩容 其他 1万')
    await world.press('zhang3', '确认')
    const step = await models.steps.model.findOne().lean()
    const versionIs = (version: number, more = {}) =>
      models.steps.model.updateOne({ _id: step?._id }, { $set: { 'after.definition.version': version, ...more } })
    await versionIs(99, { pending: true })
    const soon = () => followPending(services, new Date(clock.now()))
    for (let times = 0; times < 20; times += 1) expect(await soon()).toBe(1)
    expect(await soon()).toBe(0)

    const [wang] = await models.people.byName('王敏')
    const actor = (await services.organisation.current()).viewer(wang?._id ?? '')
    const letters = () => ask(services, deadLetters, {}, actor, 'admin')
    expect((await letters()).items).toMatchObject([
      { id: step?._id, kind: 'step', attempts: 20, error: { code: expect.any(String) } },
    ])
    expect(await (await fetch(`${world.service.url}/metrics`)).text()).toContain('kelian_dead_letters{queue="approvals"} 1')

    await versionIs(1)
    const call = { actor, commandId: 'again', via: 'h5', surface: 'admin' as const }
    await execute(services, replayWork, { id: step?._id ?? '', kind: 'step' }, call)
    expect(await soon()).toBe(1)
    expect((await letters()).items).toEqual([])
    expect(await models.steps.model.countDocuments({ pending: true })).toBe(0)
  } finally {
    await world.close()
  }
}, 60_000)
