import type { ApprovalCan, ChoiceView, FieldView, MyTask } from '../../../common/contract/approvals.ts'
import type { Viewer } from '../../../engine/policy/index.ts'
import {
  fieldRightAt,
  findNode,
  initiatorChoices,
  isFinished,
  isManned,
  type OpenTask,
  type Operation,
  type PathEntry,
  type ProcessDefinition,
  type ProcessState,
  previousChoices,
  returnTargets,
} from '../../../engine/process/index.ts'
import type { CaseDoc } from '../../../models/approvals/index.ts'
import type { Organisation } from '../../people/organisation.ts'
import { CARRIED_FIELDS, fieldView } from '../fields.ts'

interface Reading {
  definition: ProcessDefinition
  state: ProcessState
  organisation: Organisation
  viewer: Viewer
}

/** The open task that waits for this person; of several the first. */
export const taskFor = (state: ProcessState, personId: string): OpenTask | undefined =>
  state.openTasks.find(task => task.assigneeIds.includes(personId))

const entryOf = (state: ProcessState, taskId: string): PathEntry | undefined => state.path.find(entry => entry.entryId === taskId)

/** May those who decide at this task also do that? */
function allows(definition: ProcessDefinition, task: OpenTask | undefined, operation: Operation): boolean {
  const node = task && findNode(definition, task.nodeId)
  return isManned(node) && (node.operations === undefined || node.operations.includes(operation))
}

/** Open seats of people whom this person added. */
const addedBy = (entry: PathEntry | undefined, personId: string): string[] =>
  (entry?.seats ?? [])
    .filter(seat => seat.addedTo?.byId === personId && (seat.status === 'open' || seat.status === 'waiting'))
    .map(seat => seat.personId)

/** What the reader may do now. */
export function canDo({ definition, state, viewer }: Reading, head: CaseDoc): ApprovalCan {
  const task = taskFor(state, viewer.personId)
  const isOpen = !isFinished(state)
  const isManning = task !== undefined && task.kind !== 'resubmit'
  const isSubmitter = state.submitterId === viewer.personId
  const takesPart = isOpen && (head.participantIds.includes(viewer.personId) || viewer.isAdmin)
  return {
    approve: isManning,
    reject: task?.kind === 'approval',
    return: isManning && allows(definition, task, 'return'),
    transfer: isManning && allows(definition, task, 'transfer'),
    addSign: isManning && allows(definition, task, 'addSign'),
    removeSign:
      isManning && allows(definition, task, 'removeSign') && addedBy(entryOf(state, task.taskId), viewer.personId).length > 0,
    comment: takesPart,
    copy: takesPart,
    retract: isOpen && state.retractable?.byId === viewer.personId,
    resubmit: task?.kind === 'resubmit',
    withdraw: isOpen && isSubmitter,
    urge: isOpen && isSubmitter && state.openTasks.some(({ assigneeIds }) => assigneeIds.some(id => id !== viewer.personId)),
    rescue: isOpen && viewer.isAdmin && !isSubmitter,
  }
}

/** The task that waits for the reader, with what they may fill in, whom they name, and where it may go back to. */
export function myTask(reading: Reading): MyTask | undefined {
  const { definition, state, organisation, viewer } = reading
  const task = taskFor(state, viewer.personId)
  const node = task && findNode(definition, task.nodeId)
  if (!task || !node) return undefined
  const entry = entryOf(state, task.taskId)
  const standsFor = entry?.seats.find(seat => seat.status === 'open' && seat.delegateId === viewer.personId)
  const choosers = task.kind === 'resubmit' ? initiatorChoices(definition) : previousChoices(definition, node.id)
  return {
    taskId: task.taskId,
    kind: task.kind,
    name: task.name,
    ...(standsFor && { onBehalfOf: organisation.ref(standsFor.personId) }),
    fields: editableFields(reading, node.id),
    choices: choosers.map(({ id, name }) => ({ nodeId: id, name })),
    returnTo: task.kind === 'resubmit' ? [] : returnChoices(reading, task.taskId),
    added: addedBy(entry, viewer.personId).map(id => organisation.ref(id)),
  }
}

function editableFields({ definition, state, organisation }: Reading, nodeId: string): FieldView[] {
  const node = findNode(definition, nodeId)
  if (!node) return []
  const must = new Set(isManned(node) ? node.outputs : definition.required)
  return Object.keys(definition.fields)
    .filter(name => !CARRIED_FIELDS.has(name) && fieldRightAt(definition, node, name) === 'edit')
    .map(name => fieldView(definition, name, { form: state.form, organisation, isRequired: must.has(name) }))
}

function returnChoices({ definition, state }: Reading, taskId: string): ChoiceView[] {
  return returnTargets(definition, state, taskId).map(({ nodeId, name }) => {
    const isStart = findNode(definition, nodeId)?.type === 'start'
    return { nodeId, name: isStart ? '提交人' : name }
  })
}
