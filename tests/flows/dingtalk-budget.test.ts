import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type CompanySeed, sampleCompany } from '../../emulator/index.ts'
import { connected } from '../support/dingtalk.ts'
import { startWorld, type World } from '../support/world.ts'

const onDingTalk = sampleCompany.people.map((person, index) => ({
  ...person,
  dingtalkUserId: person.dingtalkUserId ?? `u20${String(index).padStart(2, '0')}`,
}))
const idThere = (id: string | undefined): string | undefined =>
  onDingTalk.find(({ wecomUserId, dingtalkUserId }) => wecomUserId === id || dingtalkUserId === id)?.dingtalkUserId

/** The sample company with everybody on DingTalk and nobody on WeCom. */
const company: CompanySeed = {
  name: sampleCompany.name,
  departments: sampleCompany.departments.map(department => ({
    ...department,
    leaderUserIds: [...new Set((department.leaderUserIds ?? []).flatMap(id => idThere(id) ?? []))],
  })),
  people: onDingTalk.map(({ wecomUserId: _, directLeader, ...person }) => {
    const leader = idThere(directLeader)
    return { ...person, ...(leader && { directLeader: leader }) }
  }),
}

const ZHANG_SAN = 'u1001'
const LIU_QIANG = 'u1011'
const CHEN_TAO = 'u1030'
const LI_JING = 'u1040'

interface Story {
  story: string
  calls: number
  pushes: number
}

let world: World
const stories: Story[] = []
/** Metered calls of a story, by path, for whoever looks at the printed table. */
const paths = new Map<string, Record<string, number>>()

beforeAll(async () => {
  world = await startWorld({ company })
  await connected(world.dingtalk)
})
afterAll(async () => {
  await world.close()
  const lines = stories.map(
    ({ story, calls, pushes }) => `  ${story}: ${calls} calls, ${pushes} pushes ${JSON.stringify(paths.get(story))}`,
  )
  process.stdout.write(`DingTalk calls per story (standard edition: 5,000 a month)\n${lines.join('\n')}\n`)
})

const METERED = /^\/v1\.0\/(robot|card|todo|im)\//

/** What a story costs: every call that the platform bills, to-dos and repaints included. */
async function cost(story: string, tell: () => Promise<void>): Promise<Story> {
  const { usage, calls } = world.dingtalk
  const [api, pushes, from] = [usage.api, usage.webhookAndStream, calls.length]
  await tell()
  await world.settle()
  const billed = calls.slice(from).filter(({ path }) => METERED.test(path))
  const kinds: Record<string, number> = {}
  for (const { method, path } of billed) {
    const kind = `${method} ${path.replace(/users\/.*$/, '…')}`
    kinds[kind] = (kinds[kind] ?? 0) + 1
  }
  paths.set(story, kinds)
  const spent = { story, calls: usage.api - api, pushes: usage.webhookAndStream - pushes }
  expect(billed).toHaveLength(spent.calls)
  stories.push(spent)
  return spent
}

describe('what a story costs, to-dos on the platform included', () => {
  test('a lead by chat: one card; its confirmation is the answer to the click', async () => {
    const { calls } = await cost('a lead by chat, confirmed', async () => {
      await world.say(ZHANG_SAN, '新建线索 重庆长安汽车 张伟 13812345678 专线 预算80万')
      await world.press(ZHANG_SAN, '确认')
    })
    // The draft's card, and the follow-up to-do that comes with the lead.
    expect(calls).toBe(2)
  })

  test('a question is answered through the message that asked it', async () => {
    expect((await cost('帮助', () => world.say(ZHANG_SAN, '帮助'))).calls).toBe(0)
    expect((await cost('待办', () => world.say(ZHANG_SAN, '待办'))).calls).toBe(0)
    expect((await cost('我的审批', () => world.say(ZHANG_SAN, '我的审批'))).calls).toBe(0)
    expect((await cost('分享进度', () => world.say(ZHANG_SAN, '分享进度 长安汽车'))).calls).toBe(0)
  })

  test('a customer card costs its one delivery', async () => {
    expect((await cost('查 客户', () => world.say(ZHANG_SAN, '查 长安汽车'))).calls).toBe(1)
    expect((await cost('客户 历史', () => world.say(ZHANG_SAN, '长安汽车 历史'))).calls).toBe(1)
  })

  test('a contract approved by three people: a card and a to-do for each, and one message to the submitter for each decision', async () => {
    const { calls } = await cost('a contract, approved by three', async () => {
      await world.say(ZHANG_SAN, '提交合同 长安汽车 专线扩容 专线 30万')
      await world.press(ZHANG_SAN, '确认')
      for (const approver of [LIU_QIANG, CHEN_TAO, LI_JING]) await world.press(approver, '同意')
    })
    // The draft's card; for each approver: card, to-do put there, to-do done; for the submitter: a message each.
    expect(calls).toBe(1 + 3 * 3 + 3)
  })

  test('催一下: the reminder and nothing else', async () => {
    await world.say(ZHANG_SAN, '提交合同 长安汽车 二期 专线 31万')
    await world.press(ZHANG_SAN, '确认')
    expect((await cost('催一下', () => world.say(ZHANG_SAN, '催一下'))).calls).toBe(1)
  })

  test('撤回: the card of whoever was asked is closed, and the to-do taken off', async () => {
    expect((await cost('撤回', () => world.say(ZHANG_SAN, '撤回'))).calls).toBe(2)
  })

  test('without to-dos on the platform an approval by three costs half', async () => {
    const plain = await startWorld({ company, env: { DINGTALK_TODO: '0' } })
    await connected(plain.dingtalk)
    const [main, fresh] = [world, plain]
    try {
      world = fresh
      await world.say(ZHANG_SAN, '新建线索 重庆长安汽车 张伟 13812345678')
      await world.press(ZHANG_SAN, '确认')
      const { calls } = await cost('a contract, approved by three, DINGTALK_TODO=0', async () => {
        await world.say(ZHANG_SAN, '提交合同 长安汽车 专线扩容 专线 30万')
        await world.press(ZHANG_SAN, '确认')
        for (const approver of [LIU_QIANG, CHEN_TAO, LI_JING]) await world.press(approver, '同意')
      })
      expect(calls).toBe(1 + 3 + 3)
    } finally {
      world = main
      await plain.close()
    }
  })
})

test('what we counted is what the platform would bill', async () => {
  const metrics = await (await fetch(`${world.service.url}/metrics`)).text()
  const counted = Number(/^kelian_dingtalk_api_calls_month (\d+)/m.exec(metrics)?.[1])
  expect(counted).toBe(world.dingtalk.usage.api)
  expect(world.dingtalk.violations).toEqual([])
})
