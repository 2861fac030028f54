import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import Koa from 'koa'
import request from 'supertest'
import { readCardCallback, readEvent, readRobotMessage } from '../../../bot/channels/dingtalk/inbound.ts'
import { createDingTalkChannel } from '../../../bot/channels/index.ts'
import { closedCard, memoryLog, memorySink } from './support/fakes.ts'

const APP = { corp: 'dingcorp1', app: 'dingapp1' }
const fixture = (name: string) => readFileSync(new URL(`../../fixtures/dingtalk/${name}`, import.meta.url), 'utf8')
const read = (name: string) => readRobotMessage(JSON.parse(fixture(name)), APP)
const click = (json: unknown, deliveryId = 'f1') => readCardCallback(json, APP, { deliveryId, at: 5 })
const eventsOf = (reading: ReturnType<typeof read>) =>
  reading.kind === 'deliveries' ? reading.deliveries.map(({ event }) => event) : [reading]
const eventOf = (reading: ReturnType<typeof read>) => eventsOf(reading)[0]

describe('robot messages', () => {
  test('a group message names its group and its sender, trimmed of the space the mention leaves', () => {
    expect(eventOf(read('robot.text.group.json'))).toMatchObject({
      type: 'text',
      text: '报销 进度',
      userId: 'u1001',
      conversation: { kind: 'group', id: 'cidAAA==' },
      at: 1_790_000_000_000,
      replyTo: '1790005400000|https://oapi.dingtalk.com/robot/sendBySession?session=0123',
    })
  })

  test('someone without a staff id, or with one of another organisation, is a guest', () => {
    expect(eventOf(read('robot.text.guest.json'))).toMatchObject({ userId: '', text: '你好' })
    const foreign = { ...JSON.parse(fixture('robot.text.group.json')), senderCorpId: 'dingother' }
    expect(eventOf(readRobotMessage(foreign, APP))).toMatchObject({ userId: '' })
  })

  test('what a voice said is text; a voice that was not recognised is a file', () => {
    expect(eventOf(read('robot.audio.recognised.json'))).toMatchObject({ type: 'text', text: '查 长安' })
    expect(eventOf(read('robot.audio.silent.json'))).toMatchObject({ type: 'file', kind: 'voice', media: 'code-audio|' })
  })

  test('pictures, videos and files come with the token that fetches them', () => {
    expect(eventOf(read('robot.picture.json'))).toMatchObject({ type: 'file', kind: 'image', media: 'code|' })
    expect(eventOf(read('robot.video.json'))).toMatchObject({ type: 'file', kind: 'video', media: 'code-video|' })
    expect(eventOf(read('robot.file.json'))).toMatchObject({
      type: 'file',
      kind: 'file',
      media: 'code-file|报价单.xlsx',
      name: '报价单.xlsx',
    })
  })

  test('words with pictures among them are the words first and then each picture, with keys of their own', () => {
    const reading = read('robot.rich_text.pictures.json')
    expect(eventsOf(reading)).toMatchObject([
      { type: 'text', text: '写跟进 长安 现场照片' },
      { type: 'file', kind: 'image', media: 'code-1|' },
      { type: 'file', kind: 'image', media: 'code-2|' },
    ])
    const keys = reading.kind === 'deliveries' ? reading.deliveries.map(({ key }) => key) : []
    expect(new Set(keys).size).toBe(3)
  })

  test.each(['unknownMsgType', 'chatRecord', 'interactiveCard', 'audio', 'file', 'richText', 'somethingNew'])(
    'a message of kind %s without readable content is named, so that it can be answered',
    msgtype => {
      const json = { ...JSON.parse(fixture('robot.picture.json')), msgtype, content: undefined }
      expect(eventsOf(readRobotMessage(json, APP))).toMatchObject([{ type: 'other_message', kind: msgtype }])
    },
  )

  test('formatted text is read, a used-up quota is not taken for a message', () => {
    expect(eventOf(read('robot.rich_text.json'))).toMatchObject({ type: 'text', text: '查 长安' })
    expect(read('robot.quota_exhausted.json')).toEqual({ kind: 'unreadable', reason: 'dingtalk.quota_exhausted' })
  })
})

