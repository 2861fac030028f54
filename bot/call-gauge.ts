import { Gauge, type Registry } from 'prom-client'
import type { CallMeter } from './channels/index.ts'

/** `kelian_dingtalk_api_calls_month` and its limit at `/metrics`. */
export function showCalls(registry: Registry, meter: CallMeter, monthlyCalls: number): void {
  new Gauge({
    name: 'kelian_dingtalk_api_calls_month',
    help: 'metered DingTalk API calls of this month, all processes',
    registers: [registry],
    collect() {
      this.set(meter.used())
    },
  })
  new Gauge({
    name: 'kelian_dingtalk_api_calls_month_limit',
    help: 'DINGTALK_MONTHLY_CALLS; 0: no limit set',
    registers: [registry],
    collect() {
      this.set(monthlyCalls)
    },
  })
}
