import { number, strings, text } from '../../kernel/shape.ts'
import type { Customer, Follow } from '../customers.ts'
import { WeComRefusal } from '../refusal.ts'
import type { WeComState } from '../state.ts'
import { type EndpointTable, stringsOf } from './endpoint.ts'

const PAGE = 500

/** Customers in the members' address books; vendor page 客户联系. Changes made here do not call back. */
export const externalEndpoints: EndpointTable = {
  '/cgi-bin/externalcontact/get_follow_user_list': {
    method: 'GET',
    run: ({ state }) => {
      permitted(state)
      const members = [...state.customers.values()].flatMap(({ follows }) => follows.map(({ userId }) => userId))
      return { follow_user: [...new Set(members)] }
    },
  },
  '/cgi-bin/externalcontact/list': {
    method: 'GET',
    query: ['userid'],
    run: ({ state, query }) => {
      permitted(state)
      if (!query.userid || !state.directory.person(query.userid)) throw new WeComRefusal(60111, 'userid not found')
      const mine = [...state.customers.values()].filter(customer => followBy(customer, query.userid))
      if (mine.length === 0) throw new WeComRefusal(84061, 'not external contact')
      return { external_userid: mine.map(({ externalId }) => externalId) }
    },
  },
  '/cgi-bin/externalcontact/get': {
    method: 'GET',
    query: ['external_userid', 'cursor'],
    run: ({ state, query }) => {
      permitted(state)
      const customer = customerWith(state, query.external_userid)
      if (customer.follows.length === 0) throw new WeComRefusal(84061, 'not external contact')
      const from = Number(query.cursor ?? 0)
      const next = from + PAGE < customer.follows.length ? { next_cursor: String(from + PAGE) } : {}
      const followers = customer.follows.slice(from, from + PAGE).map(follow => ({ ...shownFollow(follow), tags: [] }))
      return { external_contact: shownCustomer(customer), follow_user: followers, ...next }
    },
  },
  '/cgi-bin/externalcontact/batch/get_by_user': {
    method: 'POST',
    fields: { userid_list: strings({ required: true, maxItems: 100, missing: '41009' }), cursor: text(), limit: number() },
    run: ({ state, body }) => {
      permitted(state)
      const members = stringsOf(body.userid_list)
      const limit = Math.min(100, Number(body.limit ?? 50))
      const from = Number(body.cursor || 0)
      const all = [...state.customers.values()].flatMap(customer =>
        members.flatMap(userId => {
          const follow = followBy(customer, userId)
          const info = follow && { ...shownFollow(follow), tag_id: follow.tagIds }
          return info ? [{ external_contact: shownCustomer(customer), follow_info: info }] : []
        }),
      )
      const next = from + limit < all.length ? String(from + limit) : ''
      return { external_contact_list: all.slice(from, from + limit), next_cursor: next }
    },
  },
  '/cgi-bin/externalcontact/remark': {
    method: 'POST',
    fields: {
      userid: text({ required: true }),
      external_userid: text({ required: true, missing: '41035' }),
      remark: text({ maxChars: 20 }),
      description: text({ maxChars: 150 }),
      remark_company: text({ maxChars: 20 }),
      remark_mobiles: strings(),
      remark_pic_mediaid: text(),
    },
    run: ({ state, body }) => {
      permitted(state)
      const follow = followBy(customerWith(state, body.external_userid), body.userid)
      if (!follow) throw new WeComRefusal(84061, 'not external contact')
      if (typeof body.remark === 'string') follow.remark = body.remark
      if (typeof body.description === 'string') follow.description = body.description
      if (typeof body.remark_company === 'string') follow.remarkCompany = body.remark_company
      if (Array.isArray(body.remark_mobiles)) follow.mobiles = stringsOf(body.remark_mobiles).filter(Boolean)
      return {}
    },
  },
}

function permitted(state: WeComState) {
  if (!state.switches.canCustomer) throw new WeComRefusal(48002, 'api forbidden')
}

function customerWith(state: WeComState, id: unknown): Customer {
  if (typeof id !== 'string' || id === '') throw new WeComRefusal(41035, 'missing external_userid')
  const customer = state.customers.get(id)
  if (!customer) throw new WeComRefusal(40096, 'invalid external userid')
  return customer
}

const followBy = (customer: Customer, userId: unknown): Follow | undefined =>
  customer.follows.find(follow => follow.userId.toLowerCase() === String(userId).toLowerCase())

const shownCustomer = ({ externalId, name, type, corpName }: Customer) => ({
  external_userid: externalId,
  name,
  type,
  avatar: '',
  gender: 0,
  ...(corpName !== undefined && { corp_name: corpName }),
})

const shownFollow = ({ userId, remark, description, remarkCompany, mobiles, createdAtS, state }: Follow) => ({
  userid: userId,
  remark,
  description,
  createtime: createdAtS,
  remark_corp_name: remarkCompany,
  remark_mobiles: mobiles,
  add_way: 1,
  oper_userid: userId,
  ...(state !== undefined && { state }),
})
