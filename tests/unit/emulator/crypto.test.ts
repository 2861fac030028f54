import { expect, test } from '@jest/globals'
import { encrypt, getSignature } from '@wecom/crypto'
import fc from 'fast-check'
import { createOpener, sameSignature, signatureOf } from '../../../bot/channels/shared/index.ts'
import { openEvent, sealEvent, signEvent } from '../../../emulator/dingtalk/event-http.ts'
import { openReply } from '../../../emulator/wecom/passive.ts'
import type { WeComState } from '../../../emulator/wecom/state.ts'
import { parseXml, xmlDocument } from '../../../emulator/wecom/xml.ts'

// The vectors of the platform notes, section 1.8: fixed random bytes make them repeatable.
const key = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ'
const app = { token: 'demoToken01', encodingAesKey: key, corpId: 'wwdemo0001' } as WeComState
const random = Buffer.from('0123456789abcdef')
const text =
  '<xml><ToUserName><![CDATA[wwdemo0001]]></ToUserName><FromUserName><![CDATA[zhang3]]></FromUserName><CreateTime>1700000000</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[hi]]></Content><MsgId>7300000000000000001</MsgId><AgentID>1000002</AgentID></xml>'
const sign = (cipher: string) => getSignature('demoToken01', '1700000000', 'nonce123', cipher)

const envelope = (cipher: string, signature: string) =>
  xmlDocument({ Encrypt: cipher, MsgSignature: signature, TimeStamp: 1700000000, Nonce: 'nonce123' })

test('the published vectors hold: message, echo, and a robot without a receive id', () => {
  expect(sign(encrypt(key, text, 'wwdemo0001', random))).toBe('d3b2bf5c91333704693b4747eaf7853399e430fa')
  const echo = encrypt(key, 'hello', 'wwdemo0001', random)
  expect(echo).toBe('B4PcXgtThYsrOQnzxvXRUBY9elBLoA1DHk2LjMZeu0BRsOJbIV0zA/kpseKlKymInDVzbbRs6X56YXcG8xTi5A==')
  expect(sign(echo)).toBe('a2af326ecf1c24fd056291eb13509c4c5bf2771c')
  expect(sign(encrypt(key, '{"msgtype":"text"}', '', random))).toBe('ee7f037e9e455e6286578fd2f477a1265ecc58c3')
})

test('a reply is opened only with the right signature and receive id, and large numbers stay text', () => {
  const cipher = encrypt(key, text, 'wwdemo0001', random)
  expect(openReply(app, envelope(cipher, sign(cipher)))).toMatchObject({ MsgType: 'text', MsgId: '7300000000000000001' })
  expect(openReply(app, envelope(cipher, sign(`${cipher}x`)))).toBe('回复的签名不对')
  const foreign = encrypt(key, text, 'wwother0001', random)
  expect(openReply(app, envelope(foreign, sign(foreign)))).toBe('回复的 receiveid 不是本企业')
  expect(openReply(app, text)).toBe('回复不是加密的 XML')
})

test('any words survive the XML, whatever brackets they hold', () => {
  const pieces = fc.array(fc.constantFrom(']]>', ']', '>', '<', '&amp;', '<![CDATA[', '</Content>', '长安', '😀', ' '), {
    maxLength: 8,
  })
  const words = pieces.map(list => `a${list.join('')}z`)
  fc.assert(fc.property(words, content => parseXml(xmlDocument({ Content: content }))?.Content === content))
})

// The example in github.com/open-dingtalk/DingTalk-Callback-Crypto, DingCallbackCrypto3.py.
const example = {
  token: 'mryue',
  aesKey: 'Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7',
  owner: 'ding6ccabc44d2c8d38b',
  signature: '03044561471240d4a14bb09372dfcfd4fd0e40cb',
  timestamp: '1608001896814',
  nonce: 'WL4PK6yA',
  sealed:
    '0vJiX6vliEpwG3U45CtXqi+m8PXbQRARJ8p8BbDuD1EMTDf0jKpQ79QS93qEk7XHpP6u+oTTrd15NRPvNvmBKyDCYxxOK+HZeKju4yhELOFchzNukR+t8SB/qk4ROMu3',
}

test('the example of DingTalk’s own repository is opened and signed alike by the emulator and by the service', () => {
  const { token, aesKey, owner, signature, timestamp, nonce, sealed } = example
  expect(signEvent(token, timestamp, nonce, sealed)).toBe(signature)
  expect(sameSignature(signatureOf(token, timestamp, nonce, sealed), signature)).toBe(true)
  expect(openEvent(aesKey, sealed)).toEqual({ message: '{"EventType":"check_url"}', owner })
  expect(createOpener(aesKey)(sealed)).toEqual({ message: '{"EventType":"check_url"}', receiveId: owner })
})

test('what the emulator encrypts, whatever its length, is what the service opens', () => {
  const open = createOpener(example.aesKey)
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 70 }), message => {
      const sealed = sealEvent(example.aesKey, example.owner, message)
      expect(open(sealed)).toEqual({ message, receiveId: example.owner })
      expect(openEvent(example.aesKey, sealed)).toEqual({ message, owner: example.owner })
    }),
  )
})
