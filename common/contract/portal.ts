import { z } from 'zod'

/** `portal.share`: a link for one customer, 30 days. `portal.revoke`: all of that customer's links, at once. */
export const portalShareInput = z.object({ customerId: z.string().min(1).max(64) })

export interface ShareCreated {
  url: string
  expiresAt: number
}

export interface ShareRevoked {
  revoked: number
}
