import { z } from 'zod'
import type { ChoiceView, StuckCase } from '../../../common/contract/approvals.ts'
import {
  exitsOf,
  findNode,
  fits,
  type Incident,
  isFilled,
  isManned,
  type ProcessDefinition,
  type ProcessNode,
  type ProcessState,
  readState,
  rerouteTargets,
} from '../../../engine/process/index.ts'
import type { CaseDoc } from '../../../models/approvals/index.ts'
import { defineQuery } from '../../kernel/command.ts'
import type { Services } from '../../kernel/services.ts'
import type { Organisation } from '../../people/organisation.ts'
import { definitionOf } from '../definitions.ts'
import { CARRIED_FIELDS, fieldView } from '../fields.ts'

const MAX_ROWS = 200

type Options = StuckCase['options']

/** What ends an incident of each kind. */
const REMEDIES: Readonly<Record<Incident['code'], Options>> = {
  undecidable: ['fill', 'goTo', 'terminate'],
  no_branch: ['goTo', 'fill', 'terminate'],
  no_approver: ['assign', 'retry', 'terminate'],
  endless: ['goTo', 'terminate'],
  missing_input: ['fill', 'terminate'],
  service_failed: ['retry', 'fill', 'goTo', 'terminate'],
  broken: ['goTo', 'terminate'],
}

/**
 * Cases that nobody can move without an admin: a branch stands still, or everybody who is asked has left. It tells which and why, and
 * what can be done; what the case is about stays with those who may see it.
 */
export const approvalsStuck = defineQuery({
  name: 'approvals.stuck',
  title: '卡住的审批',
  input: z.object({}),
  surfaces: ['admin'],
  async run({ services }): Promise<{ items: StuckCase[] }> {
    const organisation = await services.organisation.current()
    const gone = organisation
      .people()
      .filter(person => !person.active)
      .map(person => person._id)
    const { cases } = services.models
    const [standing, left] = await Promise.all([
      cases.incidents(MAX_ROWS),
      gone.length > 0 ? cases.waitingFor(gone, MAX_ROWS) : [],
    ])
    const rows = [
      ...(await Promise.all(standing.map(head => standingStill(services, organisation, head)))),
      ...(await Promise.all(left.map(head => withoutPeople(services, organisation, head)))),
    ].flat()
    return { items: rows.sort((a, b) => a.since - b.since).slice(0, MAX_ROWS) }
  },
})

const base = (head: CaseDoc, organisation: Organisation) => ({
  caseId: head._id,
  kind: head.kind,
  number: head.number,
  submitter: organisation.ref(head.submitterId),
})

async function standingStill(services: Services, organisation: Organisation, head: CaseDoc): Promise<StuckCase[]> {
  const state = readState(head.state)
  const definition = await definitionOf(services, state)
  return state.incidents.map(({ entryId, nodeId, code, why, since }) => {
    const node = findNode(definition, nodeId)
    const options = REMEDIES[code]
    const fields = options.includes('fill') ? fieldsToFill(definition, state, node) : []
    return {
      ...base(head, organisation),
      since,
      nodeName: node?.name ?? nodeId,
      why,
      entryId,
      options,
      nodes: options.includes('goTo') ? waysOn(definition, state, entryId, node) : [],
      fields: fields.map(name => fieldView(definition, name, { form: {}, organisation, isRequired: false })),
    }
  })
}

async function withoutPeople(services: Services, organisation: Organisation, head: CaseDoc): Promise<StuckCase[]> {
  const state = readState(head.state)
  const definition = await definitionOf(services, state)
  return state.openTasks
    .filter(task => task.assigneeIds.every(id => !organisation.person(id)?.active))
    .map(task => ({
      ...base(head, organisation),
      since: task.openedAt,
      nodeName: task.name,
      why: `等待 ${task.assigneeIds.map(id => organisation.name(id)).join('、')} 处理,但已不在岗`,
      taskId: task.taskId,
      options: ['reassign', 'skip', 'reroute', 'terminate'],
      nodes: named(definition, rerouteTargets(definition, state, task.taskId)),
      fields: [],
    }))
}

const named = (definition: ProcessDefinition, nodeIds: readonly string[]): ChoiceView[] =>
  [...new Set(nodeIds)].flatMap(nodeId => {
    const node = findNode(definition, nodeId)
    return node && node.type !== 'start' ? [{ nodeId, name: node.name }] : []
  })

/** Where it may go on: the ways out of a gateway, else any step that this branch can be sent to. */
function waysOn(
  definition: ProcessDefinition,
  state: ProcessState,
  entryId: string,
  node: ProcessNode | undefined,
): ChoiceView[] {
  const exits = node && !isManned(node) ? exitsOf(node).map(({ next }) => next) : []
  return named(definition, exits.length > 0 ? exits : rerouteTargets(definition, state, entryId))
}

/** Of the inputs of a step, of what work is given, or before a branch of all fields: those that are empty or mistyped. */
function fieldsToFill(definition: ProcessDefinition, { form }: ProcessState, node: ProcessNode | undefined): string[] {
  const given = node?.type === 'service' ? node.input : node?.type === 'subProcess' ? node.form : undefined
  const sources = given && Object.values(given).flatMap(source => ('field' in source ? source.field : []))
  const names = isManned(node) ? (node.inputs ?? []) : (sources ?? Object.keys(definition.fields))
  return [...new Set(names)].filter(name => {
    const declared = Object.hasOwn(definition.fields, name) ? definition.fields[name] : undefined
    return declared && !CARRIED_FIELDS.has(name) && !(isFilled(form, name) && fits(form[name], declared))
  })
}
