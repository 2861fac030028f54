import type { Fault } from '../../fault.ts'
import type { ProcessDefinition } from '../definition.ts'
import { checkBranches } from './branches.ts'
import { checkFields } from './fields.ts'
import { checkForks } from './forks.ts'
import type { Known } from './known.ts'
import { checkPeople } from './people.ts'
import { checkReach } from './reach.ts'
import { checkShape } from './shape.ts'
import { checkWork } from './work.ts'

export type { Known } from './known.ts'

/**
 * Every fault of a definition; none when it can be published. Paths are relative to the definition (`nodes.2.branches.0.when.value`).
 *
 * - shape: `process.duplicate_id`, `process.start_count`, `process.no_end`, `process.dangling_next`, `process.into_start`
 * - reach: `process.unreachable`, `process.no_exit` (a loop without exit among them)
 * - branches: `process.no_branches`, `process.missing_default`, `process.branch_gap`, `process.branch_overlap`, `process.branch_dead`,
 *   and those of `checkCondition`
 * - forks: `process.not_a_join`, `process.join_shared`, `process.branch_escapes`, `process.branches_cross`, `process.into_branch`
 * - people: `process.empty_approvers`, `process.not_a_person_field`, `process.choice_without_chooser`
 * - fields: `process.unknown_field`, `process.output_not_editable`, `process.not_a_date_field`, `process.rung_twice`
 * - work: `process.unknown_command`, `process.unknown_process`, `process.contains_itself`
 */
export function checkDefinition(definition: ProcessDefinition, known: Known = {}): Fault[] {
  return [
    ...checkShape(definition),
    ...checkBranches(definition),
    ...checkForks(definition),
    ...checkPeople(definition),
    ...checkFields(definition),
    ...checkWork(definition, known),
    ...checkReach(definition),
  ]
}
