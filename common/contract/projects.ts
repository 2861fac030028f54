import { z } from 'zod'

export interface ProjectStepView {
  id: string
  name: string
  /** Milliseconds at local midnight; `plannedEnd` is the last day. */
  plannedStart: number
  plannedEnd: number
  doneAt: number | null
  state: 'done' | 'now' | 'coming'
}

export interface ProjectView {
  id: string
  contractId: string
  contractNumber: string
  title: string
  steps: ProjectStepView[]
  can: { advance: boolean }
}

/** `projects.completeStep`: the owner ticks a step; `done: false` takes it back. */
export const projectCompleteStepInput = z.object({
  projectId: z.string().min(1).max(64),
  stepId: z.string().min(1).max(64),
  done: z.boolean(),
})