describe('card clicks', () => {
  test.each(['card.click.params.json', 'card.click.action_ids.json', 'card.click.params_beside.json'])(
    '%s names the button',
    name => {
      expect(eventOf(click(JSON.parse(fixture(name))))).toMatchObject({
        type: 'card_action',
        cardId: 'card-1',
        action: 'approve',
        userId: 'u1001',
        at: 5,
      })
    },
  )

  test('one delivery has one key, another has another', () => {
    const json = JSON.parse(fixture('card.click.params.json'))
    const keys = ['f1', 'f1', 'f2']
      .map(id => click(json, id))
      .map(reading => (reading.kind === 'deliveries' ? reading.deliveries[0]?.key : ''))
    expect([keys[0] === keys[1], keys[0] === keys[2]]).toEqual([true, false])
  })

  test('a clicker of another organisation is nobody here; other callbacks are not clicks', () => {
    const json = JSON.parse(fixture('card.click.params.json'))
    expect(eventOf(click({ ...json, corpId: 'dingother' }))).toMatchObject({ userId: '' })
    expect(eventOf(click({ ...json, userIdType: 2 }))).toMatchObject({ userId: '' })
    expect(click({ ...json, type: 'dynamicDataCallback' })).toEqual({ kind: 'ignored' })
  })
})

describe('events', () => {
  const event = (eventType: string, json: unknown, eventCorpId = 'dingcorp1') =>
    readEvent(json, APP, { eventType, eventId: 'E1', eventCorpId, at: 5 })
  const one = (name: string) => JSON.parse(fixture(name))

  test.each(['user_add_org', 'user_modify_org', 'user_leave_org'])('%s names each person to be read anew', eventType => {
    const reading = event(eventType, one('event.user_modify_org.json'))
    expect(eventsOf(reading)).toMatchObject([
      { type: 'contact_changed', userId: 'u1001', at: 5 },
      { type: 'contact_changed', userId: 'u1002' },
    ])
    const keys = reading.kind === 'deliveries' ? reading.deliveries.map(({ key }) => key) : []
    expect(keys).toEqual(['dingtalk:dingcorp1:dingapp1:event:E1:u1001', 'dingtalk:dingcorp1:dingapp1:event:E1:u1002'])
  })

  test('a department that came, changed or went asks for all departments, whatever the event carries', () => {
    for (const json of [{}, one('event.org_dept_create.json'), undefined])
      expect(eventsOf(event('org_dept_remove', json))).toMatchObject([{ type: 'contact_changed', userId: '' }])
  })

  test('events of others and of other kinds are ignored; broken ones are kept for the operator', () => {
    expect(event('bpms_instance_change', {})).toEqual({ kind: 'ignored' })
    expect(event('user_add_org', one('event.user_modify_org.json'), 'dingother')).toEqual({ kind: 'ignored' })
    expect(event('user_add_org', { userId: 5 })).toEqual({ kind: 'unreadable', reason: 'dingtalk.event_invalid' })
  })
})

test('nothing that anybody sends makes the readers throw', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (json, text) => {
      readRobotMessage(json, APP)
      readRobotMessage({ ...JSON.parse(fixture('robot.text.group.json')), text: json, content: json, msgtype: text }, APP)
      click(json)
      readEvent(json, APP, { eventType: `user_${text}_org`, eventId: text, eventCorpId: undefined, at: 0 })
      readEvent(json, APP, { eventType: 'user_add_org', eventId: text, eventCorpId: undefined, at: 0 })
      click({ outTrackId: 'c', content: text, value: JSON.stringify(json) })
    }),
  )
})

