import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { checkPlatforms } from '../../bot/cli/checks/platforms.ts'
import { parseConfig } from '../../bot/config.ts'
import { type DingTalkEmulator, sampleCompany, sampleDingTalkApp, startDingTalkEmulator } from '../../emulator/index.ts'

let platform: DingTalkEmulator
let env: Record<string, string>

beforeAll(async () => {
  // Few people: the contacts are read at the platform's pace.
  const people = sampleCompany.people.filter(({ dingtalkUserId }) => dingtalkUserId === 'u1030' || dingtalkUserId === 'u1031')
  const company = {
    ...sampleCompany,
    departments: sampleCompany.departments.slice(0, 1),
    people: people.map(person => ({ ...person, departmentId: 1 })),
  }
  platform = await startDingTalkEmulator({ ...sampleDingTalkApp, company })
})
beforeEach(() => {
  env = {
    DINGTALK_CLIENT_ID: sampleDingTalkApp.clientId,
    DINGTALK_CLIENT_SECRET: sampleDingTalkApp.clientSecret,
    DINGTALK_CORP_ID: sampleDingTalkApp.corpId,
    DINGTALK_AGENT_ID: sampleDingTalkApp.agentId,
    DINGTALK_CARD_TEMPLATE_ID: sampleDingTalkApp.cardTemplateId,
    DINGTALK_GROUP_TEMPLATE_ID: sampleDingTalkApp.groupTemplateId,
    DINGTALK_API_BASE: platform.baseUrl,
    DINGTALK_OAPI_BASE: platform.baseUrl,
    DINGTALK_LOGIN_BASE: platform.baseUrl,
  }
})
afterAll(() => platform.close())

/** The doctor's lines about DingTalk, as `state text → next`. */
async function report(now: () => number = Date.now): Promise<string[]> {
  const findings = await checkPlatforms(parseConfig(env), now)
  return findings.map(({ state, text, next }) => `${state} ${text}${next ? ` → ${next}` : ''}`)
}

test('an app that is set up well', async () => {
  const lines = await report()
  expect(lines.filter(line => line.startsWith('bad'))).toEqual([])
  for (const words of ['Stream 可以取得连接票据', '时钟与钉钉一致', '卡片模板可用', '网页签名可用', '通讯录可读'])
    expect(lines.join('\n')).toContain(words)
  // Nobody was sent anything.
  expect(sampleCompany.people.flatMap(({ dingtalkUserId }) => (dingtalkUserId ? platform.view(dingtalkUserId) : []))).toEqual([])
  expect(platform.violations).toEqual([])
})

test.each<[string, () => void, RegExp]>([
  ['a wrong secret', () => Object.assign(env, { DINGTALK_CLIENT_SECRET: 'wrong' }), /bad .*credentials_wrong.*→.*CLIENT_SECRET/],
  [
    'no card template',
    () => Object.assign(env, { DINGTALK_CARD_TEMPLATE_ID: '' }),
    /warn 没有设置 DINGTALK_CARD_TEMPLATE_ID.*→.*setup-dingtalk/,
  ],
  [
    'a template of another app',
    () => Object.assign(env, { DINGTALK_CARD_TEMPLATE_ID: 'x.schema' }),
    /bad 钉钉卡片模板 x\.schema 不可用 →.*已发布/,
  ],
  [
    'no permission for cards',
    () =>
      platform.fault({
        path: '/v1.0/card/instances',
        httpStatus: 403,
        code: 'Forbidden.AccessDenied.AccessTokenPermissionDenied',
      }),
    /bad 应用没有互动卡片权限 →.*Card\.Instance\.Write/,
  ],
  [
    'a robot that is not in stream mode',
    () => platform.fault({ path: '/v1.0/gateway/connections/open', httpStatus: 401, code: 'authFailed' }),
    /bad 钉钉 Stream 取不到连接票据.*→.*Stream 模式/,
  ],
  [
    'no permission for contacts',
    () => platform.fault({ path: '/topapi/v2/user/list', errcode: 60011, times: 50 }),
    /dingtalk\.not_permitted.*→.*权限管理/,
  ],
  [
    'no group template',
    () => Object.assign(env, { DINGTALK_GROUP_TEMPLATE_ID: '' }),
    /warn .*DINGTALK_GROUP_TEMPLATE_ID.*→.*第 6 步/,
  ],
])('%s is named, with what to do', async (_, spoil, words) => {
  spoil()
  expect((await report()).join('\n')).toMatch(words)
})

test('an address that is not on the list is named', async () => {
  platform.allowIp(false)
  expect((await report()).join('\n')).toMatch(/bad .*ip_not_allowed.*→.*出口 IP/)
  platform.allowIp(true)
})

test.each([
  [10_000, /warn 本机时钟与钉钉相差 10 秒\(本机快\)/],
  [-120_000, /bad 本机时钟与钉钉相差 1(19|20) 秒\(本机慢\)/],
])('a clock that is off by %i ms is named', async (offMs, words) => {
  expect((await report(() => Date.now() + offMs)).join('\n')).toMatch(words)
})
