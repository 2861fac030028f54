import type { CompanySeed, WeComEmulator } from '../../emulator/index.ts'
import { startWorld, type World } from '../support/world.ts'
import { percentile, round } from './numbers.ts'
import type { Row } from './report.ts'

const MANY = 32
const CLICKS_ALONE = 60
const ROUNDS_TOGETHER = 6
const WARM_UP = 10
const LIMIT_MS = 20_000

const user = (index: number): string => `sales${index}`

const company: CompanySeed = {
  name: '压测公司',
  departments: [{ id: 1, name: '压测公司', parentId: 0 }],
  people: Array.from({ length: MANY }, (_, index) => ({
    wecomUserId: user(index),
    name: `销售${index}`,
    mobile: String(13900010000 + index),
    title: '客户经理',
    departmentId: 1,
  })),
}

/** Resolves at the moment the platform has taken a repaint of this person's card. */
function repaints(wecom: WeComEmulator): (userId: string) => Promise<number> {
  const waiting = new Map<string, (at: number) => void>()
  let seen = wecom.calls.length
  wecom.onChange(() => {
    for (; seen < wecom.calls.length; seen += 1) {
      const call = wecom.calls[seen]
      if (call?.path !== '/cgi-bin/message/update_template_card' || (call.reply as { errcode?: number }).errcode) continue
      for (const userId of (call.body as { userids?: string[] }).userids ?? []) waiting.get(userId)?.(performance.now())
    }
  })
  return userId =>
    new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`the card of ${userId} was not repainted`)), LIMIT_MS)
      waiting.set(userId, at => {
        clearTimeout(limit)
        resolve(at)
      })
    })
}

/** 确认 on a lead's card: a transaction of a dozen writes, then the card says so. From the click to the repaint, in milliseconds. */
async function click(world: World, userId: string, repainted: (userId: string) => Promise<number>): Promise<number> {
  const painted = repainted(userId)
  const { taskId, buttons } = world.lastCard(userId)
  const confirm = buttons.find(button => button.text === '确认')?.key ?? ''
  const startedAt = performance.now()
  await world.wecom.userClicksCard(userId, taskId, confirm)
  return (await painted) - startedAt
}

/** From button click received to card update sent: emulator, service and their HTTP in one process, the embedded store in its own. */
export async function benchClicks(): Promise<Row[]> {
  const world = await startWorld({ company })
  const repainted = repaints(world.wecom)
  let serial = 0
  const prepare = async (userId: string): Promise<void> => {
    serial += 1
    await world.wecom.userSendsText(
      userId,
      `新建线索 重庆压测${serial}号公司 张伟 1380002${String(serial).padStart(4, '0')} 专线 预算80万`,
    )
  }
  try {
    const alone: number[] = []
    for (let turn = 0; turn < WARM_UP + CLICKS_ALONE; turn += 1) {
      // Few messages a minute for each person, or the platform drops them silently.
      const userId = user(turn % MANY)
      await prepare(userId)
      await world.settle()
      const tookMs = await click(world, userId, repainted)
      if (turn >= WARM_UP) alone.push(tookMs)
      await world.settle()
    }
    const together: number[] = []
    for (let turn = 0; turn < ROUNDS_TOGETHER; turn += 1) {
      const users = Array.from({ length: MANY }, (_, index) => user(index))
      await Promise.all(users.map(prepare))
      await world.settle()
      together.push(...(await Promise.all(users.map(userId => click(world, userId, repainted)))))
      await world.settle()
    }
    const line = (values: readonly number[]): string =>
      `p50 ${round(percentile(values, 0.5))} ms, p99 ${round(percentile(values, 0.99))} ms (${values.length} clicks)`
    return [
      { what: 'click → card repainted, 1 person', value: line(alone) },
      { what: `click → card repainted, ${MANY} people at the same moment`, value: line(together) },
    ]
  } finally {
    await world.close()
  }
}
