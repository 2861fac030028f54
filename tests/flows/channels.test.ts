import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { RawCallback } from '../../emulator/wecom/sender.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld()
  await world.say('zhang3', '新建线索 重庆长安汽车 张伟 13812345678')
  await world.press('zhang3', '确认')
})
afterAll(() => world.close())
beforeEach(() => world.advance(60_000))

const models = () => world.service.services.models
const nowS = () => Math.floor(world.service.services.clock.now() / 1000)
let serial = 0
/** The inner XML of a message as WeCom writes it. */
function inner(fields: Record<string, string>): string {
  const all = { ToUserName: 'wwyuxin0001', FromUserName: 'zhang3', CreateTime: String(nowS()), ...fields }
  return `<xml>${Object.entries(all)
    .map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`)
    .join('')}<AgentID>1000002</AgentID></xml>`
}
function textXml(content: string): string {
  serial += 1
  return inner({ MsgType: 'text', Content: content, MsgId: String(7_000_000_000 + serial) })
}
const count = async () => [
  await models().inbound.model.countDocuments(),
  await models().inbound.quarantine.countDocuments(),
  await models().outbox.model.countDocuments(),
  await models().cards.model.countDocuments(),
]
const sends = () => world.wecom.calls.filter(call => call.path.endsWith('/message/send')).length

async function serves(): Promise<void> {
  const before = world.texts('li4').length
  await world.say('li4', '帮助')
  expect(world.texts('li4')).toHaveLength(before + 1)
}

describe('WeCom messages and events', () => {
  test('the address is verified', async () => {
    expect(await world.wecom.verifyUrl()).toMatchObject({ ok: true })
  })

  test('a picture and a voice message get a polite answer', async () => {
    await world.wecom.userSendsImage('zhang3')
    await world.settle()
    expect(world.lastText('zhang3')).toContain('收到图片')
    const before = world.texts('zhang3').length
    await world.wecom.sendRaw({
      innerXml: inner({ MsgType: 'voice', MediaId: 'm', Format: 'amr', MsgId: '7123456789' }),
    })
    await world.settle()
    expect(world.texts('zhang3')).toHaveLength(before + 1)
    expect(world.lastText('zhang3')).toContain('只能看懂文字')
  })

  test('opening the app greets once, and again the next day', async () => {
    const greetings = () => world.texts('sunli').filter(text => text.includes('您好')).length
    for (let times = 0; times < 3; times += 1) {
      await world.wecom.userEnters('sunli')
      await world.settle()
    }
    expect(greetings()).toBe(1)
    expect(world.lastText('sunli')).toContain('孙丽')
  })

  test('a menu entry does what its word does', async () => {
    await world.wecom.userClicksMenu('sunli', '待办')
    await world.settle()
    expect(world.lastText('sunli')).toContain('待办')
  })

  test.each(['subscribe', 'unsubscribe', 'LOCATION', 'view', 'batch_job_result', 'something_new'])(
    'the event %s is taken and not answered',
    async name => {
      const before = [sends(), await count()]
      expect((await world.wecom.sendRaw({ innerXml: inner({ MsgType: 'event', Event: name }) })).status).toBe(200)
      await world.settle()
      expect([sends(), await count()]).toEqual(before)
    },
  )

  test('what happens to an approval of WeCom’s own is noted once, and nobody is told', async () => {
    const before = await count()
    const info = `<ApprovalInfo><SpNo>202611220001</SpNo><SpName><![CDATA[请假]]></SpName><SpStatus>2</SpStatus><Applyer><UserId><![CDATA[zhang3]]></UserId></Applyer></ApprovalInfo>`
    const innerXml = inner({ FromUserName: 'sys', MsgType: 'event', Event: 'sys_approval_change' })
      .replace('1000002', '3010040')
      .replace('</xml>', `${info}</xml>`)
    for (let times = 0; times < 2; times += 1) expect((await world.wecom.sendRaw({ innerXml })).status).toBe(200)
    await world.settle()
    const [inbound = 0, ...others] = before
    expect(await count()).toEqual([inbound + 1, ...others])
    expect(await models().inbound.model.findOne({ 'event.type': 'native_approval' }).lean()).toMatchObject({
      status: 'done',
      event: { userId: 'zhang3', number: '202611220001', name: '请假', state: 2 },
    })
  })

  test('a delivery that comes again, in another envelope, has one effect', async () => {
    const delivery = await world.wecom.userSendsText('zhang3', '新建线索 重庆重复公司 赵一 13911110001')
    for (let times = 0; times < 3; times += 1) await world.wecom.redeliver(delivery)
    await world.settle()
    expect(await models().talk.drafts.countDocuments({ 'values.company': '重庆重复公司' })).toBe(1)
    expect(world.cards('zhang3').filter(card => JSON.stringify(card).includes('重庆重复公司'))).toHaveLength(1)
    await world.press('zhang3', '取消')
  })

  test('the same words said twice are two messages', async () => {
    const before = world.texts('li4').length
    await world.say('li4', '帮助')
    await world.say('li4', '帮助')
    expect(world.texts('li4')).toHaveLength(before + 2)
  })
})

describe('WeCom callbacks that are not right', () => {
  const BILLION = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>`
  const old = () => String(nowS() - 3600)

  test.each<[string, () => RawCallback, number, string]>([
    ['a forged signature', () => ({ innerXml: textXml('x'), signature: '0'.repeat(40) }), 403, 'wecom.signature_mismatch'],
    ['another token', () => ({ innerXml: textXml('x'), token: 'anotherToken' }), 403, 'wecom.signature_mismatch'],
    ['no signature', () => ({ innerXml: textXml('x'), query: { msg_signature: undefined } }), 400, 'wecom.bad_request'],
    ['no timestamp', () => ({ innerXml: textXml('x'), query: { timestamp: undefined } }), 400, 'wecom.bad_request'],
    ['a stale timestamp', () => ({ innerXml: textXml('x'), timestamp: old() }), 403, 'wecom.timestamp_stale'],
    ['a timestamp to come', () => ({ innerXml: textXml('x'), timestamp: String(nowS() + 3600) }), 403, 'wecom.timestamp_stale'],
    ['a timestamp that is none', () => ({ innerXml: textXml('x'), timestamp: 'now' }), 400, 'wecom.bad_request'],
    ['another company', () => ({ innerXml: textXml('x'), receiveId: 'wwstranger' }), 403, 'wecom.receive_id_mismatch'],
    ['no company', () => ({ innerXml: textXml('x'), receiveId: '' }), 403, 'wecom.receive_id_mismatch'],
    [
      'another key',
      () => ({ innerXml: textXml('x'), encodingAesKey: 'QPONMLKJIHGFEDCBAzyxwvutsrqponmlkjihgfedcba' }),
      400,
      'wecom.cipher_invalid',
    ],
    ['entities', () => ({ body: BILLION }), 400, 'wecom.bad_request'],
    ['no XML', () => ({ body: '{"Encrypt":"x"}' }), 400, 'wecom.bad_request'],
    ['nothing', () => ({ body: '' }), 400, 'wecom.bad_request'],
    [
      'ten megabytes',
      () => ({ body: `<xml><Encrypt>${'A'.repeat(10 * 1024 * 1024)}</Encrypt></xml>` }),
      413,
      'wecom.body_too_large',
    ],
  ])('%s: refused with a code, nothing written, and the service goes on', async (_, forge, status, code) => {
    const before = await count()
    const answer = await world.wecom.sendRaw(forge())
    expect([answer.status, answer.body]).toEqual([status, JSON.stringify({ error: { code } })])
    await world.settle()
    expect(await count()).toEqual(before)
    await serves()
  })

  test.each([
    ['words', 'hello'],
    ['nothing', ''],
    ['XML that is not closed', '<xml><MsgType>text</MsgType>'],
    [
      'entities',
      '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><MsgType>text</MsgType><Content>&e;</Content></xml>',
    ],
    ['no type', '<xml><FromUserName>zhang3</FromUserName></xml>'],
    ['no sender', '<xml><MsgType>text</MsgType><CreateTime>1</CreateTime><Content>x</Content></xml>'],
    [
      'a click without a card',
      '<xml><MsgType>event</MsgType><Event>template_card_event</Event><FromUserName>a</FromUserName><CreateTime>1</CreateTime></xml>',
    ],
  ])('signed, but %s inside: put aside, answered 200 so that it does not come back', async (_, innerXml) => {
    const [inbound, quarantine] = await count()
    const answer = await world.wecom.sendRaw({ innerXml })
    expect([answer.status, answer.body]).toEqual([200, ''])
    expect((await count()).slice(0, 2)).toEqual([inbound, (quarantine ?? 0) + 1])
    await serves()
  })

  test('a captured callback is good for ten minutes and has no second effect', async () => {
    const innerXml = textXml('新建线索 重庆重放公司 赵二 13911110002')
    await world.wecom.sendRaw({ innerXml })
    await world.settle()
    expect((await world.wecom.sendRaw({ innerXml })).status).toBe(200)
    await world.settle()
    expect(await models().talk.drafts.countDocuments({ 'values.company': '重庆重放公司' })).toBe(1)
    await world.press('zhang3', '取消')
  })
})

