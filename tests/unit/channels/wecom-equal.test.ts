import { describe, expect, test } from '@jest/globals'
import { decrypt, encrypt } from '@wecom/crypto'
import fc from 'fast-check'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { createOpener, parseQuery } from '../../../bot/channels/shared/index.ts'
import { readFlatXml } from '../../../bot/channels/wecom/callback/flat-xml.ts'
import { APP } from './support/wecom.ts'

const reference = new XMLParser({
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  htmlEntities: false,
})

const names = ['ToUserName', 'FromUserName', 'CreateTime', 'MsgType', 'Content', 'EventKey', 'TaskId', 'a', 'b.c-d_1']
const escapeText = (text: string) =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
const cdata = (text: string) => `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`

/** Words that look like markup as often as not. */
const words = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom(
    '</Content>',
    '<FromUserName>boss</FromUserName>',
    ']]>',
    '&lt;',
    '&amp;amp;',
    '<![CDATA[x]]>',
    '<!--',
    '<?x?>',
    '重庆长安汽车',
    '😀',
    ' ',
  ),
)
const value = fc.oneof(
  words.map(text => ({ text, xml: cdata(text) })),
  words.filter(text => text.trim() === text).map(text => ({ text, xml: escapeText(text) })),
)
const nested = fc.oneof(
  value.map(item => `<Item>${item.xml}</Item>`),
  fc.constant('<Item/>'),
  value.map(item => `<L><M>${item.xml}</M><M>1</M></L>`),
)
const field = fc.oneof(
  { weight: 5, arbitrary: value.map(item => ({ inner: item.xml, expected: item.text })) },
  {
    weight: 1,
    arbitrary: fc.array(nested, { minLength: 1, maxLength: 3 }).map(items => ({ inner: items.join('\n'), expected: null })),
  },
)
const document = fc
  .tuple(
    fc.uniqueArray(fc.tuple(fc.constantFrom(...names), field), { selector: ([name]) => name }),
    fc.constantFrom('', '\n', ' \r\n\t'),
  )
  .map(([fields, space]) => ({
    fields,
    xml: `<xml>${space}${fields.map(([name, { inner }]) => `<${name}>${inner}</${name}>`).join(space)}${space}</xml>`,
  }))

describe('the strict XML reader', () => {
  test('reads what fast-xml-parser reads', () => {
    fc.assert(
      fc.property(document, ({ fields, xml }) => {
        const read = readFlatXml(xml)
        const theirs = reference.parse(xml).xml as Record<string, unknown>
        for (const [name, { expected }] of fields) {
          if (expected === null) continue
          expect([name, read?.get(name)]).toEqual([name, expected])
          expect([name, String(theirs[name] ?? '')]).toEqual([name, expected])
        }
        expect([...(read?.keys() ?? [])].sort()).toEqual(fields.map(([name]) => name).sort())
      }),
      { numRuns: 400 },
    )
  })

  test('takes nothing that fast-xml-parser calls malformed, however a document is damaged', () => {
    fc.assert(
      fc.property(
        document,
        fc.nat(),
        fc.constantFrom('', '<', '>', '&', '/', '</xml>', '<a>', ']]>', '<![CDATA[', '\0'),
        fc.nat(3),
        (good, at, junk, cut) => {
          const position = at % (good.xml.length + 1)
          const damaged = good.xml.slice(0, position) + junk + good.xml.slice(position + cut)
          const read = readFlatXml(damaged)
          if (read) expect([damaged, XMLValidator.validate(damaged)]).toEqual([damaged, true])
        },
      ),
      { numRuns: 1000 },
    )
  })

  test.each([
    ['a document type', '<!DOCTYPE xml [<!ENTITY e "x">]><xml><a>&e;</a></xml>'],
    ['an entity nobody declared', '<xml><a>&e;</a></xml>'],
    ['half a reference', '<xml><a>a & b</a></xml>'],
    ['a reference to no character', '<xml><a>&#xD800;&#0;</a></xml>'],
    ['an attribute', '<xml a="1"><a>x</a></xml>'],
    ['a comment', '<xml><!-- x --><a>x</a></xml>'],
    ['an instruction', '<xml><?php x ?><a>x</a></xml>'],
    ['a field named twice', '<xml><a>1</a><a>2</a></xml>'],
    ['a second root', '<xml><a>1</a></xml><xml><a>2</a></xml>'],
    ['text beside the fields', '<xml>text<a>1</a></xml>'],
    ['an open end', '<xml><a>1</a>'],
    ['crossed elements', '<xml><a><b>1</a></b></xml>'],
    ['a bottomless nest', `<xml>${'<a>'.repeat(10_000)}`],
    ['an empty root', '<xml/>'],
    ['nothing', ''],
  ])('refuses %s', (_, xml) => {
    expect(readFlatXml(xml)).toBeNull()
  })

  test('accepts a declaration, a byte order mark, character references and mixed sections', () => {
    const xml = '\ufeff<?xml version="1.0"?>\n<xml><a>&#20013;&#x4e2d;&lt;</a><b>\n<![CDATA[1]]><![CDATA[2]]>\n</b><c/></xml>\n'
    expect([...(readFlatXml(xml) ?? [])]).toEqual([
      ['a', '中中<'],
      ['b', '12'],
      ['c', ''],
    ])
  })
})

