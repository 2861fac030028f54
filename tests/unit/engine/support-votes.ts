/** The votes at one step, told a second time: a seat holds those that were added to it. */

export type Mode =
  | { type: 'anyOf' }
  | { type: 'sequential' }
  | { type: 'countersign'; earlyEnd: boolean }
  | { type: 'vote'; sharePercent: number; veto: boolean; earlyEnd: boolean; weights: Record<string, number> }

export type Vote = '+' | '-'

export interface Seat {
  person: string
  weight: number
  vote?: Vote
  addedBy?: string
  before: Seat[]
  after: Seat[]
  beside: Seat[]
}

export const seatOf = (person: string, weight: number): Seat => ({ person, weight, before: [], after: [], beside: [] })

export const all = (seats: Seat[]): Seat[] =>
  seats.flatMap(seat => [seat, ...all(seat.before), ...all(seat.after), ...all(seat.beside)])

export function depthOf(seats: Seat[], wanted: Seat): number {
  for (const seat of seats) {
    if (seat === wanted) return 0
    const below = [...seat.before, ...seat.after, ...seat.beside]
    if (all(below).includes(wanted)) return 1 + depthOf(below, wanted)
  }
  return 0
}

/** Seats that stand side by side, with those put beside them. */
const abreast = (seats: Seat[]): Seat[] => seats.flatMap(seat => [seat, ...abreast(seat.beside)])

/** What a seat says, all things added to it considered. */
function says(seat: Seat): Vote | undefined {
  const earlier = abreast(seat.before).map(says)
  if (earlier.includes('-') || seat.vote === '-') return '-'
  if (!seat.vote) return undefined
  const later = abreast(seat.after).map(says)
  if (later.includes('-')) return '-'
  return later.includes(undefined) ? undefined : '+'
}

export function asked(seats: Seat[], mode: Mode): Seat[] {
  const turn = seats.find(seat => abreast([seat]).some(one => says(one) !== '+'))
  const asking = mode.type === 'sequential' ? (turn ? [turn] : []) : seats
  return askedIn(asking)
}

const askedIn = (seats: Seat[]): Seat[] =>
  abreast(seats).flatMap(seat => {
    if (says(seat)) return []
    if (abreast(seat.before).some(one => says(one) !== '+')) return askedIn(seat.before)
    return seat.vote ? askedIn(seat.after) : [seat]
  })

/** What the step comes to, if that is certain. */
export function outcome(seats: Seat[], mode: Mode): Vote | undefined {
  const voters = abreast(seats)
  const votes = voters.map(says)
  if (mode.type === 'anyOf') return votes.find(vote => vote !== undefined)
  if (mode.type === 'sequential') return votes.includes('-') ? '-' : votes.includes(undefined) ? undefined : '+'
  if (!mode.earlyEnd && votes.includes(undefined)) return undefined
  const weights = voters.map(({ weight }) => weight)
  if (mode.type === 'vote' && mode.veto && votes.includes('-')) return '-'
  // With a veto the share alone ends it: whoever has not voted by then has no veto any more.
  if (mode.type === 'vote' && mode.veto)
    return carries(
      mode,
      votes.map(vote => vote ?? '-'),
      weights,
    )
      ? '+'
      : undefined
  const ends = new Set(endings(votes).map(final => (carries(mode, final, weights) ? '+' : '-')))
  return ends.size === 1 ? [...ends][0] : undefined
}

/** Every way the open votes could go. */
const endings = (votes: (Vote | undefined)[]): Vote[][] =>
  votes.reduce<Vote[][]>(
    (ways, vote) =>
      ways.flatMap(way =>
        vote
          ? [[...way, vote]]
          : [
              [...way, '+' as const],
              [...way, '-' as const],
            ],
      ),
    [[]],
  )

function carries(mode: Extract<Mode, { type: 'vote' | 'countersign' }>, votes: Vote[], weights: number[]): boolean {
  if (mode.type === 'countersign') return !votes.includes('-')
  const sum = (vote?: Vote) =>
    weights.reduce((total, weight, place) => (vote && votes[place] !== vote ? total : total + weight), 0)
  return sum('+') / sum() >= mode.sharePercent / 100
}
