import fc from 'fast-check'
import {
  type ProcessDefinition,
  type ProcessDraft,
  type ProcessEvent,
  type ProcessForm,
  type ProcessState,
  processEvent,
} from '../../../engine/process/index.ts'
import { type Company, end, process, start } from './support.ts'

/** Random companies, definitions with nodes of every kind, and things that people may try, sensible or not. */

type Nodes = ProcessDraft['nodes']
type Manned = Extract<Nodes[number], { type: 'approval' }>

const person = fc.constantFrom('a', 'b', 'c', 'd')
const few = fc.uniqueArray(person, { maxLength: 3 })
const some = fc.uniqueArray(person, { minLength: 1, maxLength: 2 })
const dictionary = fc.dictionary(person, person, { noNullPrototype: true })

export const companies: fc.Arbitrary<Company> = fc.record({
  superiors: dictionary,
  roles: fc.record({ x: few, y: few }, { noNullPrototype: true }),
  groups: fc.record({ g: few }, { noNullPrototype: true }),
  admins: fc.oneof({ weight: 3, arbitrary: some }, few),
  gone: fc.uniqueArray(person, { maxLength: 1 }),
  standIns: fc.oneof({ weight: 1, arbitrary: dictionary }, { weight: 2, arbitrary: fc.constant({}) }),
})

const rules: fc.Arbitrary<Manned['approvers'][number]> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('person' as const),
      personIds: fc.uniqueArray(person, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('superior' as const), level: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('superiors' as const), levels: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.constant({ type: 'departmentHead' as const }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('role' as const), role: fc.constantFrom('x', 'y') }) },
  { weight: 1, arbitrary: fc.constant({ type: 'group' as const, group: 'g' }) },
  { weight: 1, arbitrary: fc.constant({ type: 'memberField' as const, field: 'manager' }) },
)

const modes: fc.Arbitrary<Manned['mode']> = fc.oneof(
  fc.constant({ type: 'anyOf' as const }),
  fc.constant({ type: 'sequential' as const }),
  fc.record({ type: fc.constant('countersign' as const), earlyEnd: fc.boolean() }),
  fc.record({
    type: fc.constant('vote' as const),
    sharePercent: fc.constantFrom(30, 50, 66.6, 100),
    veto: fc.boolean(),
    earlyEnd: fc.boolean(),
    weights: fc.dictionary(person, fc.integer({ min: 1, max: 3 }), { noNullPrototype: true }),
  }),
)

const asking = {
  approvers: fc.array(rules, { minLength: 1, maxLength: 2 }),
  mode: modes,
  whenEmpty: fc.constantFrom('admins', 'superior', 'pass', 'incident'),
  whenSubmitter: fc.constantFrom('superior', 'admins', 'pass'),
  whenRepeated: fc.constantFrom('ask', 'pass'),
  isTimed: fc.boolean(),
} as const

const amounts = fc.integer({ min: 0, max: 2 })

const piece = fc.letrec<{ line: Piece[]; piece: Piece }>(tie => ({
  line: fc.array(tie('piece'), { minLength: 1, maxLength: 3, depthIdentifier: 'pieces' }),
  piece: fc.oneof(
    { depthIdentifier: 'pieces', maxDepth: 2 },
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('approval' as const), ...asking, onReject: fc.constantFrom('end', 'submitter') }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('handle' as const), ...asking, isWriting: fc.boolean() }) },
    { weight: 1, arbitrary: fc.constantFrom({ kind: 'cc' as const }, { kind: 'timer' as const }, { kind: 'service' as const }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('subProcess' as const), onReject: fc.constantFrom('reject', 'continue') }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('exclusive' as const),
        limit: amounts,
        branches: fc.tuple(tie('line'), tie('line')),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom('parallel' as const, 'inclusive' as const),
        limit: amounts,
        branches: fc.tuple(tie('line'), tie('line')),
      }),
    },
  ) as fc.Arbitrary<Piece>,
}))

type Asking = { [K in keyof typeof asking]: (typeof asking)[K] extends fc.Arbitrary<infer T> ? T : never }
type Piece =
  | ({ kind: 'approval'; onReject: 'end' | 'submitter' } & Asking)
  | ({ kind: 'handle'; isWriting: boolean } & Asking)
  | { kind: 'cc' | 'timer' | 'service' }
  | { kind: 'subProcess'; onReject: 'reject' | 'continue' }
  | { kind: 'exclusive' | 'parallel' | 'inclusive'; limit: number; branches: [Piece[], Piece[]] }

