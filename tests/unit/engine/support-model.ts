/**
 * A second telling of what a process does, to hold the engine against. It knows no tokens, no forks and no flat list of seats: a
 * running case is the rest of a drawing, a seat holds those that were added to it, and whether a vote is decided is found by trying
 * out every way the open votes could still go.
 */
import { all, asked, depthOf, type Mode, outcome, type Seat, seatOf } from './support-votes.ts'

/** A drawing: blocks in a row. Branches read one amount. */
export type Block =
  | { type: 'step'; id: string; mode: Mode; people: string[]; isSentBack: boolean }
  | { type: 'told'; id: string }
  | { type: 'pause'; id: string }
  | { type: 'choice'; id: string; above: number; yes: Block[]; no: Block[] }
  | { type: 'all'; id: string; branches: Block[][] }
  | { type: 'some'; id: string; branches: { above: number; blocks: Block[] }[]; otherwise: Block[] }

type StepBlock = Extract<Block, { type: 'step' }>
/** Where the case waits. `homes`: the steps that sent it back to here by jumpBack, the next one to return to first. */
interface Leaf {
  type: 'leaf'
  block: StepBlock | Extract<Block, { type: 'pause' }> | { type: 'resubmit'; id: 'start' }
  seats: Seat[]
  homes: StepBlock[]
}

/** Blocks one after the other: what is behind (with all that followed then), where it stands, what is ahead. */
interface Line {
  behind: { id: string; rest: Block[] }[]
  at?: Leaf | { type: 'side by side'; lines: Line[] }
  rest: Block[]
}

export interface Model {
  status: 'running' | 'approved' | 'rejected' | 'withdrawn' | 'terminated'
  amount: number
  drawing: Block[]
  line: Line
  last?: { by: string; before: Model }
}

export type Act =
  | { type: 'approve'; by: string; at: string }
  | { type: 'reject'; by: string; at: string }
  | { type: 'transfer'; by: string; at: string; to: string }
  | { type: 'addSign'; by: string; at: string; people: string[]; placement: 'before' | 'after' | 'parallel' }
  | { type: 'removeSign'; by: string; at: string; whom: string }
  | { type: 'return'; by: string; at: string; to: string; resume: 'rerun' | 'jumpBack' }
  | { type: 'resubmit' }
  | { type: 'withdraw' }
  | { type: 'terminate' }
  | { type: 'aside' }
  | { type: 'skip'; at: string }
  | { type: 'timeout'; at: string }
  | { type: 'retract'; by: string }

export function begin(drawing: Block[], amount: number): Model {
  const model: Model = { status: 'running', amount, drawing, line: { behind: [], rest: drawing } }
  goOn(model)
  return model
}

/** The case after an act, or null when the act must be refused. */
export function after(model: Model, act: Act): Model | null {
  if (model.status !== 'running') return null
  if (act.type === 'retract')
    return model.last?.by === act.by ? { ...structuredClone(model.last.before), last: undefined as never } : null
  const next = structuredClone(model)
  if (!perform(next, act)) return null
  if (act.type === 'aside') return next
  delete next.last
  const isDecision = act.type === 'approve' || act.type === 'reject' || act.type === 'return'
  if (isDecision && next.status === 'running') {
    const { last: _, ...before } = model
    next.last = { by: act.by, before }
  }
  return next
}

/** `id[a+ b? c.]` for each place where the case waits, sorted. */
export const shown = (model: Model): string[] =>
  model.status === 'running'
    ? places(model.line)
        .map(({ leaf }) => show(leaf))
        .sort()
    : [model.status]

export const leavesOf = (model: Model): Leaf[] => (model.status === 'running' ? places(model.line).map(({ leaf }) => leaf) : [])
/** The steps behind a leaf, on its own branch and before it. */
export const behind = (model: Model, leaf: Leaf): string[] =>
  places(model.line).flatMap(place => (place.leaf === leaf ? place.lines.flatMap(line => line.behind.map(({ id }) => id)) : []))

export const addedSeats = (leaf: Leaf): { person: string; addedBy: string }[] =>
  all(leaf.seats).flatMap(({ person, addedBy, vote }) => (addedBy && !vote ? [{ person, addedBy }] : []))
export const openPeople = (leaf: Leaf): string[] =>
  leaf.block.type === 'step' ? asked(leaf.seats, leaf.block.mode).map(({ person }) => person) : []

function show(leaf: Leaf): string {
  if (leaf.block.type !== 'step') return leaf.block.id
  const open = new Set(asked(leaf.seats, leaf.block.mode))
  const seats = all(leaf.seats).map(seat => `${seat.person}${seat.vote ?? (open.has(seat) ? '?' : '.')}`)
  return `${leaf.block.id}[${seats.sort().join(' ')}]`
}

/** Every leaf with the lines it lies in, the innermost first. */
function places(line: Line, outer: Line[] = []): { leaf: Leaf; lines: Line[] }[] {
  const lines = [line, ...outer]
  if (!line.at) return []
  return line.at.type === 'leaf' ? [{ leaf: line.at, lines }] : line.at.lines.flatMap(inner => places(inner, lines))
}

function perform(model: Model, act: Exclude<Act, { type: 'retract' }>): boolean {
  if (act.type === 'aside') return true
  if (act.type === 'withdraw' || act.type === 'terminate') {
    model.status = act.type === 'withdraw' ? 'withdrawn' : 'terminated'
    return true
  }
  if (act.type === 'resubmit') {
    const waiting = places(model.line).filter(({ leaf }) => leaf.block.type === 'resubmit')
    for (const { leaf, lines } of waiting) finish(leaf, lines)
    goOn(model)
    return waiting.length > 0
  }
  const place = places(model.line).find(({ leaf }) => leaf.block.id === act.at)
  if (!place) return false
  const { leaf, lines } = place
  if (act.type === 'skip' || act.type === 'timeout') {
    if (act.type === 'timeout' && leaf.block.type !== 'pause') return false
    finish(leaf, lines)
    goOn(model)
    return true
  }
  if (leaf.block.type !== 'step' || !atStep(model, leaf, leaf.block, lines, act)) return false
  decide(model, leaf, leaf.block, lines)
  return true
}

