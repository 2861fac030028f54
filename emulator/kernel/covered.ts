/** One section of a vendor page: what of it an emulator plays, and which tests would notice if it played it wrongly. */
export interface Covered {
  /** Number and name of the section in the platform's reference. */
  section: string
  /** What is played, in one sentence. */
  plays: string
  /** Calls of the section that are answered, as `POST /v1.0/…`; groups of a pattern read `:name`. */
  calls?: readonly string[]
  /** What is left out, or answered more simply than the platform does. */
  lacks?: string
  /** `<test file> › <part of a test's name>`, below `tests/`. */
  judgedBy: readonly string[]
}
