import { z } from 'zod'
import { PlatformRefused } from '../../../common/errors.ts'
import type { ExternalContact, ExternalContacts } from '../../../handlers/kernel/ports.ts'
import type { ChannelLog } from '../shared/index.ts'
import { errcodeOf, type WeComClient } from './client.ts'
import type { WeComSettings } from './settings.ts'

const contact = z.object({ external_userid: z.string(), name: z.string().default(''), corp_name: z.string().nullish() })
const follower = z.object({
  userid: z.string(),
  remark: z.string().nullish(),
  remark_mobiles: z.array(z.string()).nullish(),
  createtime: z.number().default(0),
})
const cursor = z.string().nullish()
const followUsers = z.object({ follow_user: z.array(z.string()) })
const one = z.object({ external_contact: contact, follow_user: z.array(follower).nullish(), next_cursor: cursor })
const batch = z.object({
  external_contact_list: z.array(z.object({ external_contact: contact, follow_info: follower })).nullish(),
  next_cursor: cursor,
})

const PAGE = 100
/** No company has more pages than this; a cursor that never ends must not hold us for ever. */
const MOST_PAGES = 1_000
/** Nobody follows this customer (any more), or the id is none. */
const NO_RELATION = new Set<unknown>([84061, 40096])

/** 客户联系 (pages "获取配置了客户联系功能的成员列表", "批量获取客户详情", "获取客户详情"). Without the permission there are no customers. */
export function createWeComExternalContacts(settings: WeComSettings, call: WeComClient, log: ChannelLog): ExternalContacts {
  return {
    platform: 'wecom',
    corp: settings.corpId,

    async listMembers() {
      try {
        const path = 'externalcontact/get_follow_user_list'
        return (await call({ method: 'GET', path, answer: followUsers })).follow_user
      } catch (error) {
        if (!(error instanceof PlatformRefused) || error.code !== 'wecom.not_permitted') throw error
        log.info({ code: error.code, what: 'externalcontact' }, 'wecom customers: going on without')
        return []
      }
    },

    async listOf(userIds) {
      const found = new Map<string, ExternalContact>()
      let next = ''
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const body = { userid_list: [...userIds], cursor: next, limit: PAGE }
        const answer = await call({ method: 'POST', path: 'externalcontact/batch/get_by_user', body, answer: batch })
        for (const { external_contact, follow_info } of answer.external_contact_list ?? []) {
          const known = found.get(external_contact.external_userid)
          if (known) known.followers.push(toFollower(follow_info))
          else found.set(external_contact.external_userid, toContact(external_contact, [follow_info]))
        }
        next = answer.next_cursor ?? ''
        if (next === '') break
      }
      return [...found.values()]
    },

    async get(externalId) {
      const followers: z.infer<typeof follower>[] = []
      let next = ''
      try {
        for (let page = 0; ; page += 1) {
          const query = { external_userid: externalId, ...(next && { cursor: next }) }
          const answer = await call({ method: 'GET', path: 'externalcontact/get', query, answer: one })
          followers.push(...(answer.follow_user ?? []))
          next = answer.next_cursor ?? ''
          if (next === '' || page >= MOST_PAGES) return toContact(answer.external_contact, followers)
        }
      } catch (error) {
        if (NO_RELATION.has(errcodeOf(error))) return null
        throw error
      }
    },
  }
}

const toFollower = (entry: z.infer<typeof follower>): ExternalContact['followers'][number] => ({
  userId: entry.userid,
  ...(entry.remark && { remark: entry.remark }),
  mobiles: (entry.remark_mobiles ?? []).filter(Boolean),
  addedAt: entry.createtime * 1000,
})

const toContact = (entry: z.infer<typeof contact>, followers: z.infer<typeof follower>[]): ExternalContact => ({
  externalId: entry.external_userid,
  name: entry.name || entry.external_userid,
  ...(entry.corp_name && { company: entry.corp_name }),
  followers: followers.map(toFollower),
})
