import { AppError } from '../../common/errors.ts'
import type { ProcessDefinition, ProcessState } from '../../engine/process/index.ts'
import type { CaseFacts, CaseSubject } from '../kernel/case-subject.ts'
import type { Services } from '../kernel/services.ts'

export function subjectOf(services: Services, key: string): CaseSubject {
  const subject = services.caseSubjects.get(key)
  if (!subject) throw new AppError('approval.definition_missing', '找不到这个审批的流程定义,请联系管理员。', { status: 500 })
  return subject
}

/** The definition that a running case began with. */
export function definitionOf(services: Services, state: ProcessState): ProcessDefinition {
  const { key, version } = state.definition
  const found = subjectOf(services, key).definitions.find(definition => definition.version === version)
  if (!found) throw new AppError('approval.definition_missing', '找不到这个审批的流程定义,请联系管理员。', { status: 500 })
  return found
}

export const factsOf = (services: Services, state: ProcessState): CaseFacts =>
  subjectOf(services, state.definition.key).facts(state)
