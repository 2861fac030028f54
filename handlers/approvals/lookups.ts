import type { Need } from '../../engine/process/index.ts'
import type { Organisation } from '../people/organisation.ts'

/** A question about people; the engine also asks for earlier states, which `act` answers. */
type PersonNeed = Exclude<Need, { type: 'state' }>

/** Everybody active in the department of that name, else whoever holds the role of that name. */
function groupOf(organisation: Organisation, group: string): string[] {
  const members = organisation
    .people()
    .filter(person => person.active && organisation.departmentNames(person._id).includes(group))
  return members.length > 0 ? members.map(person => person._id) : organisation.holders(group).ids
}

/**
 * Answer what the engine asks about people.
 * @param now who stands in for whom depends on the moment, in milliseconds
 */
export function answerNeed(organisation: Organisation, need: PersonNeed, now: number): string[] {
  switch (need.type) {
    case 'superior': {
      const superior = organisation.superior(need.personId)
      return superior ? [superior.id] : []
    }
    case 'departmentHead': {
      const head = organisation.departmentHead(need.personId)
      return head ? [head] : []
    }
    case 'role':
      return organisation.holders(need.role).ids
    case 'group':
      return groupOf(organisation, need.group)
    case 'admins':
      return organisation.admins()
    case 'person':
      return organisation.person(need.personId)?.active ? [need.personId] : []
    case 'delegate': {
      const standIn = organisation.standIn(need.personId, now)
      return standIn ? [standIn] : []
    }
  }
}

/** The engine asks for everything at once, so a few rounds are enough. */
const MAX_ROUNDS = 30

/** Run a pure engine call that asks about people only, answer it, run it again. */
export function withAnswers<Result extends { kind: string }>(
  organisation: Organisation,
  now: number,
  call: (answers: Record<string, string[]>) => Result | { kind: 'needs'; needs: Need[] },
): Exclude<Result, { kind: 'needs' }> {
  const answers: Record<string, string[]> = {}
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const result = call(answers)
    if (result.kind !== 'needs') return result as Exclude<Result, { kind: 'needs' }>
    for (const need of (result as { needs: Need[] }).needs) {
      if (need.type !== 'state') answers[need.key] = answerNeed(organisation, need, now)
    }
  }
  throw new Error('the process engine keeps asking')
}