describe('HTTP mode', () => {
  const NOW = 1_790_000_000_000
  const SECRET = 'ding-secret-1'
  const setUp = () => {
    const sink = memorySink()
    const log = memoryLog()
    const input = { clientId: 'dingapp1', clientSecret: SECRET, corpId: 'dingcorp1' }
    return { sink, log, ...createDingTalkChannel(input, { clock: { now: () => NOW }, log, sink }) }
  }
  const hmac = (text: string) => createHmac('sha256', SECRET).update(text).digest('base64')
  const robotHeaders = (at = NOW) => ({ timestamp: String(at), sign: hmac(`${at}\n${SECRET}`) })
  const cardHeaders = (at = NOW) => ({ 'x-ddpaas-signature-timestamp': String(at), 'x-ddpaas-signature': hmac(String(at)) })
  const MESSAGE = Buffer.from(fixture('robot.text.group.json'))
  const CLICK = Buffer.from(fixture('card.click.params.json'))

  test('a signed message is stored and answered with silence; its repetition is stored once', async () => {
    const { callback, sink } = setUp()
    for (const at of [NOW, NOW - 1000])
      expect(await callback.receive(robotHeaders(at), MESSAGE)).toMatchObject({ status: 200, body: '{"msgtype":"empty"}' })
    expect(sink.deliveries).toHaveLength(1)
  })

  test('a signed click is answered with the card it leads to', async () => {
    const { callback, sink } = setUp()
    expect(await callback.receive(cardHeaders(), CLICK)).toMatchObject({ status: 200, body: '{}' })
    sink.card = closedCard
    expect(JSON.parse((await callback.receive(cardHeaders(NOW - 1), CLICK)).body)).toMatchObject({
      cardData: { cardParamMap: { status: '已同意' } },
    })
    expect(sink.deliveries).toHaveLength(2)
  })

  test('forged, old, unsigned and oversized requests are refused with a stable code', async () => {
    const { callback, sink, log } = setUp()
    const cases = [
      [{ timestamp: String(NOW), sign: hmac('x') }, MESSAGE, 403, 'dingtalk.signature_mismatch'],
      [{ timestamp: String(NOW), sign: 'x' }, MESSAGE, 403, 'dingtalk.signature_mismatch'],
      [robotHeaders(NOW - 3_600_001), MESSAGE, 403, 'dingtalk.timestamp_stale'],
      [robotHeaders(Number.NaN), MESSAGE, 400, 'dingtalk.bad_request'],
      [{}, MESSAGE, 400, 'dingtalk.bad_request'],
      [{ ...cardHeaders(), 'x-ddpaas-signature': hmac('x') }, CLICK, 403, 'dingtalk.signature_mismatch'],
      [robotHeaders(), Buffer.alloc(1024 * 1024 + 1), 413, 'dingtalk.body_too_large'],
    ] as const
    for (const [headers, body, status, code] of cases) {
      expect(await callback.receive(headers, body)).toMatchObject({ status, body: JSON.stringify({ error: { code } }) })
    }
    expect(sink.deliveries).toEqual([])
    expect(log.codes()).toEqual(cases.map(([, , , code]) => code))
  })

  test('signed garbage goes to quarantine; a store that is down asks for another try', async () => {
    const { callback, sink } = setUp()
    expect((await callback.receive(robotHeaders(), Buffer.from('{broken'))).status).toBe(200)
    expect((await callback.receive(cardHeaders(), Buffer.from('[]'))).status).toBe(200)
    expect(sink.quarantined).toHaveLength(2)
    sink.failing = true
    expect((await callback.receive(robotHeaders(), MESSAGE)).status).toBe(500)
  })

  test('it works behind Koa', async () => {
    const { callback, sink } = setUp()
    const koa = new Koa()
    koa.use(callback.middleware)
    const answer = await request(createServer(koa.callback()))
      .post('/')
      .set(robotHeaders())
      .set('content-type', 'application/json')
      .send(MESSAGE.toString())
    expect([answer.status, answer.body]).toEqual([200, { msgtype: 'empty' }])
    expect(sink.deliveries).toHaveLength(1)
  })
})
