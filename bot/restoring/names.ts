/** Collections that begin so are those of a restore that is not complete. */
export const STAGING = '_restore_'
/** Says how far a restore is; there while one is under way, or when it was killed. */
export const RESTORING = '_kelian_restoring'
/** A row for each running service. */
export const RUNNING = '_kelian_running'

/** Is it a collection of the product's data, which backups and moves take along? */
export const isData = (name: string): boolean =>
  !name.startsWith('system.') && !name.startsWith(STAGING) && name !== RESTORING && name !== RUNNING
