import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, parseConfig } from '../../bot/config.ts'
import { type Service, type ServiceInput, startService } from '../../bot/service.ts'
import { ShiftedClock } from '../../common/clock.ts'
import {
  type CardView,
  type CompanySeed,
  type DingTalkEmulator,
  sampleCompany,
  sampleDingTalkApp,
  sampleWeComApp,
  startDingTalkEmulator,
  startWeComEmulator,
  type WeComEmulator,
  type WeComEmulatorOptions,
} from '../../emulator/index.ts'
import type { Log } from '../../handlers/kernel/services.ts'
import { openEmbeddedStore } from '../../store/index.ts'

/** What the service starts with. */
export const WORLD_SECRET = 'a secret of the tests only'

const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const loud: Log = {
  info: () => undefined,
  warn: (fields, message) => process.stderr.write(`${message} ${JSON.stringify(fields)}\n`),
  error: (fields, message) => process.stderr.write(`${message} ${JSON.stringify(fields)}\n`),
}

export interface WorldOptions {
  company?: CompanySeed
  env?: Record<string, string>
  /** What the WeCom platform has beside the app. */
  wecom?: Pick<WeComEmulatorOptions, 'customers' | 'bot' | 'honourPassiveCardUpdate' | 'seesEverybody'>
  webRoot?: string
  extra?: (world: { wecom: WeComEmulator; dingtalk: DingTalkEmulator }) => NonNullable<ServiceInput['extra']>
}

/** The whole product on real parts: both emulators, the embedded store, the service with its real channels. */
export interface World {
  wecom: WeComEmulator
  dingtalk: DingTalkEmulator
  service: Service
  config: Config
  dataDir: string
  /** Wait until nothing is left to do. */
  settle(): Promise<void>
  /** What the app said to a WeCom or DingTalk person, oldest first. */
  texts(userId: string): string[]
  lastText(userId: string): string
  /** The list offered last, in words or on a card, line by line. */
  lastList(userId: string): string
  cards(userId: string): CardView[]
  lastCard(userId: string): CardView
  /** Somebody writes and the world comes to rest. WeCom user ids begin with a letter other than u+digits. */
  say(userId: string, text: string): Promise<void>
  /** Press a button of a card as its client shows it. */
  press(userId: string, label: string, card?: CardView): Promise<void>
  /** Let time pass, for the service and both platforms, and run what is due. */
  advance(ms: number): Promise<void>
  /** Stop the service and start it anew on the same data, with these settings changed. */
  restart(changes?: Partial<Config>): Promise<void>
  close(): Promise<void>
}

