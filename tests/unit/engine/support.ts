import {
  contractProcess,
  type Effect,
  type Need,
  type PersonNeed,
  type ProcessDefinition,
  type ProcessDraft,
  type ProcessEvent,
  type ProcessForm,
  type ProcessState,
  processDefinition,
  type Refused,
  type TransitionResult,
  transition,
} from '../../../engine/process/index.ts'

/** 2026-11-23 09:00 in Shanghai, a Monday. */
export const MONDAY_9 = Date.UTC(2026, 10, 23, 1)
export const MINUTE_MS = 60_000

/** The company of the tests: who is whose superior, who holds which role, who has left, who stands in for whom. */
export interface Company {
  superiors: Record<string, string>
  roles: Record<string, string[]>
  admins: string[]
  gone?: string[]
  standIns?: Record<string, string>
  groups?: Record<string, string[]>
}

export const company: Company = {
  superiors: { sales1: 'chief', tech1: 'chief', chief: 'boss' },
  roles: { 技术: ['tech1', 'tech2'], 财务: ['money1', 'money2'], 副总: ['boss'] },
  admins: ['admin1'],
}

/** What the loader of the service does: answers needs. */
export function answer(need: PersonNeed, { superiors, roles, admins, gone = [], standIns = {}, groups = {} }: Company): string[] {
  switch (need.type) {
    case 'superior':
    case 'departmentHead':
      return [superiors[need.personId]].filter(id => id !== undefined)
    case 'role':
      return roles[need.role] ?? []
    case 'group':
      return groups[need.group] ?? []
    case 'admins':
      return admins
    case 'person':
      return gone.includes(need.personId) ? [] : [need.personId]
    case 'delegate':
      return [standIns[need.personId]].filter(id => id !== undefined)
  }
}

export function answersFor(needs: readonly Need[], people: Company): Record<string, string[]> {
  return Object.fromEntries(needs.flatMap(need => (need.type === 'state' ? [] : [[need.key, answer(need, people)]])))
}

interface Running {
  now?: number
  people?: Company
  log?: readonly ProcessState[]
  /** The version that the case is moved to. */
  target?: ProcessDefinition
}

/** Runs an event to its end, fetching what the engine asks for. */
export function run(
  definition: ProcessDefinition,
  state: ProcessState | null,
  event: ProcessEvent,
  { now = MONDAY_9, people = company, log = [], target }: Running = {},
): Exclude<TransitionResult, { kind: 'needs' }> {
  let answers: Record<string, string[]> = {}
  let states: Record<number, ProcessState> = {}
  for (let round = 0; round < 20; round += 1) {
    const result = transition(definition, state, event, { now, answers, states, ...(target && { target }) })
    if (result.kind !== 'needs') return result
    if (result.needs.some(({ key }) => key in answers)) throw new Error('the engine asked twice for the same')
    answers = { ...answers, ...answersFor(result.needs, people) }
    for (const need of result.needs) {
      const earlier = need.type === 'state' ? log.find(({ revision }) => revision === need.revision) : undefined
      if (earlier) states = { ...states, [earlier.revision]: earlier }
    }
  }
  throw new Error('the engine never stopped asking')
}

/** A case that tests act on, one event after the other. */
export class Case {
  state: ProcessState | null = null
  effects: Effect[] = []
  now = MONDAY_9
  /** Every committed state, the first one first. */
  log: ProcessState[] = []
  definition: ProcessDefinition
  people: Company
  /** The version that `migrate` moves it to. */
  target: ProcessDefinition | undefined

  constructor(definition: ProcessDefinition = contractProcess, people: Company = company) {
    this.definition = definition
    this.people = people
  }

  /** @throws when the event is refused */
  do(event: ProcessEvent): ProcessState {
    const { now, people, log, target } = this
    const result = run(this.definition, this.state, event, { now, people, log, ...(target && { target }) })
    if (result.kind === 'refused') throw new Error(`${event.type} refused: ${result.code}`)
    this.state = result.state
    if (target?.version === result.state.definition.version) this.definition = target
    this.log.push(result.state)
    this.effects = result.effects
    return result.state
  }

