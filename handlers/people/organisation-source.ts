import type { Clock } from '../../common/clock.ts'
import type { Models } from '../../models/index.ts'
import { createSnapshot, type Snapshot } from '../kernel/snapshot.ts'
import { Organisation } from './organisation.ts'

/** The organisation as of now, at most a few seconds old. */
export type OrganisationSource = Snapshot<Organisation>

/** Keeps one snapshot of people, departments and delegations. */
export function createOrganisationSource(
  models: Models,
  options: { adminKeys: readonly string[]; clock: Clock },
): OrganisationSource {
  return createSnapshot(async () => {
    const [people, departments, delegations] = await Promise.all([
      models.people.withSignposts(),
      models.people.allDepartments(),
      models.delegations.open(),
    ])
    return new Organisation(people, departments, options.adminKeys, delegations)
  }, options.clock)
}
