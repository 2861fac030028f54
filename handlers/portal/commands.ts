import { portalShareInput, type ShareCreated, type ShareRevoked } from '../../common/contract/portal.ts'
import { sha256 } from '../../common/ids.ts'
import { defineCommand } from '../kernel/command.ts'
import { visibleCustomer } from '../kernel/visible-customer.ts'

const DAY_MS = 86_400_000
/** A link is good for this long. */
export const SHARE_DAYS = 30

/** 分享进度: a link for one customer. The token follows from the command, so a repetition gives the same link. */
export const shareProgress = defineCommand({
  name: 'portal.share',
  title: '分享进度',
  input: portalShareInput,
  surfaces: ['chat', 'card', 'h5'],
  kind: 'transaction',
  // The command log holds no token: whoever reads the database cannot open pages with it.
  reveal: (services, commandId, stored: ShareCreated): ShareCreated => ({
    ...stored,
    url: services.links.share(services.secrets.shareToken(commandId)),
  }),
  async run({ services, actor, now, commandId, id }, { customerId }, session) {
    const customer = await visibleCustomer(services, actor, customerId)
    const token = services.secrets.shareToken(commandId)
    const at = new Date(now)
    const expiresAt = now + SHARE_DAYS * DAY_MS
    await services.models.shares.insert(
      {
        _id: sha256(token),
        customerId: customer._id,
        purpose: 'progress',
        createdBy: actor.personId,
        createdAt: at,
        expiresAt: new Date(expiresAt),
        revokedAt: null,
        views: 0,
        lastViewedAt: null,
      },
      { session },
    )
    await services.models.timeline.add(
      { _id: id('timeline'), customerId: customer._id, at, type: 'share', title: '分享了项目进度', byId: actor.personId },
      { session },
    )
    const result: ShareCreated = { url: '', expiresAt }
    return { result, subject: `customer:${customer._id}` }
  },
})

/** 撤销分享: every link of that customer ends at once. */
export const revokeShares = defineCommand({
  name: 'portal.revoke',
  title: '撤销分享',
  input: portalShareInput,
  surfaces: ['chat', 'h5'],
  kind: 'transaction',
  async run({ services, actor, now, id }, { customerId }, session) {
    const customer = await visibleCustomer(services, actor, customerId)
    const at = new Date(now)
    const revoked = await services.models.shares.revoke(customer._id, at, { session })
    if (revoked > 0) {
      await services.models.timeline.add(
        { _id: id('timeline'), customerId: customer._id, at, type: 'share', title: '撤销了进度分享', byId: actor.personId },
        { session },
      )
    }
    const result: ShareRevoked = { revoked }
    return { result, subject: `customer:${customer._id}` }
  },
})
