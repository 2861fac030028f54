import { z } from 'zod'
import { processForm } from './state.ts'

const transfer = z.object({
  fromId: z.string(),
  toId: z.string(),
  at: z.number(),
  comment: z.string().optional(),
  via: z.string().optional(),
})

const entry = z.object({
  nodeId: z.string(),
  type: z.enum(['start', 'approval', 'exclusive', 'end']),
  name: z.string(),
  enteredAt: z.number(),
  reason: z.string().optional(),
  taskId: z.string().optional(),
  assigneeIds: z.array(z.string()),
  decidedAt: z.number().optional(),
  outcome: z.enum(['submitted', 'routed', 'approved', 'rejected', 'withdrawn', 'ended']).optional(),
  byId: z.string().optional(),
  comment: z.string().optional(),
  via: z.string().optional(),
  transfers: z.array(transfer),
})

const openTask = z.object({
  taskId: z.string(),
  nodeId: z.string(),
  name: z.string(),
  assigneeIds: z.array(z.string()).min(1),
  reason: z.string().optional(),
  openedAt: z.number(),
})

/** What the first version stored: one way, one task, the first of its people decided. It bore no `schema`. */
export const firstState = z.object({
  caseId: z.string(),
  definition: z.object({ key: z.string(), version: z.int() }),
  status: z.enum(['running', 'approved', 'rejected', 'withdrawn', 'incident']),
  revision: z.int(),
  submitterId: z.string(),
  submittedAt: z.number(),
  form: processForm,
  path: z.array(entry),
  openTasks: z.array(openTask),
  incident: z
    .object({
      nodeId: z.string(),
      code: z.enum(['undecidable', 'no_branch', 'no_approver', 'endless']),
      why: z.string(),
      since: z.number(),
    })
    .optional(),
  finishedAt: z.number().optional(),
  lastUrgedAt: z.number().optional(),
})

export type FirstState = z.infer<typeof firstState>
export type FirstEntry = z.infer<typeof entry>
