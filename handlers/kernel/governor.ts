const MINUTE_MS = 60_000

/** The share of a platform's limit that notices may use; the rest is kept for answers and decisions. */
const NOTICE_SHARE = 0.7

/**
 * Keeps the messages to one person below the platform's limit per minute, because WeCom drops what is above without a word
 * (vendor page 发送应用消息, 频率限制). Counts what this process sent; sliding window.
 */
export function createGovernor() {
  const sent = new Map<string, number[]>()

  return {
    /**
     * Take a place for a message, or learn how long to wait.
     *
     * @param limitPerMinute what the platform allows to one person; undefined: no limit known
     * @returns 0 when the message may go now, else milliseconds to wait
     */
    take(person: string, urgency: 'reply' | 'notice', limitPerMinute: number | undefined, now: number): number {
      if (limitPerMinute === undefined) return 0
      const recent = (sent.get(person) ?? []).filter(at => now - at < MINUTE_MS)
      const allowed = urgency === 'notice' ? Math.floor(limitPerMinute * NOTICE_SHARE) : limitPerMinute
      if (recent.length >= allowed) {
        sent.set(person, recent)
        return (recent[recent.length - allowed] ?? now) + MINUTE_MS - now
      }
      recent.push(now)
      sent.set(person, recent)
      if (sent.size > 10_000) for (const [key, times] of sent) if (times.every(at => now - at >= MINUTE_MS)) sent.delete(key)
      return 0
    },
  }
}

export type Governor = ReturnType<typeof createGovernor>
