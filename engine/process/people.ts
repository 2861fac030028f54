import { readField } from '../condition/index.ts'
import type { ApproverRule } from './approvers.ts'
import { refuse } from './result.ts'
import { answered, type Turn } from './turn.ts'

/** Whom rules name: those who are there, each once; `gone` of them are not. */
export interface Named {
  present: string[]
  gone: number
}

/**
 * Whom the rules of a node name, in their order.
 *
 * @returns nothing while a look-up is open; all of them are asked for at once
 */
export function namedBy(rules: readonly ApproverRule[], nodeId: string, turn: Turn): Named | undefined {
  const lists = rules.map(rule => holders(rule, nodeId, turn))
  const known = lists.filter(list => list !== undefined)
  if (known.length < lists.length) return undefined
  const all = [...new Set(known.flat())]
  const trusted = new Set(rules.flatMap((rule, index) => (isChecked(rule) ? [] : (known[index] ?? []))))
  const answers = all.map(id => (trusted.has(id) ? true : isThere(id, turn)))
  if (answers.includes(undefined)) return undefined
  const present = all.filter((_, index) => answers[index])
  return { present, gone: all.length - present.length }
}

/** Is this person there? Nothing while the look-up is open. */
export const isThere = (personId: string, turn: Turn): boolean | undefined => {
  const answer = turn.lookups.ask({ type: 'person', personId })
  return answer && answer.length > 0
}

/** A person's direct superior; nothing while the look-up is open. */
export const superiorOf = (personId: string, turn: Turn): readonly string[] | undefined =>
  turn.lookups.ask({ type: 'superior', personId })

/** People whom a definition or a person named may have left since; those whom a look-up names are there. */
const isChecked = ({ type }: ApproverRule): boolean =>
  type === 'person' || type === 'memberField' || type === 'initiatorChoice' || type === 'previousChoice'

function holders(rule: ApproverRule, nodeId: string, turn: Turn): readonly string[] | undefined {
  const { submitterId, form, choices } = turn.state
  switch (rule.type) {
    case 'person':
      return rule.personIds
    case 'role':
      return turn.lookups.ask({ type: 'role', role: rule.role })
    case 'group':
      return turn.lookups.ask({ type: 'group', group: rule.group })
    case 'departmentHead':
      return turn.lookups.ask({ type: 'departmentHead', personId: submitterId })
    case 'superior':
      return superiors(submitterId, rule.level, turn)?.slice(-1)
    case 'superiors':
      return superiors(submitterId, rule.levels, turn)
    case 'memberField':
      return membersOf(form, rule.field)
    case 'initiatorChoice':
    case 'previousChoice':
      return Object.hasOwn(choices, nodeId) ? choices[nodeId] : []
  }
}

/** The superiors of a person upwards, at most `levels`. A chain that comes back on itself ends there. */
function superiors(personId: string, levels: number, turn: Turn): string[] | undefined {
  const chain: string[] = []
  let below = personId
  while (chain.length < levels) {
    const answer = superiorOf(below, turn)
    if (!answer) return undefined
    const [above] = answer
    if (above === undefined || above === personId || chain.includes(above)) break
    chain.push(above)
    below = above
  }
  return chain
}

function membersOf(form: Readonly<Record<string, unknown>>, field: string): string[] {
  const reading = readField(form, field)
  const value = reading.state === 'value' ? reading.value : []
  return (Array.isArray(value) ? value : [value]).filter(id => typeof id === 'string' && id !== '')
}

/** Refused: `approval.person_inactive { personIds }` when some of these people are not there. */
export function checkThere(personIds: readonly string[], turn: Turn): void {
  const answers = personIds.map(personId => isThere(personId, turn))
  const gone = personIds.filter((_, index) => !answered(answers[index]))
  if (gone.length > 0) refuse('approval.person_inactive', { personIds: gone })
}
