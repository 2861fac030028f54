import type { ShareCreated } from '../../common/contract/portal.ts'
import type { ClickContext, ClickOutcome } from '../kernel/card-template.ts'
import { execute } from '../kernel/execute.ts'
import { type Reply, say } from '../kernel/reply.ts'
import type { Services } from '../kernel/services.ts'
import type { Turn } from '../kernel/turn.ts'
import { revokeShares, SHARE_DAYS, shareProgress } from './commands.ts'

const words = (services: Services, name: string, { url, expiresAt }: ShareCreated): string =>
  `${name} 的进度链接(${SHARE_DAYS} 天内有效,至 ${services.time.date(expiresAt, services.clock.now())}):\n${url}\n转发给客户即可查看,无需登录。收回请发送:撤销分享 ${name}`

/** The 分享进度 button of a customer card. */
export async function shareByCard({ services, actor, card, event, clickId }: ClickContext): Promise<ClickOutcome> {
  const customerId = card.params.customerId ?? ''
  const created = await execute(
    services,
    shareProgress,
    { customerId },
    { actor, commandId: clickId, via: event.platform, surface: 'card' },
  )
  const customer = await services.models.customers.byId(customerId)
  return { text: words(services, customer?.name ?? '客户', created), secret: true }
}

/** 分享进度 <客户> */
export async function shareByWord(turn: Turn, customer: { _id: string; name: string }): Promise<Reply> {
  const created = await execute(
    turn.services,
    shareProgress,
    { customerId: customer._id },
    { actor: turn.viewer, commandId: turn.id(shareProgress.name), via: turn.event.platform, surface: 'chat' },
  )
  return { text: words(turn.services, customer.name, created), secret: true }
}

/** 撤销分享 <客户> */
export async function revokeByWord(turn: Turn, customer: { _id: string; name: string }): Promise<Reply> {
  const { revoked } = await execute(
    turn.services,
    revokeShares,
    { customerId: customer._id },
    { actor: turn.viewer, commandId: turn.id(revokeShares.name), via: turn.event.platform, surface: 'chat' },
  )
  return say(
    revoked > 0 ? `已撤销 ${customer.name} 的 ${revoked} 个进度链接,客户已无法打开。` : `${customer.name} 没有有效的进度链接。`,
  )
}
