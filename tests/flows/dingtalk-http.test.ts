import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { encrypt, getSignature } from '@wecom/crypto'
import { checkAddress } from '../../bot/cli/checks/address.ts'
import { sampleDingTalkApp } from '../../emulator/index.ts'
import { startWorld, type World } from '../support/world.ts'

const { eventKeys: KEYS, clientId } = sampleDingTalkApp

let world: World

beforeAll(async () => {
  world = await startWorld({
    env: { DINGTALK_MODE: 'http', DINGTALK_EVENT_TOKEN: KEYS.token, DINGTALK_EVENT_AES_KEY: KEYS.aesKey },
  })
  world.dingtalk.setCallbackUrl(`${world.service.url}/callbacks/dingtalk`)
  await world.say('zhang3', '新建线索 重庆长安汽车 张伟 13812345678')
  await world.press('zhang3', '确认')
})
afterAll(() => world.close())

const models = () => world.service.services.models
const address = () => `${world.service.url}/callbacks/dingtalk`
const post = async (headers: Record<string, string>, body: unknown, query: Record<string, string> = {}) => {
  const answer = await fetch(`${address()}?${new URLSearchParams(query)}`, {
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

describe('events over HTTP', () => {
  test('an address is saved only when it answers in the platform’s way', async () => {
    expect(await world.dingtalk.saveEventUrl(`${world.service.url}/callbacks/wecom`)).toMatch(/HTTP 40/)
    expect(await world.dingtalk.saveEventUrl(address())).toBeUndefined()
  })

  test('somebody who left is known as soon as the platform tells, and departments are read anew', async () => {
    const [before] = await models().people.byName('郑洁')
    world.dingtalk.removePerson('u1041')
    expect(await world.dingtalk.sendEvent('user_leave_org', { timeStamp: '2', userId: ['u1041'] })).toMatchObject({
      response: { status: 'SUCCESS' },
    })
    world.dingtalk.addDepartment({ id: 9, name: '售后部', parentId: 1 })
    await world.dingtalk.sendEvent('org_dept_create', {})
    await world.settle()
    expect((await models().people.byId(before?._id ?? ''))?.active).toBe(false)
    expect((await models().people.allDepartments()).map(({ name }) => name)).toContain('售后部')
  })

  test('one that nobody needs is answered and not stored; one of another organisation neither', async () => {
    const count = () => models().inbound.model.countDocuments()
    const before = await count()
    await world.dingtalk.sendEvent('chat_disband', { chatId: 'chat1' })
    await world.dingtalk.sendEvent('user_add_org', { userId: ['u1'], corpId: 'dinganother' })
    expect(await count()).toBe(before)
  })

  test('one that could not be stored comes again, and counts once', async () => {
    const { accept } = models().inbound
    let refusals = 1
    models().inbound.accept = row => (refusals-- > 0 ? Promise.reject(new Error('the store is away')) : accept(row))
    const before = await models().inbound.model.countDocuments()
    const push = await world.dingtalk.sendEvent('user_modify_org', { timeStamp: '3', userId: ['u1031'] })
    models().inbound.accept = accept
    expect(push.response).toEqual({ status: 'SUCCESS' })
    await world.dingtalk.redeliver({ ...push, data: { ...push.data } })
    expect(await models().inbound.model.countDocuments()).toBe(before + 1)
  })

  test('the doctor tries the address as the platform does, and says so when the keys differ', async () => {
    const about = async (events: typeof KEYS | { token: string; aesKey: string }) => {
      const config = { ...world.config, wecom: null, publicUrl: world.service.url }
      const dingtalk = config.dingtalk && { ...config.dingtalk, events }
      return JSON.stringify((await checkAddress({ ...config, dingtalk }, now)).at(-1))
    }
    expect(await about(KEYS)).toContain('钉钉事件推送地址可用')
    expect(await about({ ...KEYS, token: 'another' })).toMatch(/回答不对.*HTTP 403.*DINGTALK_EVENT_TOKEN/)
  })

  const now = () => world.service.services.clock.now()
  const sealed = (text: string, owner: string = clientId) => encrypt(KEYS.aesKey, text, owner)
  const signed = (cipher: string, { token = KEYS.token as string, timestamp = String(now()) } = {}) => ({
    msg_signature: getSignature(token, timestamp, 'n', cipher),
    timestamp,
    nonce: 'n',
  })
  const EVENT = JSON.stringify({ EventType: 'user_add_org', UserId: ['u1'] })

  test.each<[string, () => [query: Record<string, string>, body: unknown], unknown[]]>([
    [
      'another token',
      () => [signed(sealed(EVENT), { token: 'another' }), { encrypt: sealed(EVENT) }],
      [403, 'dingtalk.signature_mismatch'],
    ],
    [
      'another cipher than was signed',
      () => [signed(sealed(EVENT)), { encrypt: sealed(EVENT) }],
      [403, 'dingtalk.signature_mismatch'],
    ],
    [
      'a captured delivery of yesterday',
      () => {
        const cipher = sealed(EVENT)
        return [signed(cipher, { timestamp: String(now() - 86_400_000) }), { encrypt: cipher }]
      },
      [403, 'dingtalk.timestamp_stale'],
    ],
    [
      'a time that is none',
      () => {
        const cipher = sealed(EVENT)
        return [signed(cipher, { timestamp: 'x' }), { encrypt: cipher }]
      },
      [400, 'dingtalk.bad_request'],
    ],
    [
      'another app',
      () => {
        const cipher = sealed(EVENT, 'dinganotherapp')
        return [signed(cipher), { encrypt: cipher }]
      },
      [403, 'dingtalk.owner_mismatch'],
    ],
    ['no cipher text', () => [signed('AAAA'), { encrypt: 'AAAA' }], [400, 'dingtalk.cipher_invalid']],
    ['no envelope', () => [signed('x'), { no: 'envelope' }], [400, 'dingtalk.bad_request']],
    ['a signature alone', () => [{ signature: 'x' }, { encrypt: sealed(EVENT) }], [400, 'dingtalk.bad_request']],
  ])('%s is refused with its code, and nothing is written', async (_, forge, expected) => {
    const count = () => models().inbound.model.countDocuments()
    const before = await count()
    const [query, body] = forge()
    expect(await post({}, body, query)).toEqual(expected)
    expect(await count()).toBe(before)
  })

  test('what is signed and not understood is put aside and answered', async () => {
    const cipher = sealed('not json')
    expect((await post({}, { encrypt: cipher }, signed(cipher)))[0]).toBe(200)
    expect(await models().inbound.quarantine.countDocuments({ reason: 'dingtalk.event_invalid' })).toBe(1)
  })
})

test('every request kept to the fields of the vendor pages', () => {
  expect(world.dingtalk.violations).toEqual([])
})
