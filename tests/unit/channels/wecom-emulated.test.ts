import { afterEach, describe, expect, test } from '@jest/globals'
import { getJsApiSignature } from '@wecom/crypto'
import { createWeComChannel, type MenuButton } from '../../../bot/channels/index.ts'
import { jsapiSignature } from '../../../bot/channels/wecom/index.ts'
import type { Card } from '../../../cards/model.ts'
import { startWeComEmulator, type WeComEmulator, type WeComEmulatorOptions } from '../../../emulator/index.ts'
import { handClock, sampleCompany, sampleWeComApp } from '../emulator/support.ts'
import { closedCard, memoryLog, memorySink, openCard } from './support/fakes.ts'

let platform: WeComEmulator
let clock: ReturnType<typeof handClock>

async function start(options: Partial<WeComEmulatorOptions> = {}, settings: { passiveCards?: boolean } = {}) {
  clock = handClock()
  platform = await startWeComEmulator({
    ...sampleWeComApp,
    company: sampleCompany,
    clock,
    callbackUrl: 'http://127.0.0.1:1/cb',
    ...options,
  })
  const log = memoryLog()
  const bases = { apiBase: platform.baseUrl, oauthBase: platform.baseUrl }
  const input = { ...sampleWeComApp, ...bases, homeUrl: 'https://crm.example.com/m/#/todos', ...settings }
  return { ...createWeComChannel(input, { clock, log, sink: memorySink() }), log }
}

/** Whatever we do, the platform's pages allow it and its clients cut nothing off. */
afterEach(async () => {
  const { violations } = platform
  await platform.close()
  expect(violations).toEqual([])
})

const zhang3 = { kind: 'person', userId: 'zhang3' } as const
const callsTo = (path: string) => platform.calls.filter(call => call.path.endsWith(path))
const pick: Card = {
  kind: '选择客户',
  title: '找到 2 位客户',
  status: '待确认',
  facts: [],
  buttons: [],
  ask: {
    questions: [{ id: 'customer', title: '客户', options: [{ id: 'a', label: '1. 长安福特 · 张三' }] }],
    submit: { id: 'pick', label: '选好了' },
  },
}

describe('the five cards', () => {
  const question = (id: string) => ({ id, title: id, options: [{ id: 'x', label: '是' }] })
  const several: Card = { ...pick, ask: { questions: [question('a'), question('b')], submit: { id: 'send', label: '提交' } } }
  const news: Card = { ...closedCard, picture: { url: 'https://crm.example.com/chart.png' } }

  test.each([
    ['a decision', 'button_interaction', openCard],
    ['a closed card', 'text_notice', closedCard],
    ['a card with a picture', 'news_notice', news],
    ['one question', 'vote_interaction', pick],
    ['two questions', 'multiple_interaction', several],
  ])('%s is taken by the platform as %s', async (_, type, card) => {
    const { channel } = await start()
    const receipt = await channel.sendCard(zhang3, card, { cardId: 'card-1' })
    expect(platform.view('zhang3')[0]?.card?.raw.card_type).toBe(type)
    expect(receipt.handle !== undefined).toBe(type !== 'text_notice' && type !== 'news_notice')
  })

  test('a card that was decided shows its outcome and has nothing left to press', async () => {
    const { channel } = await start()
    const { handle } = await channel.sendCard(zhang3, openCard, { cardId: 'card-1' })
    await channel.updateCard(zhang3, closedCard, { cardId: 'card-1', ...(handle && { handle }) })
    const shown = platform.view('zhang3')[0]?.card
    expect(shown?.buttons.filter(button => button.key)).toEqual([])
    expect(shown?.subTitle).toContain('已同意 · 王敏')
  })

  test('a right to repaint is good once, and for three days', async () => {
    const { channel } = await start()
    const first = await channel.sendCard(zhang3, openCard, { cardId: 'card-1' })
    const update = (handle: string | undefined) =>
      channel.updateCard(zhang3, closedCard, { cardId: 'card-1', ...(handle && { handle }) })
    await update(first.handle)
    await expect(update(first.handle)).rejects.toMatchObject({ code: 'card.handle_spent', retryable: false })
    const second = await channel.sendCard(zhang3, openCard, { cardId: 'card-2' })
    clock.advance(72 * 3_600_000 + 1)
    await expect(update(second.handle)).rejects.toMatchObject({ code: 'card.handle_spent' })
  })
})

