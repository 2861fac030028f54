import { z } from 'zod'

/**
 * One rung of a ladder. `afterPercent` is counted from the node's time limit: 80 is before it is over, 100 exactly at its end, 150
 * half as long again. A rung fires one second after its moment: work that ends within the limit is in time, 60:01 is late.
 *
 * - `warn`: the assignees hear that it will be late
 * - `remind`: the assignees hear that it is late
 * - `superior`: their superiors hear it
 * - `transfer`: it goes to their superiors (自动转交)
 * - `admin`: the admins hear it
 */
export const rung = z.strictObject({
  action: z.enum(['warn', 'remind', 'superior', 'transfer', 'admin']),
  afterPercent: z.number().gt(0).max(10_000),
})

export type Rung = z.infer<typeof rung>

/** What happens when a node takes long, unless it says otherwise. */
export const DEFAULT_LADDER: readonly Rung[] = [
  { action: 'warn', afterPercent: 80 },
  { action: 'remind', afterPercent: 100 },
  { action: 'superior', afterPercent: 150 },
  { action: 'transfer', afterPercent: 200 },
  { action: 'admin', afterPercent: 300 },
]

/** How long a node may take, in working seconds, and what happens when it takes longer. */
export const timeLimit = z.strictObject({
  workingSeconds: z
    .int()
    .min(1)
    .max(366 * 86_400),
  ladder: z.array(rung).max(10).optional(),
})

export type TimeLimit = z.infer<typeof timeLimit>
