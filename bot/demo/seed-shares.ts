import { sha256 } from '../../common/ids.ts'
import { revokeShares, shareProgress } from '../../handlers/portal/index.ts'
import type { Actor, Replay } from './seed-replay.ts'

interface SampleShare {
  customer: string
  daysAgo: number
  views: number
  revokedDaysAgo?: number
}

const SHARES: readonly SampleShare[] = [
  { customer: '重庆嘉陵工业', daysAgo: 52, views: 9 },
  { customer: '重庆嘉陵工业', daysAgo: 12, views: 4 },
  { customer: '重庆渝江机械有限公司', daysAgo: 20, views: 6 },
  { customer: '重庆巴南区信息中心', daysAgo: 26, views: 11, revokedDaysAgo: 10 },
  { customer: '成都天府软件园管理公司', daysAgo: 9, views: 3 },
  { customer: '重庆轨道装备有限公司', daysAgo: 5, views: 2 },
]

/** Progress pages that were shared with this customer: one expired, one revoked, the others open. */
export async function replayShares(replay: Replay, actor: Actor, customerId: string, customer: string): Promise<void> {
  const { models, secrets } = replay.services
  for (const [index, share] of SHARES.entries()) {
    if (share.customer !== customer) continue
    const commandId = `demo:share:${index}`
    const digest = sha256(secrets.shareToken(commandId))
    const at = replay.at(share.daysAgo, 16)
    await replay.run(shareProgress, { customerId }, { actor, at, commandId })
    const known = await models.shares.byDigest(digest)
    for (let view = known?.views ?? 0; view < share.views; view += 1) {
      await models.shares.countView(digest, new Date(replay.at(share.daysAgo - 1 - (view % 3), 11)))
    }
    if (share.revokedDaysAgo !== undefined) {
      const revokedAt = replay.at(share.revokedDaysAgo, 14)
      await replay.run(revokeShares, { customerId }, { actor, at: revokedAt, commandId: `${commandId}:revoked` })
    }
  }
}
