import {
  approvalReassignInput,
  approvalRerouteInput,
  approvalResolveInput,
  approvalSkipInput,
  approvalTerminateInput,
} from '../../../common/contract/approvals.ts'
import { findNode } from '../../../engine/process/index.ts'
import { defineCommand } from '../../kernel/command.ts'
import { readCase } from '../act.ts'
import { definitionOf } from '../definitions.ts'
import { perform, readEdits, requireColleague } from './perform.ts'

/** An admin gives a task to other people. */
export const approvalReassign = defineCommand({
  name: 'approvals.reassign',
  title: '改派审批',
  input: approvalReassignInput,
  surfaces: ['admin'],
  kind: 'decision',
  async run(context, { caseId, taskId, personIds, reason }) {
    const organisation = await context.services.organisation.current()
    const people = personIds.map(id => requireColleague(organisation, id))
    const names = people.map(person => person.name).join('、')
    return perform(
      context,
      caseId,
      { type: 'reassign', taskId, people: people.map(person => person._id), reason },
      label => `已将 ${label} 改派给 ${names}。`,
    )
  },
})

/** An admin lets the case go on without this task. */
export const approvalSkip = defineCommand({
  name: 'approvals.skip',
  title: '跳过这一步',
  input: approvalSkipInput,
  surfaces: ['admin'],
  kind: 'decision',
  run: (context, { caseId, taskId, reason }) =>
    perform(context, caseId, { type: 'skip', taskId, reason }, label => `已跳过 ${label} 的这一步。`),
})

/** An admin sends a branch to another step. */
export const approvalReroute = defineCommand({
  name: 'approvals.reroute',
  title: '改道',
  input: approvalRerouteInput,
  surfaces: ['admin'],
  kind: 'decision',
  async run(context, { caseId, taskId, to, reason }) {
    const definition = await definitionOf(context.services, await readCase(context.services, caseId))
    const name = findNode(definition, to)?.name ?? to
    return perform(context, caseId, { type: 'reroute', taskId, to, reason }, label => `已将 ${label} 改道到${name}。`)
  },
})

/** An admin ends the case. */
export const approvalTerminate = defineCommand({
  name: 'approvals.terminate',
  title: '终止审批',
  input: approvalTerminateInput,
  surfaces: ['admin'],
  kind: 'decision',
  run: (context, { caseId, reason }) => perform(context, caseId, { type: 'terminate', reason }, label => `已处理 ${label}。`),
})

/** An admin ends an incident: names people, chooses the way, mends the form, or has the step tried again. */
export const approvalResolve = defineCommand({
  name: 'approvals.resolve',
  title: '处理暂停的审批',
  input: approvalResolveInput,
  surfaces: ['admin'],
  kind: 'decision',
  async run(context, { caseId, entryId, assignIds, goTo, edits }) {
    const organisation = await context.services.organisation.current()
    const assign = assignIds?.map(id => requireColleague(organisation, id)._id)
    const { edits: form } = await readEdits(context, caseId, edits)
    return perform(
      context,
      caseId,
      {
        type: 'resolve',
        ...(entryId && { entryId }),
        ...(assign && { assign }),
        ...(goTo && { goTo }),
        ...(form && { form }),
      },
      label => `已处理 ${label} 的暂停。`,
    )
  },
})
