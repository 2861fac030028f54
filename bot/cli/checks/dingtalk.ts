import { AppError, PlatformRefused } from '../../../common/errors.ts'
import type { DingTalkConnection } from '../../channels/index.ts'
import type { DingTalkSettings } from '../../config.ts'
import { bad, type Finding, ok, warn } from './finding.ts'

/** A signature or a ticket is refused beyond this; the platform's own limit for messages is an hour. */
const BAD_SKEW_MS = 60_000
const ODD_SKEW_MS = 5_000

const told = (error: unknown): string => (error instanceof AppError ? `${error.message}(${error.code})` : String(error))

/**
 * What can be tried of a DingTalk app whose credentials are right: stream, clock, template, page signature, optional settings. Nobody notices; the
 * template's check is one billed call.
 */
export async function checkDingTalk(settings: DingTalkSettings, connection: DingTalkConnection): Promise<Finding[]> {
  return [
    await receiving(settings, connection),
    await clock(connection),
    await template(settings, connection),
    await pages(settings, connection),
    ...options(settings),
  ]
}

async function receiving({ mode }: DingTalkSettings, { checks }: DingTalkConnection): Promise<Finding> {
  if (mode === 'http') return ok('钉钉使用 HTTP 模式:开发者后台"机器人"的消息接收地址应为 PUBLIC_URL/callbacks/dingtalk')
  try {
    await checks.streamTicket()
    return ok('钉钉 Stream 可以取得连接票据')
  } catch (error) {
    return bad(
      `钉钉 Stream 取不到连接票据:${told(error)}`,
      '开发者后台 → 应用能力 → 机器人 → 消息接收模式选 Stream 模式,然后在"版本管理与发布"里发布;服务器要能访问 api.dingtalk.com 和 wss-open-connection.dingtalk.com 的 443 端口。',
    )
  }
}

async function clock({ checks }: DingTalkConnection): Promise<Finding> {
  const skewMs = await checks.clockSkewMs().catch(() => null)
  if (skewMs === null) return warn('不知道本机与钉钉的时钟相差多少', '确认服务器开启了时间同步(NTP)。')
  const off = Math.abs(skewMs)
  if (off < ODD_SKEW_MS) return ok('本机时钟与钉钉一致')
  const text = `本机时钟与钉钉相差 ${Math.round(off / 1000)} 秒(${skewMs > 0 ? '本机慢' : '本机快'})`
  const next = '给服务器开启时间同步(NTP)。时钟不准时页面签名和回调会被拒绝。'
  return off < BAD_SKEW_MS ? warn(text, next) : bad(text, next)
}

async function template({ cardTemplateId }: DingTalkSettings, { checks }: DingTalkConnection): Promise<Finding> {
  if (!cardTemplateId)
    return warn(
      '没有设置 DINGTALK_CARD_TEMPLATE_ID,钉钉卡片的按钮是链接',
      '按 docs/setup-dingtalk.md 第 4 步建好并发布模板,再填写模板 ID。',
    )
  try {
    await checks.template()
    return ok('钉钉卡片模板可用')
  } catch (error) {
    const code = error instanceof PlatformRefused ? error.code : ''
    if (code === 'dingtalk.template_unusable')
      return bad(
        `钉钉卡片模板 ${cardTemplateId} 不可用`,
        '卡片平台(open-dev.dingtalk.com/fe/card)里确认:模板 ID 带 .schema、已发布、关联的是同一个应用。',
      )
    if (code === 'dingtalk.not_permitted')
      return bad('应用没有互动卡片权限', '开发者后台 → 权限管理 → 申请"互动卡片实例写权限"(Card.Instance.Write),再发布一次。')
    return warn(`没能检查钉钉卡片模板:${told(error)}`, '稍后再运行一次;若提示额度用完,等下个月或升级。')
  }
}

async function pages({ agentId }: DingTalkSettings, { pages: signer }: DingTalkConnection): Promise<Finding> {
  if (!agentId)
    return warn('没有设置 DINGTALK_AGENT_ID,手机页面不能使用钉钉的选人等功能', '开发者后台 → 凭证与基础信息 → AgentId。')
  try {
    await signer.sign('https://example.com/')
    return ok('钉钉网页签名可用')
  } catch (error) {
    return warn(`取不到钉钉网页签名的票据:${told(error)}`, '确认应用已添加"网页应用"能力并发布。')
  }
}

function options({ groupTemplateId, monthlyCalls, todoBoard }: DingTalkSettings): Finding[] {
  const found: Finding[] = []
  if (!groupTemplateId)
    found.push(
      warn(
        '没有设置 DINGTALK_GROUP_TEMPLATE_ID,不能在钉钉建协作群',
        '不需要建群可以忽略;需要时按 docs/setup-dingtalk.md 第 6 步建群模板。',
      ),
    )
  if (monthlyCalls === 0)
    found.push(warn('DINGTALK_MONTHLY_CALLS=0:不限制接口调用', '标准版全企业每月 5000 次,请按合同填写,用量接近时会提醒管理员。'))
  else if (todoBoard && monthlyCalls <= 5_000)
    found.push(ok(`每月接口调用上限 ${monthlyCalls} 次;同步钉钉待办每条用两次,不需要可设 DINGTALK_TODO=0`))
  return found
}