describe('cards', () => {
  test('an unknown card is answered with a way out, and nothing is written', async () => {
    await world.wecom.userClicksCardRaw('zhang3', 'no-such-card', 'approve')
    await world.settle()
    expect(world.lastText('zhang3')).toContain('card.unknown')
  })

  test.each(['unknown', '__proto__', 'constructor', 'toString', 'hasOwnProperty', '$set', 'x'.repeat(1000)])(
    'a button that the card does not have (%j) is refused once and does nothing',
    async action => {
      await world.say('zhang3', '新建线索 重庆按钮公司 赵三 13911110003')
      const { taskId } = world.lastCard('zhang3')
      const before = world.texts('zhang3').length
      const unfinished = await models().inbound.model.countDocuments({ status: { $ne: 'done' } })
      await world.wecom.userClicksCardRaw('zhang3', taskId, action)
      await world.settle()
      expect(world.texts('zhang3').slice(before)).toEqual([expect.stringContaining('card.unknown_action')])
      expect(await models().leads.model.countDocuments({ company: '重庆按钮公司' })).toBe(0)
      expect(await models().inbound.model.countDocuments({ status: { $ne: 'done' } })).toBe(unfinished)
      await world.press('zhang3', '取消')
    },
  )
})

describe('WeCom that does not answer well', () => {
  test('an answer that was lost is recorded as unknown and the message is not sent again', async () => {
    world.wecom.fault({ path: '/message/send', drop: 'after' })
    const before = [world.texts('sunli').length, sends()]
    await world.say('sunli', '帮助')
    await world.advance(3_600_000)
    expect([world.texts('sunli').length, sends()]).toEqual([(before[0] ?? 0) + 1, (before[1] ?? 0) + 1])
    expect(await models().outbox.model.countDocuments({ status: 'unknown' })).toBe(1)
  })

  test('a card whose answer was lost is recorded as unknown and not sent again; its click still works', async () => {
    world.wecom.fault({ path: '/message/send', drop: 'after' })
    const before = world.cards('sunli').length
    await world.say('sunli', '新建线索 重庆丢失公司 赵四 13911110004')
    await world.advance(3_600_000)
    expect(world.cards('sunli')).toHaveLength(before + 1)
    expect(await models().cards.model.countDocuments({ status: 'unknown' })).toBe(1)
    await world.press('sunli', '确认')
    expect(await models().leads.model.countDocuments({ company: '重庆丢失公司' })).toBe(1)
  })

  test('an access token that ends in mid-flight is renewed and the message arrives once', async () => {
    world.wecom.expireTokens()
    const before = world.texts('sunli').length
    await world.say('sunli', '帮助')
    expect(world.texts('sunli')).toHaveLength(before + 1)
  })

  test('45009: the message waits and arrives once', async () => {
    world.wecom.fault({ path: '/message/send', errcode: 45009 })
    const before = world.texts('sunli').length
    await world.say('sunli', '帮助')
    expect(world.texts('sunli')).toHaveLength(before)
    await world.advance(120_000)
    expect(world.texts('sunli')).toHaveLength(before + 1)
  })

  test('a platform that is away for a while: the message arrives once when it is back', async () => {
    world.wecom.fault({ path: '/message/send', errcode: -1, times: 2 })
    const before = world.texts('sunli').length
    await world.say('sunli', '帮助')
    for (let minute = 0; minute < 3; minute += 1) await world.advance(60_000)
    expect(world.texts('sunli')).toHaveLength(before + 1)
  })

  test('more than 30 answers in a minute: none is lost', async () => {
    const before = world.texts('machao').length
    for (let n = 0; n < 35; n += 1) await world.wecom.userSendsText('machao', '帮助')
    await world.settle()
    await world.advance(60_000)
    await world.advance(60_000)
    expect(world.texts('machao')).toHaveLength(before + 35)
    expect(world.wecom.dropped).toEqual([])
  })
})

