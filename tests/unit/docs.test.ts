import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { parseConfig } from '../../bot/config.ts'
import { envExample, SETTINGS } from '../../bot/settings.ts'
import { understand } from '../../handlers/talk/understand/index.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const PAGES = [
  'README.md',
  'README.en.md',
  'CONTRIBUTING.md',
  'GLOSSARY.md',
  'docs/dingtalk-card.md',
  'docs/setup-wecom.md',
  'docs/setup-dingtalk.md',
  'docs/operations.md',
]
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }

describe('the documents tell the truth', () => {
  test.each(['README.md', 'README.en.md'])('%s begins with the two commands', page => {
    expect(read(page)).toContain('npm install && npm start')
    expect(read(page)).toContain('npm install && npm test')
  })

  test.each(PAGES)('every npm command and every linked file in %s exists', page => {
    const text = read(page)
    const named = [...text.matchAll(/npm run ([a-z-]+)/g)].map(match => match[1] ?? '')
    expect(named.filter(name => !(name in scripts))).toEqual([])
    const linked = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(match => match[1] ?? '')
    expect(linked.filter(path => !existsSync(join(root, dirname(page), path)))).toEqual([])
    const files = [
      ...text.matchAll(/`((?:bot|handlers|models|cards|engine|common|miniapp|tests|store|emulator)\/[\w./-]+\.(?:ts|md))`/g),
    ]
    expect(files.map(match => match[1] ?? '').filter(path => !existsSync(join(root, path)))).toEqual([])
  })

  test.each(PAGES)('every setting named in %s exists', page => {
    const known = new Set(SETTINGS.map(({ name }) => name))
    const groups = [...new Set([...known].flatMap(name => (name.includes('_') ? (name.split('_')[0] ?? []) : [])))]
    const named = read(page).match(new RegExp(`\\b(?:${groups.join('|')})_[A-Z_]*[A-Z]\\b`, 'g')) ?? []
    expect(named.filter(name => !known.has(name))).toEqual([])
  })

  test.each([
    '新建线索 重庆长安汽车 张伟 13812345678 专线 预算80万',
    '查 长安',
    '查 caqc',
    '提交合同 长安 专线扩容 专线 62万',
    '分享进度 长安',
    '拜访 长安汽车',
    '写跟进 长安汽车 今天沟通了续约',
    '待办',
    '我的审批',
    '同意 1',
    '拒绝 1 理由',
    '转交 1 李明',
    '催一下',
    '撤回',
    '撤销分享 长安汽车',
    '建群 长安汽车',
    '退回 1 资料不全',
    '重新提交 1',
    '加签 1 李明',
    '后加签 1 李明',
    '撤销同意',
    '完成 1 已上架',
    '流程用时',
    '流程用时 合同审批',
    '谁负责 长安汽车',
    '评论 1 请补充预算',
    '抄送 1 李明',
    '全部同意',
    '发起',
    '发起 项目报备 长安汽车',
    '委托 李明 到 周五',
    '取消委托',
    '我的委托',
    '帮助',
  ])('the phrase "%s" is understood', phrase => {
    expect(understand(phrase).type).not.toBe('unknown')
  })

  test('the settings example names every setting, and an empty one starts the trial', () => {
    expect(read('.env.example')).toBe(envExample())
    expect(SETTINGS.every(({ name }) => read('.env.example').includes(`# ${name}=`))).toBe(true)
    expect(parseConfig({})).toMatchObject({ port: 3000, host: '127.0.0.1', demo: true })
  })
})

describe('a start that cannot go on says why', () => {
  const wecom = {
    WECOM_CORP_ID: 'ww1',
    WECOM_AGENT_ID: '1000002',
    WECOM_SECRET: 's',
    WECOM_TOKEN: 'token',
    WECOM_ENCODING_AES_KEY: 'a'.repeat(43),
  }
  const dingtalk = { DINGTALK_CLIENT_ID: 'c', DINGTALK_CLIENT_SECRET: 's', DINGTALK_CORP_ID: 'd' }

  test.each([
    ['a half-given channel', { WECOM_CORP_ID: 'ww1' }, 'WECOM_AGENT_ID'],
    ['an unknown name', { WECOM_TOKN: 'x' }, 'WECOM_TOKN'],
    ['a key of the wrong length', { ...wecom, WECOM_ENCODING_AES_KEY: 'short' }, 'WECOM_ENCODING_AES_KEY'],
    ['a half-given bot', { ...wecom, WECOM_BOT_ID: 'b' }, 'WECOM_BOT_TOKEN'],
    ['a bot’s secret alone', { ...wecom, WECOM_BOT_SECRET: 's' }, 'WECOM_BOT_ID'],
    ['a bot in both modes', { ...wecom, WECOM_BOT_ID: 'b', WECOM_BOT_TOKEN: 't', WECOM_BOT_SECRET: 's' }, '只能用一种方式'],
    ['a bot without its app', { WECOM_BOT_ID: 'b', WECOM_BOT_SECRET: 's' }, 'WECOM_CORP_ID'],
    ['the trial beside a real channel', { ...wecom, DEMO: '1' }, 'DEMO=1'],
    ['the trial on another address', { DEMO: '1', HOST: '0.0.0.0' }, '0.0.0.0'],
    ['the trial beside MongoDB', { DEMO: '1', MONGODB_URI: 'mongodb://db/kelian', APP_SECRET: 'x'.repeat(16) }, 'MONGODB_URI'],
    ['the trial in production', { DEMO: '1', NODE_ENV: 'production' }, 'NODE_ENV'],
    ['MongoDB without a secret', { MONGODB_URI: 'mongodb://db/kelian' }, 'APP_SECRET'],
    ['a test clock on another address', { TEST_CLOCK: '1', HOST: '0.0.0.0', DEMO: '0' }, 'TEST_CLOCK'],
    ['quiet hours that are none', { QUIET_HOURS: '9pm' }, 'QUIET_HOURS'],
    ['a half-given SMS service', { SMS_WEBHOOK_URL: 'https://sms.example.com/' }, 'SMS_WEBHOOK_SECRET'],
    ['a port that is none', { PORT: 'abc' }, 'PORT'],
    ['the former secret without a new one', { APP_SECRET_PREVIOUS: 'x'.repeat(16) }, 'APP_SECRET'],
    ['a proxy of another kind', { OUTBOUND_PROXY: 'socks5://proxy:1080' }, 'OUTBOUND_PROXY'],
    ['half-given events', { ...dingtalk, DINGTALK_EVENT_TOKEN: 'token' }, 'DINGTALK_EVENT_AES_KEY'],
    ['events without their app', { DINGTALK_EVENT_TOKEN: 'token', DINGTALK_EVENT_AES_KEY: 'a'.repeat(43) }, 'DINGTALK_CLIENT_ID'],
    ['an admin in the wrong form', { ADMIN_USERS: 'zhang3' }, 'zhang3'],
  ])('%s', (_, env, named) => {
    expect(() => parseConfig(env as Record<string, string>)).toThrow(named)
  })

  test('a real channel, MongoDB or another address turns the trial off by itself', () => {
    expect(parseConfig(wecom).demo).toBe(false)
    expect(parseConfig({ MONGODB_URI: 'mongodb://db/kelian', APP_SECRET: 'x'.repeat(16) }).demo).toBe(false)
    expect(parseConfig({ HOST: '0.0.0.0' }).demo).toBe(false)
  })
})
