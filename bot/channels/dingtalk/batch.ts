/** What became of a batch, and for whom. */
export interface BatchAnswer {
  processQueryKey?: string | undefined
  invalidStaffIdList?: string[] | null | undefined
  flowControlledStaffIdList?: string[] | null | undefined
}

/** People in one call (page "批量发送人与机器人会话中机器人消息"; its error text speaks of 100, its field table of 20). */
const MOST_PEOPLE = 20
/** Workers that send the same words to several people do so within a few milliseconds. */
const WINDOW_MS = 10

/** `alone`: the message went to nobody else, so that taking it back takes it from nobody else. */
type SharedAnswer = BatchAnswer & { alone: boolean }

interface Batch {
  userIds: Set<string>
  answer: Promise<SharedAnswer>
}

/**
 * Sends the same message to several people with one call, because calls are billed: whoever asks for the same message within a moment shares the call
 * and its answer. The same person twice is two messages.
 */
export function createBatcher(send: (userIds: string[], msgKey: string, msgParam: string) => Promise<BatchAnswer>) {
  const open = new Map<string, Batch>()

  return (userId: string, msgKey: string, msgParam: string): Promise<SharedAnswer> => {
    const key = `${msgKey}\n${msgParam}`
    const known = open.get(key)
    if (known && known.userIds.size < MOST_PEOPLE && !known.userIds.has(userId)) {
      known.userIds.add(userId)
      return known.answer
    }
    const batch: Batch = { userIds: new Set([userId]), answer: Promise.resolve({ alone: true }) }
    batch.answer = new Promise(resolve => setTimeout(resolve, WINDOW_MS)).then(async () => {
      if (open.get(key) === batch) open.delete(key)
      return { ...(await send([...batch.userIds], msgKey, msgParam)), alone: batch.userIds.size === 1 }
    })
    open.set(key, batch)
    return batch.answer
  }
}
