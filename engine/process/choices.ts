import type { ApproverRule } from './approvers.ts'
import { exitsOf, findNode, isManned, type ProcessDefinition, type ProcessNode } from './definition.ts'
import type { ProcessEvent } from './event.ts'
import { refuse } from './result.ts'
import { change, type Turn } from './turn.ts'

type Choices = Extract<ProcessEvent, { type: 'submit' }>['choices']

const rulesOf = (node: ProcessNode): readonly ApproverRule[] => {
  if (isManned(node)) return node.approvers
  return node.type === 'cc' ? node.people : []
}

const asksFor = (node: ProcessNode, type: 'initiatorChoice' | 'previousChoice'): boolean =>
  rulesOf(node).some(rule => rule.type === type)

/** Nodes whose people the submitter names (发起人自选). */
export const initiatorChoices = (definition: ProcessDefinition): ProcessNode[] =>
  definition.nodes.filter(node => asksFor(node, 'initiatorChoice'))

/** Nodes whose people are named by who decides at `nodeId` (上一节点指定): those that follow with no other people in between. */
export function previousChoices(definition: ProcessDefinition, nodeId: string): ProcessNode[] {
  const seen = new Set<string>()
  const found: ProcessNode[] = []
  const open = [nodeId]
  for (const id of open) {
    const from = findNode(definition, id)
    for (const { next } of from ? exitsOf(from) : []) {
      const node = findNode(definition, next)
      if (!node || seen.has(next)) continue
      seen.add(next)
      if (asksFor(node, 'previousChoice')) found.push(node)
      if (!isManned(node)) open.push(next)
    }
  }
  return found
}

/** Keeps whom a person names at this node for later ones. Refused: `approval.choice_not_allowed { nodeIds }`. */
export function takeChoices(turn: Turn, node: ProcessNode, choices: Choices): void {
  if (!choices) return
  const byInitiator = node.type === 'start' ? initiatorChoices(turn.definition) : []
  const allowed = new Set([...byInitiator, ...previousChoices(turn.definition, node.id)].map(({ id }) => id))
  const nodeIds = Object.keys(choices).filter(id => !allowed.has(id))
  if (nodeIds.length > 0) refuse('approval.choice_not_allowed', { nodeIds })
  change(turn, { choices: { ...turn.state.choices, ...choices } })
}

/** Whoever submits names the people of all nodes that leave it to them. Refused: `approval.choice_required { nodeIds }`. */
export function checkInitiatorChoices(turn: Turn): void {
  const nodeIds = initiatorChoices(turn.definition)
    .filter(node => isManned(node) && !Object.hasOwn(turn.state.choices, node.id))
    .map(({ id }) => id)
  if (nodeIds.length > 0) refuse('approval.choice_required', { nodeIds })
}