type StepAct = Extract<Act, { by: string; at: string }>

function atStep(model: Model, leaf: Leaf, block: StepBlock, lines: Line[], act: StepAct): boolean {
  const sits = (person: string) => all(leaf.seats).some(seat => seat.person === person)
  if (act.type === 'removeSign') {
    const parents: Seat[][] = [
      leaf.seats,
      ...all(leaf.seats).flatMap(({ before, after: later, beside }) => [before, later, beside]),
    ]
    for (const group of parents) {
      const place = group.findIndex(({ person, vote, addedBy }) => person === act.whom && !vote && addedBy === act.by)
      if (place < 0) continue
      group.splice(place, 1)
      return true
    }
    return false
  }
  const mine = asked(leaf.seats, block.mode).find(({ person }) => person === act.by)
  if (!mine) return false
  switch (act.type) {
    case 'approve':
    case 'reject':
      mine.vote = act.type === 'approve' ? '+' : '-'
      return true
    case 'transfer':
      if (sits(act.to)) return false
      mine.person = act.to
      return true
    case 'addSign': {
      const people = [...new Set(act.people)]
      if (people.some(sits) || depthOf(leaf.seats, mine) >= 5) return false
      const weight = act.placement === 'parallel' ? 1 : 0
      const group = act.placement === 'parallel' ? 'beside' : act.placement
      mine[group].push(...people.map(person => ({ ...seatOf(person, weight), addedBy: act.by })))
      return true
    }
    case 'return':
      return sendBack(model, leaf, block, lines, act)
  }
}

function sendBack(model: Model, leaf: Leaf, block: StepBlock, lines: Line[], act: Extract<Act, { type: 'return' }>): boolean {
  const line = lines.find(({ behind }) => behind.some(({ id }) => id === act.to))
  const passed = line?.behind.findIndex(({ id }) => id === act.to) ?? -1
  if (act.to === block.id || (act.to !== 'start' && passed < 0)) return false
  if (act.resume === 'jumpBack') {
    const target = line?.behind[passed]?.rest[0]
    const homes = [block, ...leaf.homes]
    const detour = act.to === 'start' || target?.type !== 'step' ? resubmission(homes) : stepLeaf(target, homes)
    const [inner] = lines
    if (inner) inner.at = detour
    return true
  }
  if (act.to === 'start') {
    model.line = { behind: [], at: resubmission([]), rest: model.drawing }
    return true
  }
  if (!line) return false
  line.rest = line.behind[passed]?.rest ?? []
  line.behind = line.behind.slice(0, passed)
  delete line.at
  goOn(model)
  return true
}

/** Did the votes decide the step? */
function decide(model: Model, leaf: Leaf, block: StepBlock, lines: Line[]): void {
  if (lines[0]?.at !== leaf) return
  const verdict = outcome(leaf.seats, block.mode)
  if (verdict === '+') finish(leaf, lines)
  if (verdict === '-' && block.isSentBack) model.line = { behind: [], at: resubmission([]), rest: model.drawing }
  if (verdict === '-' && !block.isSentBack) model.status = 'rejected'
  goOn(model)
}

function finish(leaf: Leaf, [line]: Line[]): void {
  if (!line) return
  const [home, ...homes] = leaf.homes
  if (home) {
    line.at = stepLeaf(home, homes)
    return
  }
  if (leaf.block.type === 'step') line.behind.push({ id: leaf.block.id, rest: [leaf.block, ...line.rest] })
  delete line.at
}

function goOn(model: Model): void {
  if (model.status === 'running' && isOver(model.line, model.amount)) model.status = 'approved'
}

/** Runs a line on to where it waits; true when there is nothing left of it. */
function isOver(line: Line, amount: number): boolean {
  for (;;) {
    if (line.at?.type === 'leaf') return false
    if (line.at) {
      const over = line.at.lines.map(inner => isOver(inner, amount))
      if (over.includes(false)) return false
      delete line.at
    }
    const [block, ...rest] = line.rest
    if (!block) return true
    line.rest = rest
    enter(line, block, amount)
  }
}

function enter(line: Line, block: Block, amount: number): void {
  const lineOf = (blocks: Block[]): Line => ({ behind: [], rest: blocks })
  switch (block.type) {
    case 'told':
      return
    case 'step':
      line.at = stepLeaf(block, [])
      return
    case 'pause':
      line.at = { type: 'leaf', block, seats: [], homes: [] }
      return
    case 'choice':
      line.rest = [...(amount > block.above ? block.yes : block.no), ...line.rest]
      return
    case 'all':
      line.at = { type: 'side by side', lines: block.branches.map(lineOf) }
      return
    case 'some': {
      const taken = block.branches.filter(({ above }) => amount > above).map(({ blocks }) => blocks)
      line.at = { type: 'side by side', lines: (taken.length > 0 ? taken : [block.otherwise]).map(lineOf) }
    }
  }
}

const resubmission = (homes: StepBlock[]): Leaf => ({ type: 'leaf', block: { type: 'resubmit', id: 'start' }, seats: [], homes })

const stepLeaf = (block: StepBlock, homes: StepBlock[]): Leaf => ({
  type: 'leaf',
  block,
  seats: block.people.map(person => seatOf(person, block.mode.type === 'vote' ? (block.mode.weights[person] ?? 1) : 1)),
  homes,
})