const onDingTalk = (userId: string): boolean => /^u\d+$/.test(userId)

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), 'kelian-flow-'))
  const company = options.company ?? sampleCompany
  const clock = new ShiftedClock()
  const wecom = await startWeComEmulator({ ...sampleWeComApp, ...options.wecom, company, clock })
  // A world that runs without a limit of ours has none of the platform's either.
  const unlimited = options.env?.DINGTALK_MONTHLY_CALLS === '0' && {
    monthlyApiCalls: Number.POSITIVE_INFINITY,
    monthlyPushes: Number.POSITIVE_INFINITY,
  }
  const dingtalk = await startDingTalkEmulator({ ...sampleDingTalkApp, ...unlimited, company, clock })
  const config = parseConfig({
    PORT: '0',
    DATA_DIR: dataDir,
    DEMO: '0',
    TEST_CLOCK: '1',
    QUIET_HOURS: 'off',
    WECOM_CORP_ID: sampleWeComApp.corpId,
    WECOM_AGENT_ID: String(sampleWeComApp.agentId),
    WECOM_SECRET: sampleWeComApp.secret,
    WECOM_TOKEN: sampleWeComApp.token,
    WECOM_ENCODING_AES_KEY: sampleWeComApp.encodingAesKey,
    WECOM_API_BASE: wecom.baseUrl,
    WECOM_OAUTH_BASE: wecom.baseUrl,
    DINGTALK_CLIENT_ID: sampleDingTalkApp.clientId,
    DINGTALK_CLIENT_SECRET: sampleDingTalkApp.clientSecret,
    DINGTALK_CORP_ID: sampleDingTalkApp.corpId,
    DINGTALK_CARD_TEMPLATE_ID: sampleDingTalkApp.cardTemplateId,
    DINGTALK_GROUP_TEMPLATE_ID: sampleDingTalkApp.groupTemplateId,
    DINGTALK_API_BASE: dingtalk.baseUrl,
    DINGTALK_OAPI_BASE: dingtalk.baseUrl,
    DINGTALK_LOGIN_BASE: dingtalk.baseUrl,
    ...(options.wecom?.bot?.secret && { WECOM_BOT_WS_URL: wecom.baseUrl.replace('http', 'ws') }),
    ...options.env,
  })
  const store = config.mongodbUri ? null : await openEmbeddedStore({ dataDir })
  const extra = options.extra?.({ wecom, dingtalk })

  async function start(changes: Partial<Config> = {}): Promise<Service> {
    const service = await startService({
      config: { ...config, ...changes },
      appSecret: changes.appSecret ?? WORLD_SECRET,
      mongoUri: store?.uri ?? config.mongodbUri ?? '',
      log: process.env.WORLD_LOG ? loud : quiet,
      ...(extra && { extra }),
      ...(options.webRoot && { webRoot: options.webRoot }),
    })
    wecom.setCallbackUrl(`${service.url}/callbacks/wecom`)
    wecom.bot?.setCallbackUrl(`${service.url}/callbacks/wecom-bot`)
    await service.ready
    return service
  }

  const world: World = {
    wecom,
    dingtalk,
    service: await start(),
    config,
    dataDir,
    settle: () => world.service.jobs.settle(),
    texts: userId =>
      (onDingTalk(userId) ? dingtalk : wecom)
        .view(userId)
        .filter(message => message.kind === 'text' && message.from === 'app')
        .map(message => message.text ?? ''),
    lastText: userId => world.texts(userId).at(-1) ?? '',
    lastList(userId) {
      const last = (onDingTalk(userId) ? dingtalk : wecom).view(userId).at(-1)
      const options = (last?.card?.questions ?? []).flatMap(question => question.options.map(option => option.text))
      return last?.card ? [last.card.description, ...options].join('\n') : (last?.text ?? '')
    },
    cards: userId =>
      (onDingTalk(userId) ? dingtalk : wecom)
        .view(userId)
        .filter(message => message.card)
        .map(message => message.card as CardView),
    lastCard(userId) {
      const card = world.cards(userId).at(-1)
      if (!card) throw new Error(`${userId} has no card; texts: ${world.texts(userId).join(' | ')}`)
      return card
    },
    async say(userId, text) {
      await (onDingTalk(userId) ? dingtalk : wecom).userSendsText(userId, text)
      await world.settle()
    },
    async press(userId, label, card = world.lastCard(userId)) {
      const button = card.buttons.find(candidate => candidate.text === label)
      if (!button?.key) throw new Error(`no live button ${label}; there are ${card.buttons.map(each => each.text).join(' ')}`)
      await (onDingTalk(userId) ? dingtalk : wecom).userClicksCard(userId, card.taskId, button.key)
      await world.settle()
    },
    async advance(ms) {
      clock.advance(ms)
      ;(world.service.services.clock as ShiftedClock).advance(ms)
      await world.settle()
    },
    async restart(changes) {
      await world.service.stop()
      world.service = await start(changes)
      // The service's shift is lost at restart; the world's time is not.
      ;(world.service.services.clock as ShiftedClock).advance(Math.max(0, clock.now() - Date.now()))
    },
    async close() {
      await world.service.stop()
      await Promise.all([wecom.close(), dingtalk.close()])
      await store?.close()
      rmSync(dataDir, { recursive: true, force: true })
      const [complaint] = dingtalk.violations
      if (complaint) throw new Error(`DingTalk's pages do not know this request: ${JSON.stringify(complaint)}`)
    },
  }
  return world
}
