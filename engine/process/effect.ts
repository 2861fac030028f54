import type { Incident, OpenTask, ProcessForm, Transfer } from './state.ts'

/** How a case ended. */
export type Outcome = 'approved' | 'rejected' | 'withdrawn' | 'terminated'

/** What an accepted event asks the world to do. Nothing has been done yet. */
export type EffectBody =
  /** This person is asked now: a to-do, a card. `reason` tells them why, `onBehalfOfId` for whom they stand in. */
  | {
      type: 'asked'
      taskId: string
      nodeId: string
      nodeName: string
      kind: OpenTask['kind']
      personId: string
      reason?: string
      onBehalfOfId?: string
    }
  /** This person need not act any more: the to-do closes, the card tells what became of it. */
  | { type: 'released'; taskId: string; personId: string }
  /** Somebody voted; whether the node is left is told by `nodeLeft`. */
  | { type: 'voted'; taskId: string; nodeName: string; byId: string; outcome: 'approved' | 'rejected' | 'done'; comment?: string }
  /** A node where people were asked is over. `byId` is whose act ended it. */
  | { type: 'nodeLeft'; taskId: string; nodeId: string; nodeName: string; outcome: string; byId?: string; comment?: string }
  | {
      type: 'transferred'
      taskId: string
      nodeName: string
      fromId: string
      toId: string
      why: Transfer['why']
      comment?: string
    }
  | {
      type: 'signAdded'
      taskId: string
      nodeName: string
      byId: string
      personIds: string[]
      placement: string
      comment?: string
    }
  | { type: 'signRemoved'; taskId: string; nodeName: string; byId: string; personIds: string[] }
  | { type: 'returned'; fromNodeName: string; toNodeName: string; toSubmitter: boolean; byId: string; reason: string }
  | { type: 'retracted'; nodeName: string; byId: string }
  | { type: 'urged'; taskId: string; nodeName: string; personIds: string[] }
  /** A rung of the ladder. `personIds` are those who are to hear it. */
  | {
      type: 'reminded'
      taskId: string
      nodeName: string
      action: 'warn' | 'remind' | 'superior' | 'admin'
      personIds: string[]
      /** Who is late. */
      lateIds: string[]
      limitWorkingSeconds: number
    }
  | { type: 'copied'; nodeName?: string; personIds: string[]; byId?: string; comment?: string }
  | { type: 'commented'; byId: string; text: string; mentionIds: string[] }
  /** The case stands still here until an admin resolves it. */
  | { type: 'incidentRaised'; entryId: string; nodeId: string; nodeName: string; code: Incident['code']; why: string }
  | { type: 'incidentResolved'; entryId: string; byId: string }
  /** Raise `timeout { taskId, rung }` when `workingSeconds` of working time have passed since `anchorAt`, or at the moment `at`. */
  | { type: 'timerSet'; timerId: string; taskId: string; rung: string; anchorAt: number; workingSeconds: number }
  | { type: 'timerSet'; timerId: string; taskId: string; rung: string; at: number }
  | { type: 'timerCancelled'; timerId: string }
  /** Run this command, then raise `serviceFinished`. */
  | { type: 'serviceRequested'; entryId: string; nodeName: string; command: string; input: Record<string, unknown> }
  /** Submit this case, and raise `childFinished` when it ends. */
  | { type: 'childRequested'; entryId: string; childCaseId: string; process: string; form: ProcessForm }
  /** The parent ended without it: withdraw the child. */
  | { type: 'childCancelled'; childCaseId: string }
  /** The case is over; happens exactly once. `reason` is the rejection's, withdrawal's or termination's. */
  | { type: 'finalised'; outcome: Outcome; byId: string; reason?: string }

/** `id` is `<caseId>:<revision>:<n>`: the same event on the same state gives the same ids. */
export type Effect = EffectBody & { id: string }
