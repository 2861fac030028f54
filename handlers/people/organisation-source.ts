import type { Clock } from '../../common/clock.ts'
import type { Models } from '../../models/index.ts'
import { Organisation } from './organisation.ts'

/** Another process may have changed people; its changes are seen after this time at the latest. */
const FRESH_MS = 5_000

export interface OrganisationSource {
  /** The organisation as of now, at most a few seconds old. */
  current(): Promise<Organisation>
  /** Read anew at the next question: people changed. */
  forget(): void
}

/** Keeps one snapshot of people and departments and reads it anew when it is old. */
export function createOrganisationSource(
  models: Models,
  options: { adminKeys: readonly string[]; clock: Clock },
): OrganisationSource {
  let snapshot: { at: number; value: Promise<Organisation> } | null = null

  async function read(): Promise<Organisation> {
    const [people, departments, delegations] = await Promise.all([
      models.people.withSignposts(),
      models.people.allDepartments(),
      models.delegations.open(),
    ])
    return new Organisation(people, departments, options.adminKeys, delegations)
  }

  return {
    current() {
      const now = options.clock.now()
      if (!snapshot || now - snapshot.at > FRESH_MS) {
        const value = read()
        const mine = { at: now, value }
        snapshot = mine
        value.catch(() => {
          if (snapshot === mine) snapshot = null
        })
      }
      return snapshot.value
    },
    forget() {
      snapshot = null
    },
  }
}
