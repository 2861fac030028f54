import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openClient, type WebClient } from '../support/web-client.ts'
import { startWorld, WORLD_SECRET, type World } from '../support/world.ts'

const NEXT = 'the next secret of the tests'

let world: World
let client: WebClient

beforeAll(async () => {
  world = await startWorld()
  client = openClient(world)
  await client.loginWeCom('zhang3')
})
afterAll(() => world.close())

const me = async () => (await client.go('/api/me')).status

test('who is logged in stays so while the secret is changed, and what is signed anew outlives the old one', async () => {
  await world.restart({ appSecret: NEXT, appSecretPrevious: WORLD_SECRET })
  expect(await me()).toBe(200)
  const another = openClient(world)
  await another.loginWeCom('li4')
  await world.restart({ appSecret: NEXT })
  expect(await me()).toBe(401)
  expect((await another.go('/api/me')).status).toBe(200)
})

test('a customer’s link does not depend on the secret; only who takes it back ends it', async () => {
  await world.restart()
  await world.say('zhang3', '新建线索 重庆长安汽车 张伟 13812345678')
  await world.press('zhang3', '确认')
  await world.say('zhang3', '分享进度 长安')
  const path = /\/s\/[\w-]+/.exec(world.lastText('zhang3'))?.[0] ?? ''
  await world.restart({ appSecret: NEXT })
  expect((await fetch(`${world.service.url}${path}`)).status).toBe(200)
  await world.say('zhang3', '撤销分享 长安')
  expect((await fetch(`${world.service.url}${path}`)).status).toBe(410)
})

test('the platform’s token that the old secret sealed is fetched anew, and messages go out', async () => {
  await world.restart({ appSecret: 'a third secret of the tests' })
  await world.say('zhang3', '帮助')
  expect(world.lastText('zhang3')).toContain('我能帮您')
})
