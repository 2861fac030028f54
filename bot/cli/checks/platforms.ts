import { AppError } from '../../../common/errors.ts'
import type { Directory, InboundSink } from '../../../handlers/kernel/ports.ts'
import { type ChannelLog, createDingTalkChannel, createWeComChannel, throughProxy } from '../../channels/index.ts'
import type { Config } from '../../config.ts'
import { checkDingTalk } from './dingtalk.ts'
import { bad, type Finding, ok, warn } from './finding.ts'
import { checkProxy } from './proxy.ts'
import { checkWeCom } from './wecom.ts'

/** What to do about a refusal, by the channel's code. Codes that are not here are shown as they are. */
const ADVICE: Readonly<Record<string, { state: 'warn' | 'bad'; next: string }>> = {
  'wecom.credentials_wrong': {
    state: 'bad',
    next: '核对 WECOM_CORP_ID(我的企业)和 WECOM_SECRET(应用管理 → 自建应用),两者要属于同一个企业。',
  },
  'wecom.ip_not_allowed': { state: 'bad', next: '在应用的"企业可信 IP"里添加本服务器的出口 IP。' },
  'wecom.app_disabled': { state: 'bad', next: '在管理后台启用这个应用。' },
  'wecom.rate_limited': { state: 'warn', next: '调用太频繁,等一分钟再试;反复用错误的密钥会封禁一小时。' },
  'wecom.not_permitted': { state: 'warn', next: '在应用的"可见范围"和通讯录权限里放开;没有这项权限时服务会少一些信息。' },
  'dingtalk.credentials_wrong': {
    state: 'bad',
    next: '核对 DINGTALK_CLIENT_ID 和 DINGTALK_CLIENT_SECRET(开发者后台 → 凭证与基础信息)。',
  },
  'dingtalk.ip_not_allowed': { state: 'bad', next: '在应用的"服务器出口 IP"里添加本服务器的 IP,或留空。' },
  'dingtalk.quota_exhausted': { state: 'bad', next: '等下个月,或在钉钉管理后台升级额度。' },
  'dingtalk.not_permitted': { state: 'warn', next: '在开发者后台"权限管理"申请通讯录读权限:部门、成员、手机号、角色。' },
}

interface Complaint {
  code: string
  fields: Readonly<Record<string, unknown>>
}

/** A log that keeps what the channel complains about. */
function listen(): { complaints: Complaint[]; log: ChannelLog } {
  const complaints: Complaint[] = []
  const keep = (fields: object): void => {
    const found = fields as Record<string, unknown>
    if (typeof found.code === 'string') complaints.push({ code: found.code, fields: found })
  }
  return { complaints, log: { info: () => undefined, warn: keep, error: keep } }
}

const deaf: InboundSink = { accept: async () => ({ fresh: false, card: null }), quarantine: async () => undefined }

/** Do the platforms accept the app's credentials, and what of the contacts do they let it read? Sends nothing. */
export async function checkPlatforms(config: Config, now: () => number): Promise<Finding[]> {
  const clock = { now }
  const outbound = config.outboundProxy ? throughProxy(config.outboundProxy) : {}
  const findings = await checkProxy(config)
  if (findings.some(finding => finding.state === 'bad')) return findings
  if (config.wecom) {
    const { complaints, log } = listen()
    const { directory } = createWeComChannel(config.wecom, { ...outbound, clock, log, sink: deaf })
    findings.push(...(await readContacts('企业微信', directory, complaints)), ...(await checkWeCom(config.wecom, now, outbound)))
  }
  if (config.dingtalk) {
    const { complaints, log } = listen()
    const connection = createDingTalkChannel(config.dingtalk, { ...outbound, clock, log, sink: deaf })
    const contacts = await readContacts('钉钉', connection.directory, complaints)
    findings.push(...contacts)
    if (contacts.every(finding => finding.state !== 'bad')) findings.push(...(await checkDingTalk(config.dingtalk, connection)))
  }
  return findings
}

async function readContacts(title: string, directory: Directory, complaints: readonly Complaint[]): Promise<Finding[]> {
  try {
    const [departments, members] = [await directory.listDepartments(), await directory.listMembers()]
    const refusals = explain(title, complaints)
    if (refusals.some(finding => finding.state === 'bad')) return refusals
    if (members.length === 0) {
      return [...refusals, bad(`${title}的凭证有效,但读不到任何成员`, '在应用的"可见范围"里加入要使用的部门和成员。')]
    }
    const found = [ok(`${title}的凭证有效,通讯录可读:${departments.length} 个部门、${members.length} 人`), ...refusals]
    if (members.every(member => !member.superiorUserId && member.leaderOf.length === 0)) {
      found.push(warn(`${title}没有给出上级和部门负责人`, '在通讯录里设置,或启动后在 /admin/ 的人员页面指定。'))
    }
    return found
  } catch (error) {
    const known = explain(title, complaints)
    if (known.length > 0) return known
    const text = error instanceof AppError ? `${error.message}(${error.code})` : String(error)
    return [bad(`${title}连不上:${text}`, '检查服务器能否访问外网、DNS 和代理,以及接口地址设置。')]
  }
}

function explain(title: string, complaints: readonly Complaint[]): Finding[] {
  const codes = [...new Set(complaints.map(complaint => complaint.code))]
  return codes.map(code => {
    const { fields } = complaints.find(complaint => complaint.code === code) ?? { fields: {} as Complaint['fields'] }
    const detail = [fields.ip, fields.errcode ?? fields.platformCode, fields.what, fields.scopes].filter(Boolean).join(' ')
    const { state, next } = ADVICE[code] ?? { state: 'warn', next: '按错误码查平台文档。' }
    return { state, text: `${title}:${code}${detail ? `(${detail})` : ''}`, next }
  })
}
