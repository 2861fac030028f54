import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { encrypt, getSignature } from '@wecom/crypto'
import { startWeComEmulator, type WeComEmulator, type WeComEmulatorOptions } from '../../../emulator/index.ts'
import { decisionCard, handClock, sampleCompany, sampleWeComApp, startFakeService, wecomClient } from './support.ts'

const HOUR_MS = 3_600_000

let clock: ReturnType<typeof handClock>
let service: Awaited<ReturnType<typeof startFakeService>>
let platform: WeComEmulator

async function startPlatform(options: Partial<WeComEmulatorOptions> = {}) {
  await platform?.close()
  platform = await startWeComEmulator({
    ...sampleWeComApp,
    clock,
    company: sampleCompany,
    callbackUrl: service.url,
    retryDelayMs: 1,
    ...options,
  })
  return wecomClient(platform.baseUrl)
}

beforeEach(async () => {
  clock = handClock()
  service = await startFakeService()
})

afterEach(async () => {
  await platform.close()
  await service.close()
})

/** An encrypted passive reply to whatever comes. */
function passiveReply(inner: string, token: string = sampleWeComApp.token) {
  const cipher = encrypt(sampleWeComApp.encodingAesKey, inner, sampleWeComApp.corpId)
  const signature = getSignature(token, '1700000000', 'n1', cipher)
  return `<xml><Encrypt><![CDATA[${cipher}]]></Encrypt><MsgSignature><![CDATA[${signature}]]></MsgSignature><TimeStamp>1700000000</TimeStamp><Nonce><![CDATA[n1]]></Nonce></xml>`
}

describe('callbacks', () => {
  test('saving the address passes only with the exact echo, and the query holds + and /', async () => {
    await startPlatform()
    expect(await platform.verifyUrl()).toMatchObject({ ok: true, status: 200 })
    expect(service.received[0]?.query.get('echostr')).toMatch(/\+.*\/|\/.*\+/)
    await service.close()
    service = await startFakeService([{ body: '"1234"' }])
    platform.setCallbackUrl(service.url)
    expect(await platform.verifyUrl()).toMatchObject({ ok: false })
  })

  test('a text arrives signed and encrypted with a message id beyond what a number holds', async () => {
    await startPlatform()
    const delivery = await platform.userSendsText('zhang3', '查 长安 ]]> <b>')
    const [callback] = service.received
    const cipher = /<Encrypt><!\[CDATA\[(.*?)\]\]>/.exec(callback?.body ?? '')?.[1] ?? ''
    const { timestamp, nonce, msg_signature } = Object.fromEntries(callback?.query ?? [])
    expect(getSignature(sampleWeComApp.token, timestamp ?? '', nonce ?? '', cipher)).toBe(msg_signature)
    expect(timestamp).toBe(String(clock.now() / 1000))
    expect(callback?.inner).toContain('<![CDATA[查 长安 ]]]]><![CDATA[> <b>]]>')
    expect(BigInt(/<MsgId>(\d+)</.exec(callback?.inner ?? '')?.[1] ?? '0')).toBeGreaterThan(2n ** 53n)
    expect(delivery).toMatchObject({ status: 200, body: '' })
  })

  test('a hanging service gets three retries, each with fresh ciphertext of the same inner message', async () => {
    await service.close()
    service = await startFakeService(['hang', 'hang', 'hang'])
    await startPlatform({ callbackTimeoutMs: 300 })
    const delivery = await platform.userSendsText('zhang3', '待办')
    expect(delivery.attempts.map(({ status }) => status)).toEqual([0, 0, 0, 200])
    expect(new Set(service.received.map(({ inner }) => inner)).size).toBe(1)
    expect(new Set(service.received.map(({ body }) => body)).size).toBe(4)
  })

  test('a refusal by status is not retried, and redelivery repeats the same inner message', async () => {
    await service.close()
    service = await startFakeService([{ status: 403 }])
    await startPlatform()
    const delivery = await platform.userSendsText('zhang3', '待办')
    expect(delivery).toMatchObject({ status: 403 })
    expect(delivery.attempts).toHaveLength(1)
    const again = await platform.redeliver(delivery)
    expect(again.status).toBe(200)
    expect(service.received[1]?.inner).toBe(service.received[0]?.inner)
    expect(service.received[1]?.body).not.toBe(service.received[0]?.body)
  })

  test('a passive text joins the conversation; a forged one shows nothing', async () => {
    const inner =
      '<xml><ToUserName><![CDATA[zhang3]]></ToUserName><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[好的]]></Content></xml>'
    await service.close()
    service = await startFakeService([{ body: passiveReply(inner) }, { body: passiveReply(inner, 'otherToken') }])
    await startPlatform()
    await platform.userSendsText('zhang3', '你好')
    const forged = await platform.userSendsText('zhang3', '你好')
    expect(platform.view('zhang3').map(({ text }) => text)).toEqual(['好的'])
    expect(forged.warnings).toHaveLength(1)
  })

  test('a forged callback can carry any wrong part', async () => {
    await startPlatform()
    await platform.sendRaw({ innerXml: '<xml/>', signature: '0'.repeat(40), query: { nonce: undefined } })
    const [callback] = service.received
    expect(callback?.query.get('msg_signature')).toBe('0'.repeat(40))
    expect(callback?.query.has('nonce')).toBe(false)
    expect(callback?.inner).toBe('<xml/>')
  })
})

