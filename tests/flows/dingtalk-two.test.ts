import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import mongoose from 'mongoose'
import { type DingTalkEmulator, sampleCompany, sampleDingTalkApp, startDingTalkEmulator } from '../../emulator/index.ts'
import { createModels, type Models } from '../../models/index.ts'
import { openEmbeddedStore } from '../../store/index.ts'
import { connected } from '../support/dingtalk.ts'
import { type Product, startProduct } from '../support/product.ts'
import { atRest, killHard } from '../support/wecom-product.ts'

const LIMIT_MS = 240_000
const REST_MS = 60_000
const ASKED = 40

const dataDir = mkdtempSync(join(tmpdir(), 'kelian-streams-'))
const staff = sampleCompany.people.flatMap(({ dingtalkUserId }) => dingtalkUserId ?? [])

let platform: DingTalkEmulator
let one: Product
let other: Product
let models: Models
let closeStore: () => Promise<void>

beforeAll(async () => {
  platform = await startDingTalkEmulator({
    ...sampleDingTalkApp,
    company: sampleCompany,
    callsPerSecond: 1_000,
    monthlyPushes: Number.POSITIVE_INFINITY,
  })
  const env = {
    DATA_DIR: dataDir,
    DEMO: '0',
    QUIET_HOURS: 'off',
    DINGTALK_CLIENT_ID: sampleDingTalkApp.clientId,
    DINGTALK_CLIENT_SECRET: sampleDingTalkApp.clientSecret,
    DINGTALK_CORP_ID: sampleDingTalkApp.corpId,
    DINGTALK_CARD_TEMPLATE_ID: sampleDingTalkApp.cardTemplateId,
    DINGTALK_API_BASE: platform.baseUrl,
    DINGTALK_OAPI_BASE: platform.baseUrl,
    DINGTALK_LOGIN_BASE: platform.baseUrl,
  }
  one = await startProduct(env)
  other = await startProduct(env)
  await connected(platform, 2)
  const store = await openEmbeddedStore({ dataDir })
  const connection = await mongoose.createConnection(store.uri).asPromise()
  models = createModels(connection)
  closeStore = async () => {
    await connection.close()
    await store.close()
  }
}, LIMIT_MS)
afterAll(async () => {
  await Promise.all([one, other].map(product => product.stop()))
  await closeStore()
  await platform.close()
  rmSync(dataDir, { recursive: true, force: true })
}, LIMIT_MS)

const askers = Array.from({ length: ASKED }, (_, index) => staff[index % staff.length] ?? '')
const answers = (userId: string) => platform.view(userId).filter(({ text }) => text?.includes('我能帮您')).length
const answersOfAll = () => new Map(staff.map(userId => [userId, answers(userId)]))
const tokens = () => platform.calls.filter(({ path }) => path === '/v1.0/oauth2/accessToken').length
const lead = (userId: string, index: number) =>
  platform.userSendsText(userId, `新建线索 重庆第${index}公司 张伟 1391111${1000 + index}`)

test(
  'two processes, each with a stream of its own: what comes to both is handled once, and one of them fetches the token for both',
  async () => {
    platform.deliveryFault({ about: 'message', kind: 'duplicate', times: ASKED })
    await Promise.all(askers.map(userId => platform.userSendsText(userId, '帮助')))
    expect(await atRest(one.url, REST_MS)).toBe(true)
    for (const userId of staff)
      expect([userId, answers(userId)]).toEqual([userId, askers.filter(asker => asker === userId).length])
    expect(await models.inbound.model.countDocuments({ 'event.text': '帮助' })).toBe(ASKED)
    for (const share of platform.shares()) expect(share).toBeGreaterThan(0)
    expect(tokens()).toBe(1)

    platform.expireTokens()
    await Promise.all(staff.map(lead))
    expect(await atRest(one.url, REST_MS)).toBe(true)
    expect(staff.map(userId => platform.view(userId).filter(({ card }) => card).length)).toEqual(staff.map(() => 1))
    expect(tokens()).toBe(2)
  },
  LIMIT_MS,
)

test(
  'one is killed in the midst of it: the other has the stream to itself, and everything it had accepted is answered once',
  async () => {
    const before = answersOfAll()
    const asking = Promise.all(askers.map(userId => platform.userSendsText(userId, '帮助')))
    await sleep(60)
    await killHard(one)
    const pushes = await asking
    await connected(platform, 1)
    // What it never acknowledged nobody has accepted; the platform is not known to send it again.
    const lost = pushes.filter(({ acked }) => !acked)
    for (const push of lost) await platform.redeliver(push)
    expect(await atRest(other.url, REST_MS)).toBe(true)

    const rows = await models.outbox.model.find({ text: /我能帮您/ }).lean()
    expect(rows).toHaveLength(2 * ASKED)
    expect(rows.filter(({ status }) => status !== 'sent' && status !== 'unknown')).toEqual([])
    // On the wire when the power went: nobody knows, and it is not repeated.
    const unknown = rows.filter(({ status }) => status === 'unknown').length
    const heard = staff.reduce((sum, userId) => sum + answers(userId) - (before.get(userId) ?? 0), 0)
    expect(heard).toBeGreaterThanOrEqual(ASKED - unknown)
    expect(heard).toBeLessThanOrEqual(ASKED)
    expect(platform.violations).toEqual([])
  },
  LIMIT_MS,
)
