import { WeComRefusal } from './refusal.ts'
import type { WeComState } from './state.ts'

interface Rule {
  /** Paths that are counted together; absent: every path by itself. */
  path?: RegExp
  most: number
  windowMs: number
  /** How long calls are refused once the limit was hit. */
  penaltyMs: number
}

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

/** Vendor page 访问频率限制. */
const RULES: readonly Rule[] = [
  { most: 10_000, windowMs: MINUTE_MS, penaltyMs: MINUTE_MS },
  { most: 150_000, windowMs: HOUR_MS, penaltyMs: HOUR_MS },
  { path: /\/(?:get_jsapi_ticket|ticket\/get)$/, most: 100, windowMs: HOUR_MS, penaltyMs: HOUR_MS },
  { path: /\/appchat\/create$/, most: 1_000, windowMs: DAY_MS, penaltyMs: DAY_MS },
  { path: /\/appchat\/update$/, most: 1_000, windowMs: HOUR_MS, penaltyMs: HOUR_MS },
]

/** Count one call. @throws WeComRefusal 45009 over a limit, and for the penalty time afterwards */
export function countCall(state: WeComState, path: string): void {
  const now = state.clock.now()
  for (const [index, rule] of RULES.entries()) {
    if (rule.path && !rule.path.test(path)) continue
    const key = `${index}:${path}`
    const known = state.counts.get(key)
    const count =
      known && now - known.since < rule.windowMs ? known : { since: now, calls: 0, blockedUntil: known?.blockedUntil ?? 0 }
    state.counts.set(key, count)
    if (count.blockedUntil > now) throw new WeComRefusal(45009, 'api freq out of limit')
    count.calls += 1
    if (count.calls <= rule.most) continue
    count.blockedUntil = now + rule.penaltyMs
    throw new WeComRefusal(45009, 'api freq out of limit')
  }
}

/** Messages a day: 账号上限 × 200 person-times per app (page 发送应用消息). @throws WeComRefusal 45009 † when it is used up */
export function countMessages(state: WeComState, people: number): void {
  const day = Math.floor((state.clock.now() + 8 * HOUR_MS) / DAY_MS)
  if (state.messagesToday.day !== day) state.messagesToday = { day, sent: 0 }
  if (state.messagesToday.sent + people > state.switches.accountLimit * 200)
    throw new WeComRefusal(45009, 'message quota of the day used up')
  state.messagesToday.sent += people
}
