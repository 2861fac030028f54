import { AppError } from '../../common/errors.ts'
import type { ProcessDefinition, ProcessState } from '../../engine/process/index.ts'
import type { CaseFacts } from '../kernel/case-subject.ts'
import type { Services } from '../kernel/services.ts'
import type { Organisation } from '../people/organisation.ts'

/**
 * The definition that a case began with.
 * @throws AppError `approval.definition_missing` when that version is not stored
 */
export async function definitionOf(services: Services, state: ProcessState): Promise<ProcessDefinition> {
  const { key, version } = state.definition
  const found = await services.models.processes.version(key, version)
  if (!found) throw new AppError('approval.definition_missing', '找不到这个审批的流程定义,请联系管理员。', { status: 500 })
  return found.definition as ProcessDefinition
}

/** The version that new cases begin with; null where there is none. */
export async function publishedDefinition(services: Services, key: string): Promise<ProcessDefinition | null> {
  return ((await services.models.processes.published(key))?.definition as ProcessDefinition | undefined) ?? null
}

export const factsOf = (
  services: Services,
  organisation: Organisation,
  definition: ProcessDefinition,
  state: ProcessState,
): CaseFacts => services.caseSubjects.get(definition.key).facts(state, definition, id => organisation.name(id))
