import type { FaultView } from '../../common/contract/processes.ts'
import { AppError } from '../../common/errors.ts'
import { checkDefinition, type ProcessDefinition, processDefinition } from '../../engine/process/index.ts'
import { CONTRACT_PROCESS, contractForm } from '../contracts/index.ts'
import type { Services } from '../kernel/services.ts'
import { CARRIED } from '../requests/index.ts'

/** A definition as somebody wrote it, or everything that is wrong with it. */
export type Checked = { definition: ProcessDefinition; faults: FaultView[] } | { definition: null; faults: FaultView[] }

/**
 * Every fault and its path. What does not even have the shape of a definition is told by its schema (`process.malformed`); the rest by
 * the static checks, against the commands and processes that there are.
 */
export async function checkDraft(services: Services, raw: Readonly<Record<string, unknown>>): Promise<Checked> {
  const parsed = processDefinition.safeParse({ version: 1, ...raw })
  if (!parsed.success) {
    const faults = parsed.error.issues.map(issue => ({
      path: issue.path.join('.'),
      code: 'process.malformed',
      message: /\p{Script=Han}/u.test(issue.message) ? issue.message : '这里的内容不完整或格式不对',
    }))
    return { definition: null, faults }
  }
  const offered = await services.models.processes.offered()
  const faults = checkDefinition(parsed.data, {
    commands: new Set(services.caseSubjects.commands.keys()),
    processes: new Set(offered.map(row => row.key)),
    carried: parsed.data.key === CONTRACT_PROCESS ? new Set(Object.keys(contractForm.shape)) : CARRIED,
  })
  return { definition: parsed.data, faults }
}

/** @throws AppError `process.faulty` with every fault and its path */
export async function requireSound(services: Services, raw: Readonly<Record<string, unknown>>): Promise<ProcessDefinition> {
  const { definition, faults } = await checkDraft(services, raw)
  if (definition && faults.length === 0) return definition
  const first = faults[0]?.message ?? ''
  throw new AppError('process.faulty', `流程有 ${faults.length} 处问题:${first}。请修改后再发布。`, {
    status: 400,
    details: { faults },
  })
}
