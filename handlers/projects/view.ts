import type { ProjectStepView, ProjectView } from '../../common/contract/projects.ts'
import { canSee, type Viewer } from '../../engine/policy/index.ts'
import type { ContractDoc } from '../../models/contracts/index.ts'
import type { ProjectDoc } from '../../models/projects/index.ts'

/** Steps with their state: the first that is not done is the one going on. */
export function stepViews(project: ProjectDoc): ProjectStepView[] {
  const current = project.steps.find(step => step.doneAt === null)?.id
  return project.steps.map(step => ({
    id: step.id,
    name: step.name,
    plannedStart: step.plannedStart.getTime(),
    plannedEnd: step.plannedEnd.getTime(),
    doneAt: step.doneAt?.getTime() ?? null,
    state: step.doneAt ? 'done' : step.id === current ? 'now' : 'coming',
  }))
}

export const projectView = (project: ProjectDoc, contract: ContractDoc | undefined, viewer: Viewer): ProjectView => ({
  id: project._id,
  contractId: project.contractId,
  contractNumber: contract?.number ?? '',
  title: project.title,
  steps: stepViews(project),
  can: { advance: canSee(viewer, 'projects', project) },
})
