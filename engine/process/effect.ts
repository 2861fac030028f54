import type { Incident } from './state.ts'

/** How a case ended. */
export type Outcome = 'approved' | 'rejected' | 'withdrawn'

/** What an accepted event asks the world to do. Nothing has been done yet. */
export type EffectBody =
  /** These people are asked; `reason` tells them why. */
  | { type: 'taskOpened'; taskId: string; nodeId: string; nodeName: string; assigneeIds: string[]; reason?: string }
  /** Every copy of the task's card shows the outcome. `assigneeIds` are those who could decide last. */
  | { type: 'taskClosed'; taskId: string; nodeName: string; assigneeIds: string[]; outcome: Outcome; byId: string; at: number }
  /** `fromId` is out, `toId` is in. */
  | {
      type: 'taskTransferred'
      taskId: string
      nodeName: string
      fromId: string
      toId: string
      assigneeIds: string[]
      comment?: string
    }
  /** The case is over; happens exactly once. `reason` is the rejection's or the withdrawal's. */
  | { type: 'finalised'; outcome: Outcome; byId: string; reason?: string }
  | { type: 'urged'; taskId: string; nodeName: string; assigneeIds: string[] }
  /** The case stands still until an admin resolves it. */
  | { type: 'incidentRaised'; nodeId: string; code: Incident['code']; why: string }

/** `id` is `<caseId>:<revision>:<n>`: the same event on the same state gives the same ids. */
export type Effect = EffectBody & { id: string }
