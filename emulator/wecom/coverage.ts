import type { Covered } from '../coverage.ts'

/** What the WeCom emulator plays, section by section of its reference. */
export const wecomCoverage: readonly Covered[] = []
