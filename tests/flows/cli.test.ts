import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import mongoose from 'mongoose'
import { readArchive } from '../../bot/cli/archive/read.ts'
import { restoreArchive } from '../../bot/cli/archive/restore.ts'
import { writeArchive } from '../../bot/cli/archive/write.ts'
import { diagnose } from '../../bot/cli/checks/index.ts'
import { type OpenDatabase, openDatabase } from '../../bot/cli/database.ts'
import { linkAccounts } from '../../bot/cli/link-accounts.ts'
import { parseConfig } from '../../bot/config.ts'
import { envExample } from '../../bot/settings.ts'
import { sampleCompany } from '../../emulator/index.ts'
import { cli } from '../support/cli.ts'
import { startWorld, type World } from '../support/world.ts'

async function inDatabase<Result>(
  env: Record<string, string>,
  work: (database: OpenDatabase) => Promise<Result>,
): Promise<Result> {
  const database = await openDatabase(parseConfig(env))
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

const scratch = mkdtempSync(join(tmpdir(), 'kelian-cli-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe('on a running service', () => {
  let world: World
  let here: Record<string, string>
  const file = join(scratch, 'one.backup.gz')
  const there = { DATA_DIR: join(scratch, 'restored') }

  beforeAll(async () => {
    // 周杰 has another mobile on each platform, so that nothing but `link` can tell that he is one person.
    const people = [
      ...sampleCompany.people,
      { wecomUserId: 'zhoujie', name: '周杰', mobile: '13900003001', title: '客户经理', departmentId: 3 },
      { dingtalkUserId: 'u3001', name: '周杰', mobile: '13900003002', title: '客户经理', departmentId: 3 },
    ]
    world = await startWorld({ company: { ...sampleCompany, people } })
    here = { DATA_DIR: world.dataDir }
    await world.say('zhang3', '新建线索 重庆长安汽车 张伟 13812345678 专线 预算80万')
    await world.press('zhang3', '确认')
    const { models } = world.service.services
    await models.files.put({
      id: 'f1',
      name: '合同.pdf',
      type: 'application/pdf',
      ownerId: 'p1',
      bytes: Buffer.alloc(600_000, 7),
    })
    const odd = {
      _id: 'odd' as never,
      whole: new mongoose.mongo.Double(5),
      long: mongoose.mongo.Long.fromString('9007199254740993'),
      pattern: new mongoose.mongo.BSONRegExp('^长', 'i'),
      id: new mongoose.mongo.ObjectId(),
      nothing: null,
    }
    await models.connection.db?.collection('oddities').insertOne(odd)
  })
  afterAll(() => world.close())

  test('a backup can be taken while it works, and only its owner can read the file', async () => {
    const { code, text } = await cli('backup', [file], here)
    expect(text).toContain('已备份')
    expect(code).toBe(0)
    expect(statSync(file).mode & 0o077).toBe(0)
    expect(existsSync(`${file}.part`)).toBe(false)
  })

  test('restored elsewhere, every collection has the same documents and indexes, files included', async () => {
    expect(await cli('restore', [file], there)).toMatchObject({ code: 0, text: expect.stringContaining('已恢复') })
    const second = join(scratch, 'two.backup.gz')
    await inDatabase(there, database => writeArchive(database, second, new Date(0)))

    const indexesOf = async (path: string) => {
      const found: Record<string, unknown> = {}
      const totals = await readArchive(path, {
        async collection(name, indexes) {
          found[name] = indexes.map(({ v: _, ...index }) => index)
        },
      })
      return { totals, found }
    }
    const [before, after] = [await indexesOf(file), await indexesOf(second)]
    expect(after.totals).toEqual(before.totals)
    expect(after.found).toEqual(before.found)
    expect(before.totals).toMatchObject({
      leads: { documents: 1 },
      'uploads.files': { documents: 1 },
      oddities: { documents: 1 },
    })
    expect(before.totals['uploads.chunks']?.documents).toBeGreaterThan(1)
  })

  test('a database that holds data is not overwritten without --force', async () => {
    const restore = (force: boolean) => inDatabase(there, database => restoreArchive(database, file, { force }))
    await expect(restore(false)).rejects.toThrow('--force')
    expect(await restore(true)).toMatchObject({ leads: { documents: 1 } })
  })

  test.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 200), '不完整或已损坏'],
    ['changed', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 2000), Buffer.alloc(40, 1), bytes.subarray(2040)]), '损坏'],
    ['something else', () => Buffer.from('hello'), '不完整或已损坏'],
    ['of another program', () => gzipSync('{"hello":1}\n'), '不是客联的备份文件'],
  ])('a file that is %s is refused before anything is written', async (_, change, words) => {
    const broken = join(scratch, 'broken.gz')
    writeFileSync(broken, change(readFileSync(file)))
    await expect(readArchive(broken)).rejects.toThrow(words)
  })

  test('a missing file is named', async () => {
    await expect(readArchive(join(scratch, 'none.gz'))).rejects.toThrow('没有找到备份文件')
  })

  test('link makes one person of two accounts, and a repetition changes nothing', async () => {
    const { people } = world.service.services.models
    const before = await people.everybody()
    expect(before.filter(person => person.name === '周杰')).toHaveLength(2)
    const args = ['wecom:zhoujie', 'dingtalk:u3001']
    expect(await cli('link', args, here)).toMatchObject({ code: 0, text: expect.stringContaining('已合并') })
    const linked = (await people.everybody()).filter(person => person.name === '周杰')
    expect(linked.map(person => person.accounts.map(account => account.userId))).toEqual([['zhoujie', 'u3001']])
    expect(await linkAccounts(parseConfig(here), args)).toContain('已经是同一个人')
  })

  test.each([
    [['wecom:zhang3', 'dingtalk:nobody'], '没有找到 dingtalk:nobody'],
    [['wecom:zhang3', 'wecom:li4'], '同一个平台上都有账号'],
    [['zhang3', 'u1001'], '用法'],
  ])('link refuses %j with a sentence', async (args, words) => {
    await expect(linkAccounts(parseConfig(here), args)).rejects.toThrow(words)
  })

  test('the doctor finds credentials, contacts and callback of the running service in order', async () => {
    const { wecom, dingtalk } = world.config
    const env = {
      DATA_DIR: world.dataDir,
      PUBLIC_URL: world.service.url,
      WECOM_CORP_ID: wecom?.corpId,
      WECOM_AGENT_ID: wecom?.agentId,
      WECOM_SECRET: wecom?.secret,
      WECOM_TOKEN: wecom?.token,
      WECOM_ENCODING_AES_KEY: wecom?.encodingAesKey,
      WECOM_API_BASE: wecom?.apiBase,
      DINGTALK_CLIENT_ID: dingtalk?.clientId,
      DINGTALK_CLIENT_SECRET: dingtalk?.clientSecret,
      DINGTALK_CORP_ID: dingtalk?.corpId,
      DINGTALK_API_BASE: dingtalk?.apiBase,
      DINGTALK_OAPI_BASE: dingtalk?.oapiBase,
    }
    const well = await diagnose(env, Date.now)
    const good = well.filter(finding => finding.state === 'ok').map(finding => finding.text)
    expect(good.join('\n')).toMatch(/企业微信的凭证有效.*人[\s\S]*钉钉的凭证有效.*人[\s\S]*企业微信回调地址可用/)
    expect(well.filter(finding => finding.state === 'bad').map(finding => finding.text)).toEqual([
      `链接以 ${world.service.url} 开头,手机打不开`,
    ])

    const wrong = await diagnose({ ...env, WECOM_SECRET: 'wrong', DINGTALK_CLIENT_SECRET: 'wrong' }, Date.now)
    const bad = wrong
      .filter(finding => finding.state === 'bad')
      .map(finding => finding.text)
      .join('\n')
    expect(bad).toContain('wecom.credentials_wrong')
    expect(bad).toContain('dingtalk.credentials_wrong')
    expect(wrong.filter(finding => finding.state !== 'ok').every(finding => finding.next)).toBe(true)
  })
})

test('the doctor explains settings that cannot be read', async () => {
  const findings = await diagnose({ WECOM_CORP_ID: 'ww1' }, Date.now)
  expect(findings.find(finding => finding.state === 'bad')?.text).toContain('还缺 WECOM_AGENT_ID')
})

test('settings writes the example file, and --check notices when it is old', async () => {
  const folder = mkdtempSync(join(scratch, 'settings-'))
  expect(await cli('settings', ['--check'], {}, folder)).toMatchObject({ code: 1 })
  expect(await cli('settings', [], {}, folder)).toMatchObject({ code: 0 })
  expect(readFileSync(join(folder, '.env.example'), 'utf8')).toBe(envExample())
  expect(await cli('settings', ['--check'], {}, folder)).toMatchObject({ code: 0 })
  writeFileSync(join(folder, '.env.example'), 'PORT=1\n')
  expect(await cli('settings', ['--check'], {}, folder)).toMatchObject({
    code: 1,
    text: expect.stringContaining('npm run settings'),
  })
})
