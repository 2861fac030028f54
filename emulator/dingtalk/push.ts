/** One callback on its way to the service: a robot message, a card click or an event. */
export interface Push {
  id: string
  at: number
  /** `message`, `card` or an event's type. */
  label: string
  userId: string
  topic: string
  /** The parsed `data` of the frame, the same in every delivery. */
  data: Record<string, unknown>
  acked: boolean
  /** From sending to ack, in real milliseconds; undefined when none came in time. */
  ackMs?: number
  /** The `response` of the ack. */
  response?: unknown
  /** Why there was no ack. */
  reason?: 'no_connection' | 'timeout' | 'no_callback' | 'dropped'
}
