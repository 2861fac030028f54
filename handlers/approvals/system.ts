/** Who acts when something happens by itself: a timer, a command that a process ran. */
export const SYSTEM = 'system'

/** The `via` of such acts. */
export const BY_ITSELF = 'process'
