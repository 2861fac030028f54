import { startWorld } from '/work/main/tests/support/world.ts'
import { seedSampleData } from '/work/main/bot/demo/seed.ts'
const world = await startWorld()
const t = performance.now()
await seedSampleData(world.service.services)
console.log('seed ms', performance.now() - t)
await world.settle()
const m = world.service.services.models
for (const [n, c] of Object.entries(m)) if ((c as any)?.model?.countDocuments) console.log(n, await (c as any).model.countDocuments())
console.log(await m.cases.model.aggregate([{ $group: { _id: { s: '$status', n: '$nodeName' }, c: { $sum: 1 } } }]))
for (const u of ['liuqiang','zhaomin','wangmin','lijing','u1030','u1010','zhang3']) console.log(u, world.cards(u).length, world.texts(u).length)
await world.say('liuqiang', '我的审批'); console.log(world.lastText('liuqiang'))
await world.say('zhang3', '查 长安汽车'); console.log(world.lastCard('zhang3').facts)
await world.say('zhang3', '待办'); console.log(world.lastText('zhang3'))
const t2 = performance.now(); await seedSampleData(world.service.services); console.log('again', performance.now() - t2)
await world.close()
