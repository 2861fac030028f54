/** One try of a callback delivery. */
export interface Attempt {
  at: number
  ms: number
  /** HTTP status; 0 when no answer came. */
  status: number
  body: string
  error?: string
}

/** What goes wrong on the way of a callback to the service; used up one by one. */
export interface CallbackFault {
  /**
   * `duplicate`: delivered twice · `delay`: `ms` late · `drop`: never · `reorder`: after the next one · `lose_answer`: taken, but the platform
   * does not hear so and retries.
   */
  kind: 'duplicate' | 'delay' | 'drop' | 'reorder' | 'lose_answer'
  /** Real milliseconds, for `delay`. */
  ms?: number
}

/** A callback on its way to the service: what was said, each attempt, and what came back. */
export interface Delivery {
  id: string
  at: number
  /** What it tells, for people: `text`, `template_card_event`, … */
  label: string
  userId: string
  /** The decrypted inner XML, the same in every attempt. */
  innerXml: string
  /** HTTP status of the last attempt; 0 when no answer came. */
  status: number
  body: string
  ms: number
  attempts: Attempt[]
  /** The decrypted passive reply, when one came that the client would show. */
  passiveReply?: Record<string, unknown>
  /** Why the client shows nothing of a reply. */
  warnings: string[]
}

/** What came of saving the callback address. */
export interface Verification {
  ok: boolean
  status: number
  body: string
  ms: number
  reason?: string
}
