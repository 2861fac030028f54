import { z } from 'zod'

const MAX_WEIGHT = 1000

/**
 * How the votes at a node become its outcome.
 *
 * - `anyOf` (或签): the first vote decides.
 * - `countersign` (会签): all must approve. With `earlyEnd` the first rejection ends it, else everybody is heard first.
 * - `sequential` (依次审批): one after the other, all must approve; a rejection ends it.
 * - `vote` (票签): approved when the approving weight reaches `sharePercent` of all weight. `veto`: one rejection is enough to reject;
 *   else rejections only count, and the node is rejected when the share cannot be reached any more. With `earlyEnd` it ends as soon
 *   as the outcome is fixed, else when everybody has voted.
 *   A share that is reached ends it with `veto` too: whoever has not voted by then has no veto any more.
 */
export const approvalMode = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('anyOf') }),
  z.strictObject({ type: z.literal('countersign'), earlyEnd: z.boolean().default(true) }),
  z.strictObject({ type: z.literal('sequential') }),
  z.strictObject({
    type: z.literal('vote'),
    sharePercent: z.number().gt(0).max(100),
    veto: z.boolean().default(false),
    earlyEnd: z.boolean().default(true),
    /** By person id; 1 when absent. */
    weights: z.record(z.string(), z.int().min(1).max(MAX_WEIGHT)).default({}),
  }),
])

export type ApprovalMode = z.infer<typeof approvalMode>
