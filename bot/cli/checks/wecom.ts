import { PlatformRefused } from '../../../common/errors.ts'
import { createLocalTime } from '../../../common/time.ts'
import type { InboundSink } from '../../../handlers/kernel/ports.ts'
import { type ChannelLog, createWeComChannel, type Outbound } from '../../channels/index.ts'
import type { Config, WeComSettings } from '../../config.ts'
import { openDatabase } from '../database.ts'
import { bad, type Finding, ok, warn } from './finding.ts'

const silent: ChannelLog = { info: () => undefined, warn: () => undefined, error: () => undefined }
const deaf: InboundSink = { accept: async () => ({ fresh: false, card: null }), quarantine: async () => undefined }

const FETCH_LIMIT_MS = 5_000
/** Callbacks older than ten minutes are refused, signatures of pages sooner. */
const CLOCK_BAD_MS = 5 * 60_000
const CLOCK_WARN_MS = 30_000
const ROOT = '1'

/** What of a WeCom app works beside credentials and contacts. Sends nothing to anybody, changes nothing. */
export async function checkWeCom(
  settings: WeComSettings,
  now: () => number,
  outbound: Partial<Outbound> = {},
): Promise<Finding[]> {
  const { pages, directory, externalContacts, appMenu } = createWeComChannel(settings, {
    ...outbound,
    clock: { now },
    log: silent,
    sink: deaf,
  })
  const findings = [await checkClock(settings, now, outbound.fetch ?? fetch)]
  const menu = await appMenu().catch((error: unknown) => error)
  if (menu instanceof PlatformRefused && menu.code === 'wecom.wrong_app') {
    const next = '在管理后台打开这个应用,核对 AgentId 和 Secret 是不是同一个应用的。'
    return [...findings, bad(`企业微信:WECOM_AGENT_ID ${settings.agentId} 和 WECOM_SECRET 不是同一个应用`, next)]
  }
  // Whatever stands in the way of every call has been named by the check of the contacts.
  if (menu instanceof Error) return findings
  findings.push(
    Array.isArray(menu) && menu.length > 0
      ? ok(`企业微信:应用菜单 ${menu.length} 项`)
      : warn('企业微信:应用还没有菜单', '启动服务时会自动创建;创建失败的原因见服务日志里的 what=menu。'),
  )
  const departments = await directory.listDepartments().catch(() => [])
  if (!departments.some(({ id }) => id === ROOT)) {
    findings.push(warn('企业微信:应用看不到根部门,不能建协作群', '在应用的"可见范围"里选择整个企业;不用建群可以忽略。'))
  }
  const members = await externalContacts.listMembers().catch(() => [])
  findings.push(
    members.length > 0
      ? ok(`企业微信:客户联系可读,${members.length} 位成员`)
      : warn(
          '企业微信:读不到客户联系',
          '在 客户联系 → API → 可调用接口的应用 里加入本应用,并让成员在"使用范围"内;不用微信联系人可以忽略。',
        ),
  )
  const signed = await pages.sign('https://localhost/').catch((error: unknown) => error)
  if (signed instanceof Error)
    findings.push(warn('企业微信:取不到网页签名的票据', '页面仍可打开,但不能调用客户端能力;稍后再试。'))
  return findings
}

/** The platform's clock, from the head of any answer. */
async function checkClock({ apiBase }: WeComSettings, now: () => number, fetchLike: typeof fetch): Promise<Finding> {
  try {
    const asked = now()
    const response = await fetchLike(`${apiBase}/cgi-bin/gettoken`, { signal: AbortSignal.timeout(FETCH_LIMIT_MS) })
    await response.arrayBuffer()
    const theirs = Date.parse(response.headers.get('date') ?? '')
    if (Number.isNaN(theirs)) return ok('企业微信的接口可以访问')
    const offMs = Math.abs(theirs - (asked + now()) / 2)
    const next = '给服务器开启时间同步(NTP)。差得多时,回调会被当作过期而拒绝,页面签名也会失效。'
    if (offMs > CLOCK_BAD_MS) return bad(`服务器的时钟和企业微信相差 ${Math.round(offMs / 1000)} 秒`, next)
    if (offMs > CLOCK_WARN_MS) return warn(`服务器的时钟和企业微信相差 ${Math.round(offMs / 1000)} 秒`, next)
    return ok('服务器的时钟和企业微信一致')
  } catch {
    return bad(`企业微信的接口访问不到:${apiBase}`, '检查服务器能否访问外网、DNS 和防火墙,以及 WECOM_API_BASE。')
  }
}

/** Only what has arrived proves that the address was saved at the platform. */
export async function checkCallbacksArrive(config: Config): Promise<Finding[]> {
  if (!config.wecom) return []
  const database = await openDatabase(config).catch(() => null)
  // The check of the store has named why.
  if (!database) return []
  try {
    const [latest] = await database.db
      .collection('inbound')
      .find({ 'event.platform': 'wecom' })
      .sort({ receivedAt: -1 })
      .limit(1)
      .toArray()
    const at = latest?.receivedAt
    if (at instanceof Date)
      return [ok(`最近一次收到企业微信的回调:${createLocalTime(config.timeZone).stamp(at.getTime(), Date.now())}`)]
    const next =
      '在应用的 接收消息 → 设置API接收 里保存回调地址(服务要先启动),再在企业微信里给应用发一句"帮助"。没有保存时,日志里会有 wecom.callback_missing(43012)。'
    return [warn('两周内没有收到过企业微信的回调', next)]
  } finally {
    await database.close()
  }
}
