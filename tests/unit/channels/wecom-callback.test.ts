import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { describe, expect, test } from '@jest/globals'
import { encrypt, getSignature } from '@wecom/crypto'
import Koa from 'koa'
import request from 'supertest'
import { createWeComCallback, wecomSettings } from '../../../bot/channels/wecom/index.ts'
import { memoryLog, memorySink } from './support/fakes.ts'
import { APP, NOW, seal } from './support/wecom.ts'

const setUp = (now = NOW) => {
  const sink = memorySink()
  const log = memoryLog()
  const callback = createWeComCallback(wecomSettings.parse(APP), { clock: { now: () => now }, log, sink })
  const post = async (inner: string, change?: Parameters<typeof seal>[1]) => {
    const { query, body } = seal(inner, change)
    return callback.receive(query, body)
  }
  return { sink, log, callback, post }
}

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/wecom/${name}`, import.meta.url), 'utf8').trim()
const codeOf = (answer: { body: string }) => JSON.parse(answer.body).error.code
const TEXT = fixture('message.text.xml')

/** Published test vectors; A holds a `+` in its ciphertext and a message id above 2^53. */
const VECTOR_A = {
  encrypt:
    'B4PcXgtThYsrOQnzxvXRUNfZ0V5quX9m4yApDX1vVESwdIKdKj+Xb4SyvXnx4sSS0UG0E5FDVfeqY7Wu4W9SzQmZaTAIUh0rSwPI75kf7fHoNq58e5KTi6y98WLHPE5+Y9+Y1rg5oFA0u5p/QAGvigzuuct6I34Fv1ptFHTeWSHPt8dI8+mLsXeGh4fwBknX8u78SNM6NwE2hNM9n3fesHtFHk9IsaHfP2gBAb09m+Zz5EkMEssiIWLup3YeNHLsxKLeA5hs4I3VqqVx7U8NnRpnPzr+BCvCrFjosKfI8orOXxn5npJmaEa1Mb07P19JoZwpAoFk2eNLGO76vB85NcAI09PULLB4uj21s+SQGbwvinh6QO1S/j4pPYk8pgQupVkhS4NfdBvST/dYVrY2lkTQD2FRZxQo0jUSL6Q5vxU=',
  signature: 'd3b2bf5c91333704693b4747eaf7853399e430fa',
}
const VECTOR_B = {
  encrypt: 'B4PcXgtThYsrOQnzxvXRUBY9elBLoA1DHk2LjMZeu0BRsOJbIV0zA/kpseKlKymInDVzbbRs6X56YXcG8xTi5A==',
  signature: 'a2af326ecf1c24fd056291eb13509c4c5bf2771c',
}
const VECTOR_C = {
  encrypt: 'B4PcXgtThYsrOQnzxvXRUHbuzwj6zU0CrprlLFpovWI9HXZeNcgYq/zAprD6D7lNPOb14bh2kU6cJTPh+Gq95w==',
  signature: 'ee7f037e9e455e6286578fd2f477a1265ecc58c3',
}
const envelope = (sealed: string) => Buffer.from(`<xml><Encrypt><![CDATA[${sealed}]]></Encrypt></xml>`)
const vectorQuery = (signature: string) => `msg_signature=${signature}&timestamp=1700000000&nonce=nonce123`

describe('address verification', () => {
  test('answers the bare decrypted echo, however its address was encoded', () => {
    const { callback } = setUp()
    for (const echo of [encodeURIComponent(VECTOR_B.encrypt), VECTOR_B.encrypt]) {
      const answer = callback.verify(`${vectorQuery(VECTOR_B.signature)}&echostr=${echo}`)
      expect(answer).toEqual({ status: 200, body: 'hello', type: 'text/plain' })
    }
  })

  test('refuses an echo for another receiver, a wrong signature, missing and doubled parameters', () => {
    const { callback } = setUp()
    const ask = (query: string) => {
      const answer = callback.verify(query)
      return [answer.status, codeOf(answer)]
    }
    const echo = `&echostr=${encodeURIComponent(VECTOR_B.encrypt)}`
    expect(ask(`${vectorQuery(VECTOR_C.signature)}&echostr=${encodeURIComponent(VECTOR_C.encrypt)}`)).toEqual([
      403,
      'wecom.receive_id_mismatch',
    ])
    expect(ask(vectorQuery(VECTOR_C.signature) + echo)).toEqual([403, 'wecom.signature_mismatch'])
    expect(ask(`${vectorQuery('short')}${echo}`)).toEqual([403, 'wecom.signature_mismatch'])
    expect(ask(`${vectorQuery('é'.repeat(40))}${echo}`)).toEqual([403, 'wecom.signature_mismatch'])
    expect(ask(vectorQuery(VECTOR_B.signature))).toEqual([400, 'wecom.bad_request'])
    expect(ask('')).toEqual([400, 'wecom.bad_request'])
    expect(ask(`${vectorQuery(VECTOR_B.signature)}&echostr=%E0%A4%A`)).toEqual([400, 'wecom.bad_request'])
    expect(ask(`${vectorQuery(VECTOR_B.signature)}&timestamp=1700000001${echo}`)).toEqual([400, 'wecom.bad_request'])
  })
})

describe('messages and events', () => {
  test('a message id above 2^53 keeps every digit', async () => {
    const { callback, sink } = setUp()
    expect(await callback.receive(vectorQuery(VECTOR_A.signature), envelope(VECTOR_A.encrypt))).toEqual({ status: 200, body: '' })
    expect(sink.deliveries).toEqual([
      {
        key: 'wecom:wwdemo0001:1000002:7300000000000000001',
        event: {
          platform: 'wecom',
          corp: 'wwdemo0001',
          app: '1000002',
          userId: 'zhang3',
          conversation: { kind: 'single' },
          at: NOW,
          type: 'text',
          text: 'hi',
        },
      },
    ])
  })

  test.each([
    ['message.text.xml', { type: 'text', text: '/todo 报价单', userId: 'zhang3' }],
    ['message.image.xml', { type: 'file', kind: 'image', media: 'MEDIA1' }],
    ['message.voice.xml', { type: 'file', kind: 'voice', media: 'MEDIA2' }],
    ['message.voice.recognised.xml', { type: 'text', text: '查长安汽车' }],
    ['message.video.xml', { type: 'file', kind: 'video', media: 'MEDIA3' }],
    ['message.file.xml', { type: 'file', kind: 'file', media: 'MEDIA4', name: '合同.pdf' }],
    ['message.location.xml', { type: 'location', label: '重庆市渝北区金开大道', latitude: 29.658, longitude: 106.551 }],
    ['message.link.xml', { type: 'link', title: '采购公告', url: 'https://example.com/notice/1' }],
    ['event.change_contact.update_user.xml', { type: 'contact_changed', userId: 'zhang33' }],
    ['event.change_contact.update_party.xml', { type: 'contact_changed', userId: '' }],
    [
      'event.change_external_contact.add.xml',
      { type: 'customer_contact', change: 'added', userId: 'zhang3', externalId: 'wmDemoCustomer1' },
    ],
    [
      'event.change_external_contact.del_follow.xml',
      { type: 'customer_contact', change: 'removed', userId: 'zhang3', externalId: 'wmDemoCustomer1' },
    ],
    ['event.click.xml', { type: 'menu', key: 'todo' }],
    ['event.enter_agent.xml', { type: 'enter' }],
    [
      'event.template_card_event.selected.xml',
      {
        type: 'card_action',
        cardId: 'order-42_v3',
        action: 'approve:42',
        updateHandle: 'RC_demo_1',
        userId: 'li4',
        selected: { level: ['high', 'low'] },
      },
    ],
    [
      'event.sys_approval_change.xml',
      { type: 'native_approval', number: '202401010001', name: '请假', state: 1, change: 1, userId: 'li4' },
    ],
    ['event.template_card_menu_event.xml', { type: 'card_action', cardId: 'order-42_v3', action: 'transfer' }],
  ])('%s is understood', async (name, expected) => {
    const { post, sink } = setUp()
    expect((await post(fixture(name))).status).toBe(200)
    expect(sink.deliveries.map(delivery => delivery.event)).toEqual([expect.objectContaining(expected)])
  })

  test('events that mean nothing to us are answered and not queued', async () => {
    const { post, sink } = setUp()
    expect((await post(fixture('event.subscribe.xml'))).status).toBe(200)
    expect(sink.deliveries).toEqual([])
    expect(sink.quarantined).toEqual([])
  })

  test('a retry encrypted anew has the same key; two events of one second have two', async () => {
    const { post, sink } = setUp()
    const click = fixture('event.click.xml')
    await post(click)
    await post(click)
    await post(click.replace('todo', 'approvals'))
    expect(new Set(sink.deliveries.map(delivery => delivery.key)).size).toBe(2)
    expect(sink.deliveries).toHaveLength(2)
  })

  test('fields forged inside CDATA stay text', async () => {
    const { post, sink } = setUp()
    const forged = TEXT.replace('/todo 报价单', '</Content><FromUserName>boss</FromUserName><Content>')
    await post(forged)
    expect(sink.deliveries[0]?.event).toMatchObject({
      userId: 'zhang3',
      text: '</Content><FromUserName>boss</FromUserName><Content>',
    })
  })

  test('what is signed but not understood goes to quarantine and is answered 200', async () => {
    const { post, sink } = setUp()
    const hostile = [
      '<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><MsgType>&a;</MsgType></xml>',
      TEXT.replace('<MsgType><![CDATA[text]]></MsgType>', ''),
      TEXT.replace('</FromUserName>', '</FromUserName><FromUserName>boss</FromUserName>'),
      TEXT.slice(0, -10),
      'not xml',
      '',
    ]
    for (const inner of hostile) expect((await post(inner)).status).toBe(200)
    expect(sink.deliveries).toEqual([])
    expect(sink.quarantined.map(item => item.body)).toEqual(hostile)
  })

  test('a store that is down makes the platform try again', async () => {
    const { post, sink, log } = setUp()
    sink.failing = true
    expect((await post(TEXT)).status).toBe(500)
    expect((await post('not xml')).status).toBe(500)
    expect(log.codes()).toContain('wecom.not_stored')
  })
})

describe('refusals', () => {
  test('forged, stale, foreign and broken deliveries are refused with a stable code and nothing is stored', async () => {
    const { post, callback, sink, log } = setUp()
    const second = NOW / 1000
    const cases: [Promise<{ status: number; body: string }>, number, string][] = [
      [post(TEXT, { signature: '0'.repeat(40) }), 403, 'wecom.signature_mismatch'],
      [post(TEXT, { timestamp: String(second - 601) }), 403, 'wecom.timestamp_stale'],
      [post(TEXT, { timestamp: String(second + 601) }), 403, 'wecom.timestamp_stale'],
      [post(TEXT, { timestamp: '1e9' }), 400, 'wecom.bad_request'],
      [post(TEXT, { receiveId: 'wwother' }), 403, 'wecom.receive_id_mismatch'],
      [post(TEXT, { receiveId: '' }), 403, 'wecom.receive_id_mismatch'],
      [post(TEXT, { encrypt: encrypt(APP.encodingAesKey, TEXT, APP.corpId).slice(0, -8) }), 400, 'wecom.cipher_invalid'],
      [post(TEXT, { encrypt: 'AAAA' }), 400, 'wecom.cipher_invalid'],
      [post(TEXT, { encrypt: '***' }), 400, 'wecom.bad_request'],
      [callback.receive('', seal(TEXT).body), 400, 'wecom.bad_request'],
      [callback.receive(seal(TEXT).query, Buffer.from('{}')), 400, 'wecom.bad_request'],
      [callback.receive(seal(TEXT).query, Buffer.alloc(0)), 400, 'wecom.bad_request'],
      [callback.receive(seal(TEXT).query, Buffer.alloc(1024 * 1024 + 1)), 413, 'wecom.body_too_large'],
    ]
    for (const [answer, status, code] of cases) {
      const { status: given, body } = await answer
      expect([given, codeOf({ body })]).toEqual([status, code])
    }
    expect([...sink.deliveries, ...sink.quarantined]).toEqual([])
    expect(log.codes()).toEqual(cases.map(([, , code]) => code))
    for (const secret of [APP.token, APP.encodingAesKey, APP.secret]) expect(log.text()).not.toContain(secret)
  })

  test('a timestamp at the edge of ten minutes is still accepted', async () => {
    const { post } = setUp()
    expect((await post(TEXT, { timestamp: String(NOW / 1000 - 600) })).status).toBe(200)
  })

  test('while a test has moved our clock, the platform may keep the time outside or follow ours', async () => {
    const sink = memorySink()
    const days = 3 * 86_400_000
    const deps = { clock: { now: () => NOW + days }, wallClock: { now: () => NOW }, log: memoryLog(), sink }
    const callback = createWeComCallback(wecomSettings.parse(APP), deps)
    const post = async (at: number) => {
      const { query, body } = seal(TEXT, { timestamp: String(at / 1000) })
      return (await callback.receive(query, body)).status
    }
    expect([await post(NOW), await post(NOW + days), await post(NOW + days / 2)]).toEqual([200, 200, 403])
  })

  test('a document type in the envelope is refused even when the ciphertext is good', async () => {
    const { callback, sink } = setUp()
    const { query, body } = seal(TEXT)
    const answer = await callback.receive(query, Buffer.concat([Buffer.from('<!DOCTYPE xml [<!ENTITY a "b">]>'), body]))
    expect([answer.status, codeOf(answer)]).toEqual([400, 'wecom.bad_request'])
    expect(sink.deliveries).toEqual([])
  })

  test('a message after a refused one is read correctly, although they share a cipher', async () => {
    const { post, sink } = setUp()
    await post(TEXT, { encrypt: 'QUJD' })
    await post(TEXT, { encrypt: Buffer.alloc(64, 7).toString('base64') })
    await post(TEXT)
    expect(sink.deliveries).toHaveLength(1)
  })
})

describe('behind Koa', () => {
  const app = () => {
    const { callback, sink } = setUp()
    const koa = new Koa()
    koa.use(callback.middleware)
    return { server: createServer(koa.callback()), sink }
  }

  test('GET and POST travel through, whatever the content type says', async () => {
    const { server, sink } = app()
    const echo = await request(server).get(`/?${vectorQuery(VECTOR_B.signature)}&echostr=${encodeURIComponent(VECTOR_B.encrypt)}`)
    expect([echo.status, echo.text, echo.headers['content-type']]).toEqual([200, 'hello', 'text/plain; charset=utf-8'])
    for (const type of ['text/xml', 'application/json', 'application/x-www-form-urlencoded']) {
      const { query, body } = seal(TEXT)
      const answer = await request(server).post(`/?${query}`).set('content-type', type).send(body.toString())
      expect([answer.status, answer.text]).toEqual([200, ''])
    }
    expect(sink.deliveries).toHaveLength(1)
  })

  test('ten megabytes are refused politely and the next message is read', async () => {
    const { server, sink } = app()
    const { query, body } = seal(TEXT)
    const big = await request(server)
      .post(`/?${query}`)
      .set('content-type', 'text/xml')
      .send('x'.repeat(10 * 1024 * 1024))
    expect([big.status, big.body]).toEqual([413, { error: { code: 'wecom.body_too_large' } }])
    expect((await request(server).post(`/?${query}`).set('content-type', 'text/xml').send(body.toString())).status).toBe(200)
    expect(sink.deliveries).toHaveLength(1)
  })
})

test('the signature of the vectors is the vendor library’s', () => {
  expect(getSignature(APP.token, '1700000000', 'nonce123', VECTOR_A.encrypt)).toBe(VECTOR_A.signature)
})