describe('cards', () => {
  test('a click carries a new response code each time, and a code changes a card once', async () => {
    const api = await startPlatform()
    await api.post('message/send', decisionCard('c1'))
    await platform.userClicksCard('zhang3', 'c1', 'approve')
    await platform.userClicksCard('zhang3', 'c1', 'approve')
    const codes = service.received.map(({ inner }) => /<ResponseCode><!\[CDATA\[(.*?)\]\]>/.exec(inner)?.[1] ?? '')
    expect(new Set(codes).size).toBe(2)
    const update = {
      userids: ['zhang3'],
      agentid: sampleWeComApp.agentId,
      response_code: codes[0],
      button: { replace_name: '已同意' },
    }
    expect(await api.post('message/update_template_card', update)).toEqual({ errcode: 0, errmsg: 'ok', invaliduser: [] })
    expect(await api.post('message/update_template_card', update)).toMatchObject({ errcode: 60140 })
    expect(platform.view('zhang3')[0]?.card).toMatchObject({
      status: '已同意',
      buttons: [{ enabled: false }, { enabled: false }],
    })
  })

  test('a closed card refuses the client click but not a forged one', async () => {
    const api = await startPlatform()
    const { response_code } = await api.post('message/send', decisionCard('c1'))
    const update = { userids: ['zhang3'], agentid: sampleWeComApp.agentId, response_code, button: { replace_name: '已同意' } }
    await api.post('message/update_template_card', update)
    await expect(platform.userClicksCard('zhang3', 'c1', 'approve')).rejects.toMatchObject({ code: 'card.no_live_button' })
    await expect(platform.userClicksCard('li4', 'c1', 'approve')).rejects.toMatchObject({ code: 'card.no_live_button' })
    expect((await platform.userClicksCardRaw('li4', 'c1', 'approve')).status).toBe(200)
  })

  test('a response code is dead after 72 hours', async () => {
    const api = await startPlatform()
    const { response_code } = await api.post('message/send', decisionCard('c1'))
    clock.advance(72 * HOUR_MS + 1)
    const fresh = await wecomClient(platform.baseUrl)
    const update = { userids: ['zhang3'], agentid: sampleWeComApp.agentId, response_code, button: { replace_name: '已超时' } }
    expect(await fresh.post('message/update_template_card', update)).toMatchObject({ errcode: 60140 })
  })

  test('an update changes only the recipients it names', async () => {
    const api = await startPlatform()
    const { response_code } = await api.post('message/send', decisionCard('c1', 'zhang3|li4'))
    const update = { agentid: sampleWeComApp.agentId, response_code, button: { replace_name: '已同意' } }
    expect(await api.post('message/update_template_card', update)).toMatchObject({ errcode: 82101 })
    expect(await api.post('message/update_template_card', { ...update, userids: ['wang5'] })).toMatchObject({ errcode: 82102 })
    expect(await api.post('message/update_template_card', { ...update, userids: ['ZHANG3', 'wang5'] })).toMatchObject({
      errcode: 0,
      invaliduser: ['wang5'],
    })
    expect(platform.view('zhang3')[0]?.card?.status).toBe('已同意')
    expect(platform.view('li4')[0]?.card?.status).toBe('')
  })

  test.each([
    ['a task id used before', { task_id: 'used' }, 42014],
    ['a task id with a colon', { task_id: 'a:b' }, 42014],
    ['no title', { main_title: { desc: 'x' } }, 42033],
    ['a row without a name', { horizontal_content_list: [{ value: '1' }] }, 42027],
    ['seven rows', { horizontal_content_list: Array.from({ length: 7 }, () => ({ keyname: 'a', value: 'b' })) }, 42035],
    ['a button without a key', { button_list: [{ text: '同意' }] }, 42039],
    ['a jump without an address', { button_list: [{ text: '详情', type: 1 }] }, 42028],
    ['an unknown type', { card_type: 'html' }, 42031],
    [
      'two menu entries with one key',
      {
        action_menu: {
          action_list: [
            { text: 'a', key: 'k' },
            { text: 'b', key: 'k' },
          ],
        },
      },
      42051,
    ],
  ])('a card with %s is refused', async (_what, part, errcode) => {
    const api = await startPlatform()
    await api.post('message/send', decisionCard('used'))
    expect(await api.post('message/send', decisionCard('c1', 'zhang3', part))).toMatchObject({ errcode })
    expect(platform.view('zhang3')).toHaveLength(1)
  })

  test('without a callback address no card with buttons can be sent', async () => {
    const api = await startPlatform()
    platform.setCallbackUrl(undefined)
    expect(await api.post('message/send', decisionCard('c1'))).toMatchObject({ errcode: 43012 })
  })

  test('what the page does not list, and what a client cuts off, is noted', async () => {
    const api = await startPlatform()
    await api.post('message/send', {
      ...decisionCard('c1', 'zhang3', { horizontal_content_list: [{ keyname: '合同总金额', value: '1' }], colour: 1 }),
      to: 'x',
    })
    await api.post(
      'message/send',
      decisionCard('c2', 'zhang3', { horizontal_content_list: [{ keyname: '合同的总金额', value: '1' }] }),
    )
    const found = platform.violations.map(({ kind, field }) => `${kind} ${field}`)
    expect(found).toEqual([
      'unknown_field template_card.colour',
      'unknown_field to',
      'not_for_type template_card.colour',
      'over_length template_card.horizontal_content_list.keyname',
    ])
  })

  test('a recalled message shows no card, and its code is spent', async () => {
    const api = await startPlatform()
    const { msgid, response_code } = await api.post('message/send', decisionCard('c1'))
    expect(await api.post('message/recall', { msgid })).toMatchObject({ errcode: 0 })
    expect(platform.view('zhang3')[0]).toMatchObject({ recalled: true })
    expect(platform.view('zhang3')[0]?.card).toBeUndefined()
    const update = { userids: ['zhang3'], agentid: sampleWeComApp.agentId, response_code, button: { replace_name: 'x' } }
    expect(await api.post('message/update_template_card', update)).toMatchObject({ errcode: 60140 })
  })
})