export const definitions: fc.Arbitrary<ProcessDefinition> = fc
  .array(piece.piece, { minLength: 3, maxLength: 6, size: 'max' })
  .map(pieces => {
    const nodes: Nodes = []
    const first = drawn(pieces, 'end', nodes)
    return process([start(first), ...nodes, end])
  })

/** Adds the nodes of a line that leads to `next`; returns where it begins. */
function drawn(line: readonly Piece[], next: string, nodes: Nodes): string {
  return line.reduceRight((after, one) => {
    const id = `n${nodes.length}`
    // Takes its place in the list before its branches take theirs.
    nodes.push({ id, type: 'end', name: id })
    nodes[nodes.findIndex(node => node.id === id)] = nodeOf(one, id, after, nodes)
    return id
  }, next)
}

function nodeOf(one: Piece, id: string, next: string, nodes: Nodes): Nodes[number] {
  const named = { id, name: id }
  switch (one.kind) {
    case 'approval':
    case 'handle': {
      const { approvers, mode, whenEmpty, whenSubmitter, whenRepeated, isTimed } = one
      const limit = isTimed ? { timeLimit: { workingSeconds: 100 } } : {}
      const manned = { ...named, approvers, mode, whenEmpty, whenSubmitter, whenRepeated, next, ...limit }
      if (one.kind === 'approval') return { ...manned, type: 'approval', onReject: one.onReject, fields: { title: 'edit' } }
      return { ...manned, type: 'handle', ...(one.isWriting && { outputs: ['title'] }) }
    }
    case 'cc':
      return { ...named, type: 'cc', people: [{ type: 'role', role: 'x' }], next }
    case 'timer':
      return { ...named, type: 'timer', wait: { workingSeconds: 10 }, next }
    case 'service':
      return { ...named, type: 'service', command: 'do.it', input: { amount: { field: 'amountMinor' } }, next }
    case 'subProcess':
      return { ...named, type: 'subProcess', process: 'other', form: {}, onReject: one.onReject, next }
    case 'exclusive': {
      const [yes, no] = one.branches
      const when = { field: 'amountMinor', op: 'gt', value: one.limit } as const
      return {
        ...named,
        type: 'exclusive',
        branches: [{ when, next: drawn(yes, next, nodes) }],
        otherwise: drawn(no, next, nodes),
      }
    }
    case 'parallel':
    case 'inclusive': {
      const join = `${id}join`
      nodes.push({ id: join, type: 'join', name: join, next })
      const [left = next, right = next] = one.branches.map(branch => drawn(branch, join, nodes))
      if (one.kind === 'parallel') return { ...named, type: 'parallel', branches: [{ next: left }, { next: right }], join }
      const when = { field: 'amountMinor', op: 'gt', value: one.limit } as const
      return { ...named, type: 'inclusive', branches: [{ when, next: left }], otherwise: right, join }
    }
  }
}

export const forms: fc.Arbitrary<ProcessForm> = fc.record(
  {
    amountMinor: fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 9, arbitrary: fc.integer({ min: 0, max: 3 }) }),
    manager: person,
  },
  { requiredKeys: [], noNullPrototype: true },
)

/** Somewhere the case stands, by its place; now and then some entry that it may never have had. */
const anyTask = fc.oneof(
  { weight: 5, arbitrary: fc.nat({ max: 9 }).map(place => `at ${place}`) },
  { weight: 1, arbitrary: fc.nat({ max: 12 }).map(place => `case-${place}`) },
)
const taskId = fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 2, arbitrary: anyTask })
const node = fc.constantFrom('start', 'n0', 'n1', 'n2', 'n3', 'n4', 'end')
const reason = fc.constantFrom('原因', '原因', '原因', ' ')
const by = fc.oneof({ weight: 1, arbitrary: person }, { weight: 2, arbitrary: fc.constant('an assignee') })
const admin = fc.oneof({ weight: 1, arbitrary: person }, { weight: 4, arbitrary: fc.constant('an admin') })
const submitter = fc.oneof({ weight: 1, arbitrary: person }, { weight: 4, arbitrary: fc.constant('the submitter') })
const of = <T extends string>(type: T) => fc.constant(type)

