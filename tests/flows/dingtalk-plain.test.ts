import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startWorld, type World } from '../support/world.ts'

let world: World

beforeAll(async () => {
  // Without a template cards are ActionCards, which no call repaints.
  world = await startWorld({ env: { DINGTALK_CARD_TEMPLATE_ID: '' } })
  await world.say('zhang3', '新建线索 重庆长安汽车 张伟 13812345678')
  await world.press('zhang3', '确认')
})
afterAll(() => world.close())

const recalls = () => world.dingtalk.calls.filter(({ path }) => path === '/v1.0/robot/otoMessages/batchRecall')
const toDecide = async (title: string) => {
  await world.say('zhang3', `提交合同 长安 ${title} 专线 10万`)
  await world.press('zhang3', '确认')
  await world.press('liuqiang', '同意')
  const asked = world.dingtalk.view('u1030').at(-1)
  expect(JSON.stringify(asked)).toContain(title)
  return asked?.msgid
}
const shown = (id: string | undefined) => world.dingtalk.view('u1030').find(message => message.msgid === id)

test('a card that cannot be repainted disappears, and a newer message says what is true now', async () => {
  const id = await toDecide('专线扩容')
  expect(shown(id)?.recalled).toBeFalsy()
  await world.say('u1030', '同意')
  expect(shown(id)?.recalled).toBe(true)
  expect(world.texts('u1030').filter(text => text.includes('原来的卡片已收回'))).toHaveLength(1)
  expect(recalls()).toHaveLength(1)
})

test('after a day it stays, and the newer message says so', async () => {
  const id = await toDecide('机房搬迁')
  await world.advance(25 * 3_600_000)
  await world.say('u1030', '同意')
  expect(shown(id)?.recalled).toBeFalsy()
  expect(world.texts('u1030').filter(text => /此卡片已过期,最新状态:.*机房搬迁/s.test(text))).toHaveLength(1)
})
