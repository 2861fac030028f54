import { z } from 'zod'
import type { DingTalkClient } from './client.ts'

const oneUser = z.object({ result: z.object({ unionid: z.string().min(1) }) })

/** Ids of persons as the to-do API wants them, by user id. Asking costs nothing of the quota; each is asked once, for they never change. */
export function createUnionIds(client: DingTalkClient): (userId: string) => Promise<string> {
  const known = new Map<string, Promise<string>>()
  const ask = async (userId: string): Promise<string> => {
    const body = { userid: userId, language: 'zh_CN' }
    return (await client.oapi({ path: '/topapi/v2/user/get', body, answer: oneUser })).result.unionid
  }
  return userId => {
    const answer = known.get(userId) ?? ask(userId)
    known.set(userId, answer)
    answer.catch(() => known.delete(userId))
    return answer
  }
}
