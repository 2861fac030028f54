import { deriveId } from '../../common/ids.ts'
import { PLATFORM_NAMES, type Services } from '../kernel/services.ts'

export interface CallAlarm {
  platform: string
  /** `2026-11` */
  month: string
  /** 0.8, 0.95, or 1: the platform refuses calls. */
  share: number
  used: number
  monthlyCalls: number
}

const CONSEQUENCE: Readonly<Record<string, string>> = {
  '0.8': '为节省次数,不再新增平台待办。',
  '0.95': '一般通知改为等待,只发需要决定的卡片和直接的回答。',
  '1': '平台已拒绝调用,卡片和通知发不出去;回复消息仍可用。',
}

/** Tell the admins that the month's calls are running out: once for each share and month, whichever process notices first. */
export async function tellCallAlarm(
  services: Services,
  { platform, month, share, used, monthlyCalls }: CallAlarm,
): Promise<void> {
  const name = PLATFORM_NAMES[platform] ?? platform
  const spent = share === 1 ? '已用完' : `已用 ${used} 次,达到 ${Math.round(share * 100)}%(共 ${monthlyCalls} 次)`
  const text = `${name}本月的接口调用${spent}。${CONSEQUENCE[String(share)] ?? ''}可在${name}管理后台升级额度。`
  const admins = (await services.organisation.current()).admins()
  await services.models.outbox.put(
    admins.map(personId => ({
      _id: deriveId('calls', platform, month, String(share), personId),
      to: { personId },
      text,
      urgency: 'urgent' as const,
    })),
    new Date(services.clock.now()),
  )
  services.poke('outbox')
}
