/** A member's relation to a customer; vendor page 客户联系 › 获取客户详情, `follow_user`. */
export interface Follow {
  userId: string
  remark: string
  description: string
  remarkCompany: string
  mobiles: string[]
  createdAtS: number
  state?: string
  tagIds: string[]
}

/** Somebody outside the company whom members have in their address book. */
export interface Customer {
  externalId: string
  /** The same person as a visitor of web pages. */
  openId: string
  name: string
  /** 1 WeChat, 2 WeCom of another company. */
  type: 1 | 2
  corpName?: string
  follows: Follow[]
}

/** A customer to begin with, or one whom somebody adds. */
export interface CustomerSeed {
  externalId: string
  name: string
  corpName?: string
  openId?: string
  /** Who has them, with the remark and the telephone numbers that the member noted. */
  follows?: { userId: string; remark?: string; mobiles?: string[]; state?: string }[]
}

/** Customers as a platform keeps them. */
export function customersOf(seeds: readonly CustomerSeed[], nowMs: number): Map<string, Customer> {
  return new Map(seeds.map(seed => [seed.externalId, customerOf(seed, nowMs)]))
}

/** One customer with everything that a seed leaves out. */
export function customerOf(seed: CustomerSeed, nowMs: number): Customer {
  return {
    externalId: seed.externalId,
    openId: seed.openId ?? `o-${seed.externalId}`,
    name: seed.name,
    type: seed.corpName === undefined ? 1 : 2,
    ...(seed.corpName !== undefined && { corpName: seed.corpName }),
    follows: (seed.follows ?? []).map(follow => followOf(follow, nowMs)),
  }
}

/** A fresh relation. */
export const followOf = (seed: NonNullable<CustomerSeed['follows']>[number], nowMs: number): Follow => ({
  userId: seed.userId,
  remark: seed.remark ?? '',
  description: '',
  remarkCompany: '',
  mobiles: seed.mobiles ?? [],
  createdAtS: Math.floor(nowMs / 1000),
  ...(seed.state !== undefined && { state: seed.state }),
  tagIds: [],
})
