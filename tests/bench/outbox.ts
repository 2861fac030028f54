import { sampleWeComApp } from '../../emulator/index.ts'
import { startWorld } from '../support/world.ts'
import type { Row } from './report.ts'

const PEOPLE = 200
const MESSAGES = 4_000

const person = (n: number) => ({
  wecomUserId: `b${n}`,
  name: `同事${n}`,
  mobile: `1380000${String(n).padStart(4, '0')}`,
  title: '职员',
  departmentId: 2,
})

/** How fast a backlog of texts leaves: queue, budget, platform call and ledger, each durable. */
export async function benchOutbox(): Promise<Row[]> {
  const company = {
    name: '压测公司',
    departments: [{ id: 2, name: '销售部', parentId: 1 }],
    people: [...Array(PEOPLE).keys()].map(person),
  }
  const world = await startWorld({ company })
  const { models } = world.service.services
  const people = (await models.people.everybody()).map(({ _id }) => _id)
  const put = (from: number, count: number) =>
    models.outbox.put(
      [...Array(count).keys()].map(n => ({
        _id: `bench-${from + n}`,
        to: { personId: people[n % people.length] ?? '' },
        text: `第 ${from + n} 条`,
        urgency: 'urgent' as const,
      })),
      new Date(world.service.services.clock.now()),
    )
  await put(0, PEOPLE)
  await world.settle()
  await put(PEOPLE, MESSAGES)
  const beganMs = performance.now()
  await world.settle()
  const tookMs = performance.now() - beganMs
  const sent = await models.outbox.model.countDocuments({ status: 'sent', platform: 'wecom' })
  await world.close()
  return [
    { name: `outbox, ${sampleWeComApp.corpId}`, value: `${Math.round(((sent - PEOPLE) / tookMs) * 1000)} sends/s` },
  ] as unknown as Row[]
}
