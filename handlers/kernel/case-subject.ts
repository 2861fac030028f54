import type { ContractStatus, ContractType } from '../../common/contract/contracts.ts'
import type { Effect, ProcessDefinition, ProcessEvent, ProcessState } from '../../engine/process/index.ts'
import type { StepDoc } from '../../models/kernel/steps.ts'
import type { Services } from './services.ts'

export type CaseStep = StepDoc<ProcessState, ProcessEvent, Effect>

/** What people read about the record that a case decides. */
export interface CaseFacts {
  /** 合同审批 */
  kind: string
  number: string
  title: string
  customerId: string
  customerName: string
  amountMinor: number
  type: ContractType
  /** `<capability>:<id>` of the record. */
  record: string
  attachmentIds: string[]
}

/**
 * A capability whose records are decided by a process. It reads its facts out of the case and follows each committed step;
 * approvals know nothing else about it.
 */
export interface CaseSubject {
  /** Versions of its process; running cases stay on theirs. The last one is for new cases. */
  definitions: readonly ProcessDefinition[]
  facts(state: ProcessState): CaseFacts
  /** Called at least once for each step; must be repeatable. */
  follow(services: Services, step: CaseStep, participantIds: string[]): Promise<void>
}

/** By process key. */
export type CaseSubjects = ReadonlyMap<string, CaseSubject>

export const CASE_STATUS = {
  running: '审批中',
  incident: '审批中',
  approved: '已通过',
  rejected: '已拒绝',
  withdrawn: '已撤回',
} as const satisfies Record<ProcessState['status'], ContractStatus>