describe('taking a message back', () => {
  test('within a day it disappears from the phone; later that is refused', async () => {
    const { channel } = await start()
    const { messageId = '' } = await channel.sendCard(zhang3, openCard, { cardId: 'card-1' })
    await channel.recall?.(messageId)
    expect(platform.view('zhang3')[0]?.recalled).toBe(true)
    const late = await channel.sendText(zhang3, '您好')
    clock.advance(24 * 3_600_000 + 1)
    for (const id of [late.messageId ?? '', 'of-nobody'])
      await expect(channel.recall?.(id)).rejects.toMatchObject({ code: 'message.not_recallable', retryable: false })
  })
})

describe('the app menu', () => {
  const menu: MenuButton[] = [
    { name: '待办', says: '待办' },
    { name: '更多', below: [{ name: '打开客联', opens: 'https://crm.example.com/m/#/todos' }] },
  ]

  test('is written when it is missing or different, and left alone when it is right', async () => {
    const { ensureMenu } = await start()
    expect([await ensureMenu(menu), await ensureMenu(menu), await ensureMenu(menu.slice(0, 1))]).toEqual([true, false, true])
    expect(callsTo('/menu/create')).toHaveLength(2)
    expect(platform.menu).toEqual([{ type: 'click', name: '待办', key: '待办' }])
  })

  test('a platform that is busy is not overwritten blindly', async () => {
    const { ensureMenu } = await start()
    platform.fault({ path: '/menu/get', errcode: -1 })
    await expect(ensureMenu(menu)).rejects.toMatchObject({ code: 'wecom.busy', retryable: true })
    expect(callsTo('/menu/create')).toHaveLength(0)
  })
})

describe('signatures for pages', () => {
  test('follow the published vector, and the vendor’s own function, without the fragment', () => {
    const url = 'https://h5.example.com/app?x=1'
    const { signature } = jsapiSignature('TICKET1', `${url}#/todos`, 'NONCE1', 1_700_000_000)
    expect(signature).toBe('ea1bb322733c09ed6761d269eb393e3adead101f')
    const vendor = getJsApiSignature({ url, ticket: 'TICKET1', nonceStr: 'NONCE1', timestamp: '1700000000' })
    expect(signature).toBe(vendor.signature)
  })

  test('the corp’s and the app’s ticket are told apart and asked for once in two hours', async () => {
    const { pages } = await start()
    const url = 'https://crm.example.com/m/'
    const signed = (await pages.sign(url)) as Record<string, { nonceStr: string; timestamp: number; signature: string }>
    for (const [part, kind] of [['config', 'corp'] as const, ['agentConfig', 'agent'] as const]) {
      const { nonceStr = '', timestamp = 0, signature } = signed[part] ?? {}
      expect(signature).toBe(jsapiSignature(platform.jsTicket(kind), url, nonceStr, timestamp).signature)
    }
    await pages.sign(url)
    expect([callsTo('/get_jsapi_ticket').length, callsTo('/ticket/get').length]).toEqual([1, 1])
    clock.advance(2 * 3_600_000)
    await pages.sign(url)
    expect([callsTo('/get_jsapi_ticket').length, callsTo('/ticket/get').length]).toEqual([2, 2])
  })
})

