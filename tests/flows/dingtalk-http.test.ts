import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startWorld, type World } from '../support/world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld({ env: { DINGTALK_MODE: 'http' } })
  world.dingtalk.setCallbackUrl(`${world.service.url}/callbacks/dingtalk`)
  await world.say('zhang3', '新建线索 重庆长安汽车 张伟 13812345678')
  await world.press('zhang3', '确认')
})
afterAll(() => world.close())

const models = () => world.service.services.models
const post = async (headers: Record<string, string>, body: unknown) => {
  const answer = await fetch(`${world.service.url}/callbacks/dingtalk`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return [answer.status, ((await answer.json()) as { error?: { code: string } }).error?.code]
}

test('no stream is opened, the address for clicks is registered, and the service is ready', async () => {
  expect(world.dingtalk.connections()).toBe(0)
  const [registered] = world.dingtalk.calls.filter(({ path }) => path === '/v1.0/card/callbacks/register')
  expect(registered?.body).toMatchObject({
    callbackUrl: `${world.service.services.links.base}/callbacks/dingtalk`,
    forceUpdate: true,
  })
  expect((await fetch(`${world.service.url}/readyz`)).status).toBe(200)
})

test('a message is taken and answered', async () => {
  await world.say('u1031', '帮助')
  expect(world.lastText('u1031')).toContain('我能帮您')
})

test('a click is answered with the decided card, at no API call', async () => {
  await world.say('zhang3', '提交合同 长安 专线扩容 专线 10万')
  await world.press('zhang3', '确认')
  await world.press('liuqiang', '同意')
  const push = await world.dingtalk.userClicksCard('u1030', world.lastCard('u1030').taskId, 'approve')
  expect(JSON.stringify(push.response ?? push)).toContain('已同意')
  await world.settle()
  expect(world.lastCard('u1030').status).toBe('已同意')
  expect(world.dingtalk.calls.filter(({ method, path }) => method === 'PUT' && path === '/v1.0/card/instances')).toEqual([])
})

test('what is not signed with our secret is refused and nothing is written', async () => {
  const count = () => models().inbound.model.countDocuments()
  const before = await count()
  const timestamp = String(world.service.services.clock.now())
  const forged = createHmac('sha256', 'another').update(`${timestamp}\nanother`).digest('base64')
  expect(await post({ timestamp, sign: forged }, { msgtype: 'text' })).toEqual([403, 'dingtalk.signature_mismatch'])
  expect(await post({ 'x-ddpaas-signature-timestamp': timestamp, 'x-ddpaas-signature': forged }, {})).toEqual([
    403,
    'dingtalk.signature_mismatch',
  ])
  expect(await post({}, {})).toEqual([400, 'dingtalk.bad_request'])
  expect(await count()).toBe(before)
})

test('every request kept to the fields of the vendor pages', () => {
  expect(world.dingtalk.violations).toEqual([])
})
