import { setTimeout as sleep } from 'node:timers/promises'

/** `stream.content` of a reply, in UTF-8 bytes (page 智能机器人 › 被动回复消息). */
const CONTENT_BYTES = 20_480
/** An answer in several parts is complete when nothing followed for this long. */
const QUIET_MS = 400
/** The platform asks every one or two seconds (unconfirmed); an answer that nobody fetched by then goes another way. */
const UNFETCHED_MS = 8_000

/** What the platform is shown of an answer: everything so far, and whether that is all. */
export interface Shown {
  content: string
  finish: boolean
}

interface Answer {
  parts: { text: string; taken: (taken: boolean) => void; at: number; isTaken: boolean }[]
  closed: boolean
  changed: Set<() => void>
}

export interface Answers {
  begin(token: string): void
  /** Add a part. Resolves to false when the platform can no longer show it: then it has to go another way. */
  add(token: string, text: string): Promise<boolean>
  /** What is there to show now; parts in it count as taken once `confirm` is called. Null: unknown, or closed before. */
  show(token: string): { shown: Shown; confirm(): void } | null
  /** Resolves when the answer changed, or after `ms`. */
  wait(token: string, ms: number): Promise<void>
  /** Nothing can be shown any more. */
  close(token: string): void
}

/**
 * Answers on their way to the platform, by the message they answer. Only this process knows them: a part that reaches another process, or that the
 * platform does not fetch in time, is reported so and sent as an ordinary message of the app.
 *
 * @param now real time, milliseconds
 */
export function createAnswers(now: () => number): Answers {
  const answers = new Map<string, Answer>()
  const tell = (answer: Answer): void => {
    for (const wake of answer.changed) wake()
    answer.changed.clear()
  }
  const contentOf = (answer: Answer): string => answer.parts.map(({ text }) => text).join('\n\n')

  function close(token: string): void {
    const answer = answers.get(token)
    if (!answer || answer.closed) return
    answer.closed = true
    for (const part of answer.parts) part.taken(part.isTaken)
    tell(answer)
    answers.delete(token)
  }

  return {
    begin: token => void answers.set(token, { parts: [], closed: false, changed: new Set() }),

    async add(token, text) {
      const answer = answers.get(token)
      if (!answer || answer.closed) return false
      if (Buffer.byteLength(`${contentOf(answer)}\n\n${text}`) > CONTENT_BYTES) return false
      let taken: (value: boolean) => void = () => undefined
      const fetched = new Promise<boolean>(resolve => {
        taken = resolve
      })
      const part = { text, taken, at: now(), isTaken: false }
      answer.parts.push(part)
      tell(answer)
      const late = sleep(UNFETCHED_MS, false, { ref: false })
      const inTime = await Promise.race([fetched, late])
      // Sent another way from here on: it must not be shown twice.
      if (!inTime && !part.isTaken) answer.parts.splice(answer.parts.indexOf(part), 1)
      return inTime || part.isTaken
    },

    show(token) {
      const answer = answers.get(token)
      if (!answer) return null
      const included = [...answer.parts]
      const last = included.at(-1)
      const finish = last !== undefined && now() - last.at >= QUIET_MS
      return {
        shown: { content: contentOf(answer), finish },
        confirm() {
          for (const part of included) {
            part.isTaken = true
            part.taken(true)
          }
          if (finish) close(token)
        },
      }
    },

    async wait(token, ms) {
      const answer = answers.get(token)
      if (!answer) return
      const stop = new AbortController()
      const changed = new Promise<void>(resolve => answer.changed.add(resolve))
      await Promise.race([changed, sleep(ms, undefined, { signal: stop.signal, ref: false }).catch(() => undefined)])
      stop.abort()
    },

    close,
  }
}

/** How long an answer is left open for a further part, milliseconds. */
export const QUIET_TIME_MS = QUIET_MS
