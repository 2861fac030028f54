import type { CaseStatus } from '../../common/contract/approvals.ts'
import type { Effect, ProcessDefinition, ProcessEvent, ProcessForm, ProcessState } from '../../engine/process/index.ts'
import type { StepDoc } from '../../models/kernel/steps.ts'
import type { Command } from './command.ts'
import type { Services } from './services.ts'

export type CaseStep = StepDoc<ProcessState, ProcessEvent, Effect>

/** What people read about the record that a case decides. */
export interface CaseFacts {
  /** 合同审批 */
  kind: string
  number: string
  title: string
  customerId?: string
  customerName?: string
  /** The deciding one first. `field`: the field of the form that it tells; hidden from whom that is hidden. */
  facts: { label: string; value: string; note?: string; field?: string }[]
  /** What a list shows of them: `620,000.00 元`. */
  keyFact?: { field: string; value: string }
  /** `<capability>:<id>` of the record. */
  record: string
  attachmentIds: string[]
}

/** A case that another one asks for. */
export interface ChildDraft {
  caseId: string
  definition: ProcessDefinition
  form: ProcessForm
  submitterId: string
  commandId: string
}

/**
 * A capability whose records are decided by a process. It reads its facts out of the case and follows each committed step;
 * approvals know nothing else about it.
 */
export interface CaseSubject {
  /** `nameOf` names people in fields that hold them. */
  facts(state: ProcessState, definition: ProcessDefinition, nameOf: (personId: string) => string): CaseFacts
  /** What a case carries beside what was asked for: its number and the ids of its record. Repeatable. */
  begin(services: Services, draft: ChildDraft): Promise<ProcessForm>
  /** Called at least once for each step; must be repeatable. */
  follow(services: Services, step: CaseStep, participantIds: string[]): Promise<void>
}

/** What cases are about, and what they may run. */
export interface CaseSubjects {
  /** By process key. */
  get(key: string): CaseSubject
  /** Commands that a service node may name. */
  commands: ReadonlyMap<string, Command>
}

export const CASE_STATUS = {
  running: '审批中',
  incident: '审批中',
  approved: '已通过',
  rejected: '已拒绝',
  withdrawn: '已撤回',
  terminated: '已终止',
} as const satisfies Record<ProcessState['status'], CaseStatus>
