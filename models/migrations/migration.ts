import type { Models } from '../index.ts'

/** One change of stored data. It must be repeatable, and code of the version before must be able to read what it leaves behind. */
export interface Migration {
  id: string
  run(models: Models): Promise<void>
}
