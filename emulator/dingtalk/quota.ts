import type { DingTalkState } from './state.ts'

const BEIJING_MS = 8 * 3_600_000

/** The month that a moment is billed in, as `2026-11`; the platform's months are Beijing's. */
export const billingMonth = (at: number): string => new Date(at + BEIJING_MS).toISOString().slice(0, 7)

export type Allowance = 'api' | 'webhookAndStream'

/** Count one against a monthly quota (vendor page 计费模型说明); false, and not counted, when it is used up. */
export function meter(state: DingTalkState, kind: Allowance): boolean {
  const month = billingMonth(state.clock.now())
  if (state.usage.month !== month) Object.assign(state.usage, { month, api: 0, webhookAndStream: 0 })
  const limit = kind === 'api' ? state.switches.monthlyApiCalls : state.switches.monthlyPushes
  if (state.usage[kind] >= limit) return false
  state.usage[kind] += 1
  return true
}
