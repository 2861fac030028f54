import { afterEach, describe, expect, test } from '@jest/globals'
import { checkPlatforms } from '../../../bot/cli/checks/platforms.ts'
import { checkWeCom } from '../../../bot/cli/checks/wecom.ts'
import { parseConfig } from '../../../bot/config.ts'
import { startWeComEmulator, type WeComEmulator, type WeComEmulatorOptions } from '../../../emulator/index.ts'
import { sampleCompany, sampleWeComApp } from '../emulator/support.ts'

let platform: WeComEmulator

const customers = [{ externalId: 'wmA', name: '张伟', follows: [{ userId: 'zhang3' }] }]

async function start(options: Partial<WeComEmulatorOptions> = {}) {
  platform = await startWeComEmulator({ ...sampleWeComApp, company: sampleCompany, customers, ...options })
  return {
    ...sampleWeComApp,
    agentId: String(sampleWeComApp.agentId),
    apiBase: platform.baseUrl,
    oauthBase: platform.baseUrl,
  }
}

afterEach(() => platform.close())

const said = async (findings: ReturnType<typeof checkWeCom>) =>
  (await findings).map(({ state, text, next = '' }) => `${state} ${text} → ${next}`).join('\n')

/** Both checks of the doctor, with the settings as they are in the environment. */
const diagnosed = (app: Awaited<ReturnType<typeof start>>) =>
  said(
    checkPlatforms(
      parseConfig({
        WECOM_CORP_ID: app.corpId,
        WECOM_AGENT_ID: app.agentId,
        WECOM_SECRET: app.secret,
        WECOM_TOKEN: app.token,
        WECOM_ENCODING_AES_KEY: app.encodingAesKey,
        WECOM_API_BASE: app.apiBase,
      }),
      Date.now,
    ),
  )

describe('the doctor looks at a WeCom app', () => {
  test('that is set up well: nothing to mend, and nothing was changed or sent', async () => {
    const words = await said(checkWeCom(await start(), Date.now))
    expect(words).not.toContain('bad ')
    expect(words).toContain('客户联系可读,1 位成员')
    expect(platform.calls.filter(call => /create|send|update/.test(call.path))).toEqual([])
    expect(platform.violations).toEqual([])
  })

  test.each([
    ['a clock that is off', {}, 10 * 60_000, /bad 服务器的时钟和企业微信相差 (599|60[01]) 秒/, 'NTP'],
    ['a clock that is slightly off', {}, 60_000, /warn 服务器的时钟和企业微信相差 (59|6[01]) 秒/, 'NTP'],
    ['an app that may not see customers', { canCustomer: false }, 0, /warn 企业微信:读不到客户联系/, '可调用接口的应用'],
  ])('%s: said, with what to do', async (_, options, offMs, what, next) => {
    const words = await said(checkWeCom(await start(options), () => Date.now() + offMs))
    expect(words).toMatch(what)
    expect(words).toContain(next)
  })

  test('an agent id of another app', async () => {
    const app = await start()
    const words = await said(checkWeCom({ ...app, agentId: '1000009' }, Date.now))
    expect(words).toContain('bad 企业微信:WECOM_AGENT_ID 1000009 和 WECOM_SECRET 不是同一个应用')
  })

  test('an address that is not allowed: the address is named, and where to add it', async () => {
    const app = await start()
    platform.setTrustedIps(['203.0.113.9'])
    const words = await diagnosed(app)
    expect(words).toContain('bad 企业微信:wecom.ip_not_allowed(127.0.0.1 60020)')
    expect(words).toContain('企业可信 IP')
  })

  test('an app that is switched off, and a wrong secret', async () => {
    const app = await start()
    platform.setEnabled(false)
    expect(await diagnosed(app)).toContain('bad 企业微信:wecom.app_disabled')
    expect(await diagnosed({ ...app, secret: 'wrong' as never })).toContain('bad 企业微信:wecom.credentials_wrong')
  })

  test('a platform that is not there', async () => {
    const app = await start()
    const words = await said(checkWeCom({ ...app, apiBase: 'http://127.0.0.1:1' }, Date.now))
    expect(words).toContain('bad 企业微信的接口访问不到')
  })
})