describe('DingTalk', () => {
  test('a picture gets a polite answer', async () => {
    await world.dingtalk.userSendsImage('u1001')
    await world.settle()
    expect(world.lastText('u1001')).toContain('收到图片')
  })

  test.each(['查 长安汽车', '待办', '新建线索 重庆群里公司 赵五 13911110005', '分享进度 长安汽车', '同意'])(
    'in a group %j gets a pointer to the single chat and no customer data',
    async text => {
      const before = [await models().talk.drafts.countDocuments(), await models().shares.model.countDocuments()]
      await world.dingtalk.userSendsTextInGroup('u1001', 'cid-group-1', text)
      await world.settle()
      const said = JSON.stringify(world.dingtalk.groupView('cid-group-1'))
      expect(said).toContain('单聊')
      expect(said).not.toMatch(/张伟|13812345678|重庆长安汽车|跟进线索/)
      expect([await models().talk.drafts.countDocuments(), await models().shares.model.countDocuments()]).toEqual(before)
    },
  )

  test('a message that comes again has one effect', async () => {
    const push = await world.dingtalk.userSendsText('u1023', '新建线索 重庆钉重公司 赵六 13911110006')
    await world.dingtalk.redeliver(push)
    await world.settle()
    expect(await models().talk.drafts.countDocuments({ 'values.company': '重庆钉重公司' })).toBe(1)
    await world.press('u1023', '取消')
  })

  test.each(['action', 'actionIds', 'value'] as const)('a click that names its button by %s is understood', async as => {
    const company = `重庆${as}公司`
    await world.say('u1023', `新建线索 ${company} 赵七 139111101${as.length}0`)
    await world.dingtalk.userClicksCard('u1023', world.lastCard('u1023').taskId, 'confirm', { as })
    await world.settle()
    expect(await models().leads.model.countDocuments({ company })).toBe(1)
  })

  test('an unknown button is refused', async () => {
    await world.say('u1023', '新建线索 重庆钉钮公司 赵八 13911110008')
    await world.dingtalk.userClicksCardRaw('u1023', world.lastCard('u1023').taskId, 'no_such_button')
    await world.settle()
    expect(world.lastText('u1023')).toContain('card.unknown_action')
    await world.press('u1023', '取消')
  })

  test('a stream that was cut connects again and answers', async () => {
    const cut = streams(open => open === 0)
    world.dingtalk.sendMalformedFrame()
    world.dingtalk.dropConnections()
    await cut
    await streams(open => open > 0)
    await world.say('u1030', '帮助')
    expect(world.lastText('u1030')).toContain('我能帮您')
  })
})

