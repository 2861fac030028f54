import { approvalDecide, approvalWithdraw } from '../../handlers/approvals/index.ts'
import { submitContract } from '../../handlers/contracts/index.ts'
import type { CaseStep } from '../../handlers/kernel/case-subject.ts'
import { completeProjectStep } from '../../handlers/projects/index.ts'
import type { SampleContract } from './seed-contracts.ts'
import type { Actor, Replay } from './seed-replay.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** From one decision to the next. */
const DECISION_MS = 22 * HOUR_MS

const COMMENTS: Readonly<Record<string, string>> = {
  技术审批: '资源已核实,可以按期开通。',
  财务审批: '付款条件可以接受。',
  副总审批: '同意,注意按期交付。',
}

export const contractCommandId = (index: number): string => `demo:contract:${index}`

export const submittedAt = (replay: Replay, contract: SampleContract, index: number): number =>
  contract.story.type === 'waiting' && contract.story.live && contract.story.approvals === 0
    ? replay.services.clock.now()
    : replay.at(contract.daysAgo, 9 + (index % 3))

/** One contract from its submission to where its story ends, decided by whoever the process asks. */
export async function replayContract(
  replay: Replay,
  actor: Actor,
  customerId: string,
  contract: SampleContract,
  index: number,
): Promise<void> {
  const { models } = replay.services
  const { story, title, type, amount } = contract
  const commandId = contractCommandId(index)
  const isLive = story.type === 'waiting' && story.live === true
  let at = submittedAt(replay, contract, index)
  const { caseId, contractId } = await replay.run(
    submitContract,
    { customerId, title, type, amount },
    { actor, at, commandId, cards: isLive && story.approvals === 0 },
  )

  // Read by revision and not from the head: a start cut short repeats what it did, under the same command ids.
  for (let revision = 1; ; revision += 1) {
    const step = (await models.steps.all(caseId))[revision - 1] as CaseStep | undefined
    const task = step?.after.openTasks[0]
    const deciderId = task?.assigneeIds[0]
    if (!task || !deciderId) break
    const approvals = revision - 1
    const stops = story.type !== 'approved' && approvals >= story.approvals
    if (stops && story.type === 'waiting') break
    const isLast = isLive && revision === story.approvals
    at = isLast ? replay.services.clock.now() : replay.daytime(at + DECISION_MS)
    const how = { at, commandId: `${commandId}:${revision}`, cards: isLast }
    if (stops && story.type === 'withdrawn') {
      await replay.run(approvalWithdraw, { caseId }, { ...how, actor })
    } else {
      const comment = stops && story.type === 'rejected' ? story.reason : COMMENTS[task.name]
      await replay.run(
        approvalDecide,
        { caseId, decision: stops ? 'reject' : 'approve', ...(comment && { comment }) },
        { ...how, actor: replay.actorById(deciderId) },
      )
    }
  }
  if (story.type === 'approved') await replayProject(replay, actor, contractId, index)
}

/** Delivery went by the plan, give or take some days; what is not due yet is open. */
async function replayProject(replay: Replay, actor: Actor, contractId: string, index: number): Promise<void> {
  const [project] = await replay.services.models.projects.ofContracts([contractId])
  const lateMs = ((index % 5) - 1) * DAY_MS
  for (const step of project?.steps ?? []) {
    const at = step.plannedEnd.getTime() + lateMs + 15 * HOUR_MS
    if (at > replay.at(1, 18)) return
    await replay.run(
      completeProjectStep,
      { projectId: project?._id ?? '', stepId: step.id, done: true },
      { actor, at, commandId: `${contractCommandId(index)}:${step.id}` },
    )
  }
}