  /** @throws when the event is accepted */
  refusal(event: ProcessEvent): Refused {
    const result = run(this.definition, this.state, event, { now: this.now, people: this.people, log: this.log })
    if (result.kind !== 'refused') throw new Error(`${event.type} was accepted`)
    return result
  }

  /** A contract, with what it needs beside `form`; for another definition the form as it is given. */
  submit(form: ProcessForm = {}, by = 'sales1'): ProcessState {
    const contract = { title: '机房专线', customerName: '天河机房', type: '其他', amountMinor: 100 }
    const whole = this.definition === contractProcess ? { ...contract, ...form } : form
    return this.do({ type: 'submit', caseId: 'case1', by, form: whole })
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

/** A definition as an author writes it, with its defaults filled in. */
export const process = (nodes: ProcessDraft['nodes'], more: Partial<ProcessDraft> = {}): ProcessDefinition =>
  processDefinition.parse({
    key: 'test',
    version: 1,
    name: '测试流程',
    fields: {
      title: { type: 'string', label: '标题' },
      amountMinor: { type: 'money', label: '金额' },
      manager: { type: 'person', label: '经理' },
      experts: { type: 'personList', label: '专家' },
      dueAt: { type: 'date', label: '到期日' },
    },
    nodes,
    ...more,
  })

type ApprovalDraft = Extract<ProcessDraft['nodes'][number], { type: 'approval' }>

/** An approval by these people. */
export const approval = (id: string, personIds: string[], more: Partial<ApprovalDraft> = {}): ApprovalDraft => ({
  id,
  type: 'approval',
  name: id,
  approvers: [{ type: 'person', personIds }],
  mode: { type: 'anyOf' },
  next: 'end',
  ...more,
})

export const start = (next: string) => ({ id: 'start', type: 'start', name: '提交', next }) as const
export const end = { id: 'end', type: 'end', name: '结束' } as const

/** A process of one step with these approvers. */
export const oneStep = (approvers: ApprovalDraft['approvers'], more: Partial<ApprovalDraft> = {}): ProcessDefinition =>
  process([start('step'), { ...approval('step', []), name: '审批', approvers, ...more }, end])

/** A case of the sample process, submitted. */
export function submitted(form = {}): Case {
  const opened = new Case()
  opened.submit(form)
  return opened
}

/** One whose first step is done. */
export function atFinance(): Case {
  const opened = submitted()
  opened.approve('chief')
  return opened
}

/** A submitted case at a step by these people, with one more step behind it. */
export function stepBy(personIds: string[], more: Parameters<typeof approval>[2] = {}): Case {
  const steps = [approval('step', personIds, { next: 'last', ...more }), approval('last', ['z'])]
  const opened = new Case(process([start('step'), ...steps, end]))
  opened.submit({}, 'me')
  return opened
}

const SIGNS = { approved: '+', rejected: '-', open: '?', waiting: '.', removed: 'x' } as const

/**
 * Where a case stands, drawn: `step[a+ b? c.]` is an open task where a has approved, b is asked and c's turn has not come; `-` is a
 * rejection, `x` a seat taken away, `d=b` says that d stands in for b. Then waiting nodes, incidents, or how the case ended.
 */
export function drawn(state: ProcessState): string {
  const seatsOf = (entry: ProcessState['path'][number]) =>
    entry.seats.map(({ personId, delegateId, status }) => `${delegateId ? `${delegateId}=` : ''}${personId}${SIGNS[status]}`)
  const active = state.path.filter(({ leftAt }) => leftAt === undefined)
  const places = active.map(entry => {
    const incident = state.incidents.find(({ entryId }) => entryId === entry.entryId)
    if (incident) return `${entry.nodeId}!${incident.code}`
    return entry.seats.length > 0 ? `${entry.nodeId}[${seatsOf(entry).join(' ')}]` : entry.nodeId
  })
  return state.finishedAt === undefined ? places.join(' ') : state.status
}
