import { z } from 'zod'
import { asAppError } from '../../../../common/errors.ts'
import type { ChannelLog } from '../../shared/index.ts'
import type { WeComClient } from '../client.ts'

const answer = z.object({ userid_list: z.array(z.object({ open_userid: z.string(), userid: z.string() })).nullish() })

const MOST_KNOWN = 20_000

/**
 * Who a sender of the bot is: plain user ids come only if the bot's creator is a super admin, sealed ones otherwise (page "userid与open_userid转换").
 * A plain id is answered as unknown there, so one call tells both; what was learnt is kept.
 */
export function createSenders(call: WeComClient, log: ChannelLog): (id: string) => Promise<string> {
  const known = new Map<string, string>()
  return async id => {
    const found = known.get(id)
    if (found !== undefined) return found
    const request = { method: 'POST', path: 'batch/openuserid_to_userid', body: { open_userid_list: [id] }, answer } as const
    try {
      const { userid_list } = await call(request)
      const userId = userid_list?.find(entry => entry.open_userid === id)?.userid ?? id
      if (known.size >= MOST_KNOWN) known.clear()
      known.set(id, userId)
      return userId
    } catch (error) {
      log.warn({ code: asAppError(error).code, what: 'openuserid' }, 'wecom bot: taking the sender id as it is')
      return id
    }
  }
}