describe('groups', () => {
  const wish = { name: '长安汽车 · 协作群', ownerId: 'zhang3', memberIds: ['zhang3', 'liuqiang'], requestId: 'kelian1' }

  test('a group is opened once, however often the same wish is sent', async () => {
    const { groups } = await start()
    platform.fault({ path: '/appchat/create', closeAfterApply: true })
    await expect(groups.createGroup(wish)).rejects.toMatchObject({ applied: 'unknown' })
    expect(await groups.createGroup(wish)).toEqual({ groupId: 'kelian1' })
    expect(platform.groups()).toMatchObject([{ chatid: 'kelian1', userlist: ['zhang3', 'liuqiang'] }])
  })

  test('a card goes there as words with one link, never with a decision', async () => {
    const { groups } = await start()
    const { groupId } = await groups.createGroup(wish)
    await groups.sendToGroup(groupId, { card: openCard, cardId: 'card-1' })
    await groups.sendToGroup(groupId, { text: '大家好' })
    const [card, text] = platform.groups()[0]?.messages ?? []
    expect(card).toMatchObject({ msgtype: 'textcard', body: { textcard: { url: openCard.link, title: '长安汽车 · 专线扩容' } } })
    expect(JSON.stringify(card)).not.toContain('approve')
    expect(text).toMatchObject({ msgtype: 'text' })
  })

  test('members join later; one person is no group; a group that is gone is said so', async () => {
    const { groups } = await start()
    const { groupId } = await groups.createGroup(wish)
    await groups.addMembers?.(groupId, ['li4'])
    expect(platform.groups()[0]?.userlist).toEqual(['zhang3', 'liuqiang', 'li4'])
    await expect(groups.createGroup({ ...wish, memberIds: [] })).rejects.toMatchObject({ code: 'group.too_few' })
    await expect(groups.sendToGroup('gone', { text: 'x' })).rejects.toMatchObject({ code: 'group.unknown', retryable: false })
  })

  test('without the whole company in view there are none', async () => {
    const { groups } = await start({ seesEverybody: false })
    await expect(groups.createGroup(wish)).rejects.toMatchObject({ code: 'wecom.not_permitted' })
  })
})

describe('files', () => {
  test('what was uploaded comes back as it was, with name and type', async () => {
    const { media, channel } = await start()
    const bytes = Buffer.from([0x25, 0x50, 0x44, 0x46, 0, 255, 13, 10, 0x2d, 0x2d])
    const mediaId = await media.upload('file', { name: '合同.pdf', type: 'application/pdf', bytes })
    expect(await channel.fetchMedia?.(mediaId)).toEqual({ name: '合同.pdf', type: 'application/pdf', bytes })
    clock.advance(3 * 86_400_000 + 1)
    await expect(channel.fetchMedia?.(mediaId)).rejects.toMatchObject({ code: 'media.gone', retryable: false })
  })

  test('a file that is itself JSON is a file', async () => {
    const { media, channel } = await start()
    const bytes = Buffer.from('{"errcode":40007}')
    const mediaId = await media.upload('file', { name: 'a.json', type: 'application/json', bytes })
    expect((await channel.fetchMedia?.(mediaId))?.bytes.toString()).toBe('{"errcode":40007}')
  })

  test('what is too large or empty is refused before it is sent', async () => {
    const { media } = await start()
    const file = (size: number) => ({ name: 'a.amr', type: 'audio/amr', bytes: Buffer.alloc(size) })
    for (const size of [0, 5, 2 * 1024 * 1024 + 1])
      await expect(media.upload('voice', file(size))).rejects.toMatchObject({ code: 'media.too_large' })
    expect(callsTo('/media/upload')).toHaveLength(0)
  })

  test('a token that ended while a file was asked for is renewed once', async () => {
    const { media, channel } = await start()
    const mediaId = await media.upload('file', { name: 'a.txt', type: 'text/plain', bytes: Buffer.from('some words') })
    platform.expireTokens()
    expect((await channel.fetchMedia?.(mediaId))?.bytes.toString()).toBe('some words')
    expect(callsTo('/gettoken')).toHaveLength(2)
  })
})

