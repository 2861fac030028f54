import type { ProcessDefinition, ProcessEvent } from '../../engine/process/index.ts'
import type { CaseStep } from '../kernel/case-subject.ts'
import type { Services } from '../kernel/services.ts'

/** What somebody does to a case, or what happens to it by itself. */
export interface Act {
  caseId: string
  event: ProcessEvent
  /** A person, or `SYSTEM` for what happens by itself. */
  actorId: string
  commandId: string
  via: string
  /** For a case that begins. */
  definition?: ProcessDefinition
  /** For a case that moves to another version of its process. */
  target?: ProcessDefinition
}

/** Decides and commits; gives the step. */
export type Acting = (services: Services, input: Act) => Promise<CaseStep>
