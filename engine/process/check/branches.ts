import { type Condition, checkCondition, evaluate, explain } from '../../condition/index.ts'
import { type Fault, faultPath } from '../../fault.ts'
import type { NodeOf, ProcessDefinition } from '../definition.ts'
import { representativeForms } from './representatives.ts'

type Branching = NodeOf<'exclusive'> | NodeOf<'inclusive'>

/**
 * Branches that conditions choose: there are some, there is a default, and where the conditions can be decided beforehand none can
 * never be taken and, at an exclusive gateway, no two hold for one form (DMN 1.5, hit policy "unique"): which way a case goes must
 * not hang on the order in which branches are listed.
 */
export function checkBranches(definition: ProcessDefinition): Fault[] {
  return definition.nodes.flatMap((node, index) => {
    if (node.type !== 'exclusive' && node.type !== 'inclusive') return []
    const path = faultPath('nodes', index)
    const wrong = node.branches.flatMap(({ when }, at) =>
      checkCondition(when, definition.fields, faultPath(path, 'branches', at, 'when')),
    )
    if (node.branches.length === 0) {
      wrong.push({ path: faultPath(path, 'branches'), code: 'process.no_branches', message: `「${node.name}」没有分支` })
    }
    if (node.otherwise === undefined) {
      const message = `「${node.name}」没有说明其他情况走哪里`
      wrong.push({ path: faultPath(path, 'otherwise'), code: 'process.missing_default', message })
    }
    return [...wrong, ...checkCover(node, definition, path)]
  })
}

function checkCover(node: Branching, { fields }: ProcessDefinition, path: string): Fault[] {
  const conditions = node.branches.map(({ when }) => when)
  const points = representativeForms(conditions, fields)
  if (!points) return []
  const env = { me: points.me, now: 0 }
  const faults: Fault[] = []
  const alive = new Set<number>()
  const clashes = new Set<string>()
  let hasGap = false
  for (const form of points.forms) {
    const verdicts = conditions.map(when => evaluate(when, form, env))
    if (verdicts.some(verdict => typeof verdict !== 'boolean')) continue
    const holding = verdicts.flatMap((verdict, index) => (verdict === true ? [index] : []))
    const [first, second] = holding
    for (const index of node.type === 'exclusive' ? holding.slice(0, 1) : holding) alive.add(index)
    if (first === undefined && node.otherwise === undefined && !hasGap) {
      hasGap = true
      const example = conditions.map(when => explain(when, form, fields, env)).join('、')
      faults.push({ path: faultPath(path, 'branches'), code: 'process.branch_gap', message: `没有分支接住:${example}` })
    }
    if (node.type !== 'exclusive' || first === undefined || second === undefined || clashes.has(`${first} ${second}`)) continue
    clashes.add(`${first} ${second}`)
    const example = explain({ all: [conditions[first], conditions[second]] as Condition[] }, form, fields, env)
    const message = `第 ${first + 1} 个和第 ${second + 1} 个分支同时成立:${example}`
    faults.push({ path: faultPath(path, 'branches', second, 'when'), code: 'process.branch_overlap', message })
  }
  const dead = conditions.flatMap((_, index) =>
    alive.has(index)
      ? []
      : [
          {
            path: faultPath(path, 'branches', index, 'when'),
            code: 'process.branch_dead',
            message: `「${node.name}」的第 ${index + 1} 个分支永远走不到`,
          },
        ],
  )
  return [...faults, ...dead]
}