describe('customers in the members’ address books', () => {
  const customers = Array.from({ length: 130 }, (_, index) => ({
    externalId: `wm${index}`,
    name: `客户${index}`,
    follows: [{ userId: 'zhang3', mobiles: [`138000${String(index).padStart(5, '0')}`] }],
  }))

  test('all of them, over pages, with the mobiles that the member noted', async () => {
    const { externalContacts } = await start({ customers })
    expect(await externalContacts.listMembers()).toEqual(['zhang3'])
    const all = await externalContacts.listOf(['zhang3'])
    expect(all).toHaveLength(130)
    expect(all[7]).toMatchObject({ externalId: 'wm7', followers: [{ userId: 'zhang3', mobiles: ['13800000007'] }] })
    expect(callsTo('/batch/get_by_user')).toHaveLength(2)
    expect(await externalContacts.get('wm3')).toMatchObject({ name: '客户3' })
    expect(await externalContacts.get('wm-nobody')).toBeNull()
  })

  test('without the permission there are none, and that is noted once', async () => {
    const { externalContacts, log } = await start({ customers, canCustomer: false })
    expect(await externalContacts.listMembers()).toEqual([])
    expect(log.codes()).toContain('wecom.not_permitted')
  })
})

describe('calls that would be in vain are not made', () => {
  test('an address that is not allowed: one call a minute, then fewer, until it is allowed', async () => {
    const { channel, log } = await start()
    platform.setTrustedIps(['203.0.113.9'])
    for (let index = 0; index < 20; index += 1)
      await expect(channel.sendText(zhang3, '您好')).rejects.toMatchObject({
        code: 'wecom.ip_not_allowed',
        retryable: false,
        details: { ip: '127.0.0.1' },
      })
    expect(callsTo('/message/send')).toHaveLength(1)
    expect(log.codes()).toContain('wecom.ip_not_allowed')
    clock.advance(61_000)
    await expect(channel.sendText(zhang3, '您好')).rejects.toThrow()
    clock.advance(61_000)
    await expect(channel.sendText(zhang3, '您好')).rejects.toThrow()
    expect(callsTo('/message/send')).toHaveLength(2)
    platform.setTrustedIps(undefined)
    clock.advance(15 * 60_000)
    await channel.sendText(zhang3, '您好')
    expect(platform.view('zhang3')).toHaveLength(1)
  })

  test('a call that is too frequent waits its minute; other calls go on', async () => {
    const { channel, directory } = await start()
    platform.fault({ path: '/message/send', errcode: 45009 })
    for (let index = 0; index < 5; index += 1)
      await expect(channel.sendText(zhang3, '您好')).rejects.toMatchObject({ code: 'wecom.rate_limited', retryable: true })
    expect(callsTo('/message/send')).toHaveLength(1)
    expect((await directory.listMembers()).length).toBeGreaterThan(3)
    clock.advance(61_000)
    await channel.sendText(zhang3, '您好')
    expect(platform.view('zhang3')).toHaveLength(1)
  })

  test('a wrong secret is asked about once, not at every message', async () => {
    clock = handClock()
    const { channel } = await start({ secret: 'another secret' })
    for (let index = 0; index < 30; index += 1)
      await expect(channel.sendText(zhang3, '您好')).rejects.toMatchObject({ code: 'wecom.credentials_wrong' })
    expect(callsTo('/gettoken')).toHaveLength(1)
  })

  test('a wrong secret is known as the trouble the whole time, also while nobody asks the platform again', async () => {
    clock = handClock()
    const { channel, trouble } = await start({ secret: 'another secret' })
    for (let minute = 0; minute < 90; minute += 1) {
      await expect(channel.sendText(zhang3, '您好')).rejects.toMatchObject({ code: 'wecom.credentials_wrong' })
      clock.advance(60_000)
      expect(trouble()).toContain('密钥')
    }
  })
})
