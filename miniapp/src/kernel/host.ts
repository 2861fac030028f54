/** Where the page runs: inside one of the chat apps, or in a plain browser. */
export type Host = 'wecom' | 'dingtalk' | 'browser'

/** WeCom's agent holds `wxwork/x.y.z`, DingTalk's `AliApp(DingTalk/x.y.z)` (or `DingTalk/…` on desktops). */
export function detectHost(userAgent: string): Host {
  if (/wxwork/i.test(userAgent)) return 'wecom'
  return /dingtalk/i.test(userAgent) ? 'dingtalk' : 'browser'
}

/** One of the two phones of the chat window; each holds a session of its own. */
export type Slot = 'left' | 'right'

export interface PageQuery {
  slot: Slot | null
  /** The platform the surrounding phone belongs to. */
  via: 'wecom' | 'dingtalk' | null
}

/** What `location.search` says about the surroundings; anything unknown is ignored. */
export function readPageQuery(search: string): PageQuery {
  const query = new URLSearchParams(search)
  const slot = query.get('slot')
  const via = query.get('via')
  return {
    slot: slot === 'left' || slot === 'right' ? slot : null,
    via: via === 'wecom' || via === 'dingtalk' ? via : null,
  }
}