describe('sending', () => {
  const text = (touser: string) => ({ touser, msgtype: 'text', agentid: sampleWeComApp.agentId, text: { content: '你好' } })

  test('unknown people are listed though the call succeeds; nobody left is an error', async () => {
    const api = await startPlatform()
    expect(await api.post('message/send', text('zhang3|Nobody|gone'))).toMatchObject({ errcode: 0, invaliduser: 'nobody|gone' })
    expect(await api.post('message/send', text('nobody'))).toMatchObject({ errcode: 81013 })
  })

  test('the 31st message of a minute to one person vanishes without an error', async () => {
    const api = await startPlatform()
    for (let index = 0; index < 31; index++) expect(await api.post('message/send', text('zhang3'))).toMatchObject({ errcode: 0 })
    expect(platform.view('zhang3')).toHaveLength(30)
    expect(platform.dropped).toHaveLength(1)
    clock.advance(60_000)
    await api.post('message/send', text('zhang3'))
    expect(platform.view('zhang3')).toHaveLength(31)
  })

  test('an expired token is told apart from an unknown one, and gettoken repeats a live one', async () => {
    const api = await startPlatform()
    expect((await wecomClient(platform.baseUrl)).token).toBe(api.token)
    platform.expireTokens()
    expect(await api.get('tag/list')).toMatchObject({ errcode: 42001 })
    const fresh = await wecomClient(platform.baseUrl)
    expect(fresh.token).not.toBe(api.token)
    expect(await fresh.get('tag/list', { access_token: 'made-up' })).toMatchObject({ errcode: 40014 })
  })

  test('a connection closed after applying loses the answer, not the message', async () => {
    const api = await startPlatform()
    platform.fault({ path: '/message/send', closeAfterApply: true })
    await expect(api.post('message/send', text('zhang3'))).rejects.toThrow()
    expect(platform.view('zhang3')).toHaveLength(1)
    platform.fault({ path: '/message/send', drop: true })
    await expect(api.post('message/send', text('zhang3'))).rejects.toThrow()
    expect(platform.view('zhang3')).toHaveLength(1)
    platform.fault({ path: '/message/send', errcode: 45009, times: 1 })
    expect(await api.post('message/send', text('zhang3'))).toMatchObject({ errcode: 45009 })
    expect(await api.post('message/send', text('zhang3'))).toMatchObject({ errcode: 0 })
  })
})

