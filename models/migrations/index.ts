import type { Models } from '../index.ts'
import { laneRows } from './2026-11-lanes.ts'
import type { Migration } from './migration.ts'

/** In order; a line is never removed while somebody may still run the version before it. */
export const migrations: readonly Migration[] = [laneRows]

const LEASE_MS = 30_000
const DONE = 'migrations'

/**
 * Bring stored data up to this version; one process does it for all.
 * @returns false when another process is at it
 */
export async function migrate(models: Models, by: string): Promise<boolean> {
  return models.runners.alone('migrations', by, LEASE_MS, async () => {
    const done = new Set((await models.settings.get<string[]>(DONE)) ?? [])
    for (const migration of migrations) {
      if (done.has(migration.id)) continue
      await migration.run(models)
      done.add(migration.id)
      await models.settings.set(DONE, [...done])
    }
  })
}
