import { z } from 'zod'
import { pageInput } from './page.ts'

/** `todos.list` */
export const todosListInput = pageInput.extend({ state: z.enum(['open', 'done']).default('open') })

export interface TodoRow {
  id: string
  kind: 'approval' | 'follow_up'
  title: string
  subtitle?: string
  dueAt: number | null
  createdAt: number
  doneAt: number | null
  /** Hash route below `/m/` where it is done. */
  to: string
  /** May be ticked here (follow-ups); approvals are decided on their page. */
  tickable: boolean
}

/** `todos.complete` */
export const todoCompleteInput = z.object({ todoId: z.string().min(1).max(100) })
