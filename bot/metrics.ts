import { Counter, collectDefaultMetrics, Registry } from 'prom-client'
import type { Meter } from '../handlers/kernel/services.ts'

export interface Metrics {
  registry: Registry
  meter: Meter
}

/** What this process counts, for `/metrics`. Two services in one process count apart. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  // Event-loop delay, memory and collections among them.
  collectDefaultMetrics({ register: registry })
  const sends = new Counter({
    name: 'kelian_sends_total',
    help: 'what was handed to a platform, by its result',
    labelNames: ['platform', 'kind', 'result'] as const,
    registers: [registry],
  })
  const retries = new Counter({
    name: 'kelian_retries_total',
    help: 'attempts that failed and are repeated',
    labelNames: ['queue'] as const,
    registers: [registry],
  })
  return {
    registry,
    meter: {
      sent: (platform, kind, result) => sends.inc({ platform, kind, result }),
      retried: queue => retries.inc({ queue }),
    },
  }
}
