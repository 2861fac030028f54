import type { Need } from '../../engine/process/index.ts'
import type { Organisation } from '../people/organisation.ts'

/** Answer what the engine asks about people. */
export function answerNeed(organisation: Organisation, need: Need): string[] {
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
    case 'admins':
      return organisation.admins()
  }
}

/** Run a pure engine call, fetch what it needs, run it again; it asks for everything at once, so a few rounds are enough. */
export function withAnswers<Result extends { kind: string }>(
  organisation: Organisation,
  call: (answers: Record<string, string[]>) => Result | { kind: 'needs'; needs: Need[] },
): Exclude<Result, { kind: 'needs' }> {
  const answers: Record<string, string[]> = {}
  for (let round = 0; round < 20; round += 1) {
    const result = call(answers)
    if (result.kind !== 'needs') return result as Exclude<Result, { kind: 'needs' }>
    for (const need of (result as { needs: Need[] }).needs) answers[need.key] = answerNeed(organisation, need)
  }
  throw new Error('the process engine keeps asking')
}