export const events: fc.Arbitrary<ProcessEvent> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({
      type: of('approve'),
      by,
      taskId,
      edits: fc.option(fc.record({ title: fc.string({ maxLength: 3 }) }), { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: of('reject'), by, taskId, reason }) },
  {
    weight: 12,
    arbitrary: fc.record({
      type: of('return'),
      by,
      taskId,
      to: node,
      reason,
      resume: fc.constantFrom('rerun' as const, 'jumpBack' as const),
    }),
  },
  { weight: 8, arbitrary: fc.record({ type: of('resubmit'), by: submitter }) },
  { weight: 1, arbitrary: fc.record({ type: of('withdraw'), by: submitter }) },
  { weight: 8, arbitrary: fc.record({ type: of('transfer'), by, taskId, to: person }) },
  {
    weight: 12,
    arbitrary: fc.record({
      type: of('addSign'),
      by,
      taskId,
      people: some,
      placement: fc.constantFrom('before' as const, 'after' as const, 'parallel' as const),
    }),
  },
  { weight: 5, arbitrary: fc.record({ type: of('removeSign'), by, taskId, people: some }) },
  { weight: 3, arbitrary: fc.record({ type: of('urge'), by: submitter }) },
  { weight: 3, arbitrary: fc.record({ type: of('comment'), by, text: reason, mentions: few }) },
  { weight: 3, arbitrary: fc.record({ type: of('copy'), by, people: some }) },
  { weight: 8, arbitrary: fc.record({ type: of('retract'), by }) },
  { weight: 8, arbitrary: fc.record({ type: of('delegate'), by }) },
  { weight: 6, arbitrary: fc.record({ type: of('handOver'), by: admin, from: person, to: person }) },
  { weight: 5, arbitrary: fc.record({ type: of('reassign'), by: admin, taskId: anyTask, people: some, reason }) },
  { weight: 3, arbitrary: fc.record({ type: of('skip'), by: admin, taskId: anyTask, reason }) },
  { weight: 5, arbitrary: fc.record({ type: of('reroute'), by: admin, taskId: anyTask, to: node, reason }) },
  { weight: 1, arbitrary: fc.record({ type: of('terminate'), by: admin, reason }) },
  {
    weight: 12,
    arbitrary: fc.record({
      type: of('resolve'),
      by: admin,
      entryId: fc.constant(undefined),
      assign: fc.option(few, { nil: undefined }),
      goTo: fc.option(node, { nil: undefined, freq: 2 }),
      form: fc.option(forms, { nil: undefined, freq: 2 }),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({ type: of('timeout'), taskId: anyTask, rung: fc.constantFrom('wait', '0', '1', '2', '3', '4') }),
  },
  { weight: 8, arbitrary: fc.record({ type: of('serviceFinished'), entryId: anyTask, ok: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: anyTask.chain(entryId =>
      fc.record({
        type: of('childFinished'),
        entryId: of(entryId),
        childCaseId: of('its child'),
        outcome: fc.constantFrom(...(['approved', 'rejected', 'withdrawn', 'terminated', 'refused'] as const)),
      }),
    ),
  },
  { weight: 1, arbitrary: fc.record({ type: of('submit'), caseId: of('case'), by, form: forms }) },
) as fc.Arbitrary<ProcessEvent>

const MANNED = ['approval', 'handle']
const ANYWHERE = [...MANNED, 'start', 'timer', 'service', 'subProcess']

/** Kinds of node at which these can come to pass. */
const PLACES: Partial<Record<ProcessEvent['type'], string[]>> = {
  skip: ANYWHERE,
  reroute: ANYWHERE,
  timeout: [...MANNED, 'timer'],
  serviceFinished: ['service'],
  childFinished: ['subProcess'],
}

/** What an event means once it is seen where the case stands: `at 1`, `an assignee`, `an admin`, `the submitter`, `its child`. */
export function aimed(event: ProcessEvent, state: ProcessState | null, { admins }: Company): ProcessEvent {
  if (!state) return event
  const standing = state.path.filter(({ leftAt, type }) => leftAt === undefined && (PLACES[event.type] ?? MANNED).includes(type))
  const at = (id: string | undefined) =>
    id?.startsWith('at ') ? (standing[Number(id.slice(3)) % Math.max(standing.length, 1)]?.entryId ?? 'case-0') : id
  const told: Record<string, unknown> = { ...event }
  for (const name of ['taskId', 'entryId']) if (typeof told[name] === 'string') told[name] = at(told[name])
  const task = state.openTasks.find(open => open.taskId === told.taskId) ?? state.openTasks[0]
  const people: Record<string, string | undefined> = {
    'an assignee': task?.assigneeIds[0],
    'an admin': admins[0],
    'the submitter': state.submitterId,
  }
  const added = state.path.flatMap(({ seats }) => seats).find(({ addedTo, status }) => addedTo && status === 'open')
  if (event.type === 'removeSign' && event.by === 'an assignee' && added) {
    Object.assign(told, { by: added.addedTo?.byId, people: [added.personId], taskId: undefined })
  }
  if (typeof told.by === 'string' && told.by in people) told.by = people[told.by] ?? 'a'
  if (told.childCaseId === 'its child') told.childCaseId = `${told.entryId}-child`
  return processEvent.parse(told)
}