describe('the cipher', () => {
  const open = createOpener(APP.encodingAesKey)

  test('opens what the vendor’s library seals, in any order and with refused messages between', () => {
    const message = fc.string({ unit: 'binary', maxLength: 200 })
    const receiver = fc.constantFrom('', 'wwdemo0001', '企业')
    fc.assert(
      fc.property(message, receiver, fc.boolean(), (text, id, disturb) => {
        if (disturb) open(Buffer.alloc(33).toString('base64'))
        const sealed = encrypt(APP.encodingAesKey, text, id)
        const theirs = decrypt(APP.encodingAesKey, sealed)
        expect(open(sealed)).toEqual({ message: theirs.message, receiveId: theirs.id })
      }),
      { numRuns: 300 },
    )
  })

  test('never throws on damaged ciphertext and recovers at the next message', () => {
    const good = encrypt(APP.encodingAesKey, 'hello', APP.corpId)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(60), (bytes, keep) => {
        open(Buffer.from(bytes).toString('base64'))
        open(good.slice(0, keep))
        expect(open(good)).toEqual({ message: 'hello', receiveId: APP.corpId })
      }),
      { numRuns: 300 },
    )
  })

  test('refuses padding and lengths that the vendor’s library lets through', async () => {
    const { createCipheriv } = await import('node:crypto')
    const key = Buffer.from(`${APP.encodingAesKey}=`, 'base64')
    const sealRaw = (tail: Buffer, length: number) => {
      const head = Buffer.alloc(20, 1)
      head.writeUInt32BE(length, 16)
      const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
      return Buffer.concat([cipher.update(Buffer.concat([head, tail])), cipher.final()]).toString('base64')
    }
    const padded = (pad: number, fill = pad) => Buffer.concat([Buffer.alloc(11, fill), Buffer.from([pad])])
    expect(open(sealRaw(padded(12, 12), 0))).toEqual({ message: '', receiveId: '' })
    expect(open(sealRaw(padded(0), 0))).toBeNull()
    expect(open(sealRaw(padded(33), 0))).toBeNull()
    expect(open(sealRaw(padded(5, 4), 0))).toBeNull()
    expect(open(sealRaw(padded(4), 9))).toBeNull()
    expect(open(sealRaw(padded(4), 0xffffffff))).toBeNull()
    expect(open(sealRaw(padded(32), 0))).toBeNull()
  })
})

test('the query reader agrees with the standard one, except that a plus stays a plus', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 30 })
  fc.assert(
    fc.property(text, text, (nonce, echostr) => {
      const encoded = `timestamp=1&nonce=${encodeURIComponent(nonce)}&x=1&echostr=${encodeURIComponent(echostr)}`
      const theirs = new URLSearchParams(encoded)
      expect(parseQuery(encoded)).toEqual({ timestamp: '1', nonce: theirs.get('nonce'), echostr: theirs.get('echostr') })
    }),
  )
  expect(parseQuery('echostr=a+b')).toEqual({ echostr: 'a+b' })
})
