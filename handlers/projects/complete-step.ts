import { projectCompleteStepInput } from '../../common/contract/projects.ts'
import { DeniedError, NotFoundError } from '../../common/errors.ts'
import { canSee } from '../../engine/policy/index.ts'
import { defineCommand } from '../kernel/command.ts'
import { routes } from '../kernel/links.ts'

/** The owner ticks a delivery step; the customer's page shows it at once. */
export const completeProjectStep = defineCommand({
  name: 'projects.completeStep',
  title: '更新项目进度',
  input: projectCompleteStepInput,
  surfaces: ['h5'],
  kind: 'transaction',
  async run({ services, actor, now, id }, { projectId, stepId, done }, session) {
    const { models } = services
    const project = await models.projects.byId(projectId)
    const step = project?.steps.find(candidate => candidate.id === stepId)
    if (!project || !step) throw new NotFoundError('project.unknown', '没有找到这个项目步骤。')
    if (!canSee(actor, 'projects', project)) throw new DeniedError('project.not_yours', '只有项目负责人可以更新进度。')
    const at = new Date(now)
    const outcome = { result: { projectId, stepId, done }, subject: `project:${projectId}` }
    // Two people may tick the same step; the time of the first stands.
    if ((step.doneAt !== null) === done) return outcome
    await models.projects.setStep(projectId, stepId, done ? at : null, { session })
    await models.timeline.add(
      {
        _id: id('timeline'),
        customerId: project.customerId,
        at,
        type: 'project',
        title: `${step.name}${done ? '已完成' : '改为未完成'}`,
        text: project.title,
        byId: actor.personId,
        to: routes.customer(project.customerId),
      },
      { session },
    )
    return outcome
  },
})