/** Resolves when so many streams are open: told by the emulator, not by the clock. */
function streams(enough: (open: number) => boolean): Promise<void> {
  if (enough(world.dingtalk.connections())) return Promise.resolve()
  return new Promise(resolve => {
    const stop = world.dingtalk.onChange(() => {
      if (!enough(world.dingtalk.connections())) return
      stop()
      resolve()
    })
  })
}

describe('DingTalk without a card template', () => {
  let plain: World

  beforeAll(async () => {
    plain = await startWorld({ env: { DINGTALK_CARD_TEMPLATE_ID: '' } })
  })
  afterAll(() => plain.close())

  test('buttons become links, words decide, and a newer message tells what became of it', async () => {
    await plain.say('u1001', '新建线索 重庆无模板公司 赵九 13911110009')
    const draft = plain.lastCard('u1001')
    expect(draft.buttons.length).toBeGreaterThan(0)
    expect(draft.buttons.every(button => button.url && !button.key)).toBe(true)
    await plain.say('u1001', '确认')
    expect(plain.lastText('u1001')).toMatch(/XS-\d{4}-\d{4}/)
    await plain.say('u1001', '提交合同 无模板 试签 专线 1万')
    await plain.say('u1001', '确认')
    await plain.press('liuqiang', '同意')
    const asked = plain.lastCard('u1030')
    expect(JSON.stringify(asked.raw)).toContain('试签')
    expect(asked.buttons.every(button => button.url && !button.key)).toBe(true)
    await plain.say('u1030', '同意')
    const contract = await plain.service.services.models.contracts.model.findOne({ title: '试签' }).lean()
    expect((await plain.service.services.models.cases.byId(contract?.caseId ?? ''))?.decidedByIds).toHaveLength(2)
    expect(plain.texts('u1030').join('\n')).toContain('已同意')
  })
})
