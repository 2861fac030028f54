import { randomBytes } from 'node:crypto'
import { encrypt } from '@wecom/crypto'
import type { Card } from '../../../../cards/model.ts'
import { renderWeCom } from '../../../../cards/render/index.ts'
import { signatureOf } from '../../shared/index.ts'
import type { WeComSettings } from '../settings.ts'

/** JSON names whose spelling in XML is not simply their PascalCase (page "被动回复消息"). */
const SPELLING: Readonly<Record<string, string>> = {
  keyname: 'KeyName',
  pagepath: 'PagePath',
  userid: 'UserId',
  checkbox: 'CheckBox',
}

const pascal = (name: string): string =>
  SPELLING[name] ??
  name
    .split('_')
    .map(part => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')

const cdata = (text: string): string => `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`

/** JSON as the XML of passive replies: PascalCase, lists as repeated elements without a wrapper, numbers bare. */
export function asXml(fields: object): string {
  return Object.entries(fields)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map(item => element(pascal(name), item)))
    .join('')
}

function element(name: string, value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'object') return `<${name}>${asXml(value)}</${name}>`
  return `<${name}>${typeof value === 'string' ? cdata(value) : String(value)}</${name}>`
}

/**
 * The clicked card as it looks now, as the answer to the click itself: changes what the clicker sees and costs no call. Null when it cannot be
 * drawn as a card.
 */
export function passiveCard(settings: WeComSettings, userId: string, card: Card, nowMs: number): string | null {
  const drawn = renderWeCom(card, settings.homeUrl ? { homeUrl: settings.homeUrl } : {})
  if (!drawn) return null
  const seconds = Math.floor(nowMs / 1000)
  const head = `<ToUserName>${cdata(userId)}</ToUserName><FromUserName>${cdata(settings.corpId)}</FromUserName><CreateTime>${seconds}</CreateTime>`
  return `<xml>${head}<MsgType>${cdata('update_template_card')}</MsgType><TemplateCard>${asXml(drawn)}</TemplateCard></xml>`
}

/** Encrypted and signed for the corp, with a time stamp and nonce of its own (page "回调配置", 被动响应包). */
export function sealReply(settings: WeComSettings, inner: string, nowMs: number): string {
  const cipher = encrypt(settings.encodingAesKey, inner, settings.corpId)
  const timestamp = String(Math.floor(nowMs / 1000))
  const nonce = randomBytes(8).toString('hex')
  const signature = signatureOf(settings.token, timestamp, nonce, cipher)
  return `<xml><Encrypt>${cdata(cipher)}</Encrypt><MsgSignature>${cdata(signature)}</MsgSignature><TimeStamp>${timestamp}</TimeStamp><Nonce>${cdata(nonce)}</Nonce></xml>`
}