describe('people and login', () => {
  test('members, superiors and department heads are those on this platform, without mobiles', async () => {
    const api = await startPlatform()
    const person = await api.get('user/get', { userid: 'ZHANG3' })
    expect(person).toMatchObject({ userid: 'zhang3', position: '客户经理', direct_leader: ['liuqiang'], department: [3] })
    expect(person).not.toHaveProperty('mobile')
    expect(await api.get('user/get', { userid: 'u1030' })).toMatchObject({ errcode: 60111 })
    const { department } = (await api.get('department/list')) as unknown as {
      department: { id: number; department_leader: string[] }[]
    }
    expect(department.map(({ id, department_leader }) => [id, department_leader])).toContainEqual([1, ['wangmin']])
    expect(department.map(({ id, department_leader }) => [id, department_leader])).toContainEqual([5, []])
    expect(await api.post('user/getuserid', { mobile: '13900001001' })).toMatchObject({ userid: 'zhang3' })
  })

  test('a login code identifies its person once, for five minutes', async () => {
    const api = await startPlatform()
    const login = async () => {
      const query = {
        appid: sampleWeComApp.corpId,
        redirect_uri: 'http://127.0.0.1/cb?x=1#h',
        response_type: 'code',
        state: 'abc',
        as: 'zhang3',
      }
      const answer = await fetch(`${platform.baseUrl}/connect/oauth2/authorize?${new URLSearchParams(query)}`, {
        redirect: 'manual',
      })
      return new URL(answer.headers.get('location') ?? '')
    }
    const target = await login()
    expect([target.searchParams.get('x'), target.searchParams.get('state'), target.hash]).toEqual(['1', 'abc', '#h'])
    const code = target.searchParams.get('code') ?? ''
    expect(await api.get('auth/getuserinfo', { code })).toMatchObject({ errcode: 0, userid: 'zhang3' })
    expect(await api.get('auth/getuserinfo', { code })).toMatchObject({ errcode: 40029 })
    const late = (await login()).searchParams.get('code') ?? ''
    clock.advance(5 * 60_000 + 1)
    expect(await api.get('auth/getuserinfo', { code: late })).toMatchObject({ errcode: 40029 })
  })

  test('a login page without an identity asks who holds the phone', async () => {
    await startPlatform()
    platform.holdPhone('left', 'li4')
    const query = { appid: sampleWeComApp.corpId, redirect_uri: 'http://127.0.0.1/cb', response_type: 'code', state: 'abc' }
    const page = await (await fetch(`${platform.baseUrl}/connect/oauth2/authorize?${new URLSearchParams(query)}`)).text()
    expect(page).toContain('/__emu/phone/')
    expect(await (await fetch(`${platform.baseUrl}/__emu/phone/left`)).json()).toEqual({ userId: 'li4' })
  })

  test('secrets and tokens stay out of the call log', async () => {
    const api = await startPlatform()
    await api.get('tag/list')
    const log = JSON.stringify(platform.calls)
    expect(log).not.toContain(sampleWeComApp.secret)
    expect(log).not.toContain(api.token)
    expect(platform.calls.map(({ path }) => path)).toEqual(['/cgi-bin/gettoken', '/cgi-bin/tag/list'])
  })
})
