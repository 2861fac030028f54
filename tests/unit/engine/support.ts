import {
  contractApproval,
  type Effect,
  type Need,
  type ProcessDefinition,
  type ProcessEvent,
  type ProcessForm,
  type ProcessState,
  type Refused,
  type TransitionResult,
  transition,
} from '../../../engine/process/index.ts'

/** 2026-11-23 09:00 in Shanghai, a Monday. */
export const MONDAY_9 = Date.UTC(2026, 10, 23, 1)
export const MINUTE_MS = 60_000

/** The company of the tests: who is whose superior, who holds which role. */
export interface Company {
  superiors: Record<string, string>
  roles: Record<string, string[]>
  admins: string[]
}

export const company: Company = {
  superiors: { sales1: 'chief', tech1: 'chief', chief: 'boss' },
  roles: { 技术: ['tech1', 'tech2'], 财务: ['money1', 'money2'], 副总: ['boss'] },
  admins: ['admin1'],
}

/** What the loader of the service does: answers needs. */
export function answer(need: Need, { superiors, roles, admins }: Company): string[] {
  switch (need.type) {
    case 'superior':
    case 'departmentHead':
      return [superiors[need.personId]].filter(id => id !== undefined)
    case 'role':
      return roles[need.role] ?? []
    case 'admins':
      return admins
  }
}

export function answersFor(needs: readonly Need[], people: Company): Record<string, string[]> {
  return Object.fromEntries(needs.map(need => [need.key, answer(need, people)]))
}

/** Runs an event to its end, fetching what the engine asks for. */
export function run(
  definition: ProcessDefinition,
  state: ProcessState | null,
  event: ProcessEvent,
  { now = MONDAY_9, people = company }: { now?: number; people?: Company } = {},
): Exclude<TransitionResult, { kind: 'needs' }> {
  let answers: Record<string, string[]> = {}
  for (let round = 0; round < 10; round += 1) {
    const result = transition(definition, state, event, { now, answers })
    if (result.kind !== 'needs') return result
    if (result.needs.some(({ key }) => key in answers)) throw new Error('the engine asked twice for the same')
    answers = { ...answers, ...answersFor(result.needs, people) }
  }
  throw new Error('the engine never stopped asking')
}

/** A case that tests act on, one event after the other. */
export class Case {
  state: ProcessState | null = null
  effects: Effect[] = []
  now = MONDAY_9
  readonly definition: ProcessDefinition
  readonly people: Company

  constructor(definition: ProcessDefinition = contractApproval, people: Company = company) {
    this.definition = definition
    this.people = people
  }

  /** @throws when the event is refused */
  do(event: ProcessEvent): ProcessState {
    const result = run(this.definition, this.state, event, { now: this.now, people: this.people })
    if (result.kind === 'refused') throw new Error(`${event.type} refused: ${result.code}`)
    this.state = result.state
    this.effects = result.effects
    return result.state
  }

  /** @throws when the event is accepted */
  refusal(event: ProcessEvent): Refused {
    const result = run(this.definition, this.state, event, { now: this.now, people: this.people })
    if (result.kind !== 'refused') throw new Error(`${event.type} was accepted`)
    return result
  }

  submit(form: ProcessForm = { type: '其他', amountMinor: 100 }, by = 'sales1'): ProcessState {
    return this.do({ type: 'submit', caseId: 'case1', by, form })
  }

  approve(by: string): ProcessState {
    return this.do({ type: 'approve', by })
  }

  wait(ms: number): this {
    this.now += ms
    return this
  }

  get current(): ProcessState {
    if (!this.state) throw new Error('nothing was submitted')
    return this.state
  }

  get task() {
    const task = this.current.openTasks[0]
    if (!task) throw new Error('no task is open')
    return task
  }
}

/** The names of the approval steps that a case went through, or is at. */
export const stepsOf = (state: ProcessState): string[] =>
  state.path.filter(({ type }) => type === 'approval').map(({ name }) => name)

/** A process of one step with these approvers. */
export const oneStep = (
  approvers: (ProcessDefinition['nodes'][number] & { type: 'approval' })['approvers'],
): ProcessDefinition => ({
  key: 'oneStep',
  version: 1,
  name: '一步审批',
  fields: { manager: { type: 'person', label: '经理' } },
  nodes: [
    { id: 'start', type: 'start', name: '提交', next: 'step' },
    { id: 'step', type: 'approval', name: '审批', approvers, mode: 'anyOf', next: 'end' },
    { id: 'end', type: 'end', name: '结束' },
  ],
})
