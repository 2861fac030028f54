import { z } from 'zod'
import type { Clock } from '../../../common/clock.ts'
import { mapLimited } from '../shared/index.ts'
import type { WeComClient } from './client.ts'

/** Which tags a member carries, by name: in this product the roles (技术, 财务 …). */
export interface TagNames {
  of(userId: string, departmentIds: readonly string[]): string[]
}

export interface TagDeps {
  clock: Clock
  /** Resolves to null where the platform refuses. */
  optional<T>(what: string, work: Promise<T>): Promise<T | null>
}

const id = z.union([z.string(), z.number()]).transform(String)
const tagList = z.object({ taglist: z.array(z.object({ tagid: id, tagname: z.string() })) })
const tagMembers = z.object({ userlist: z.array(z.object({ userid: z.string() })).nullish(), partylist: z.array(id).nullish() })

const PARALLEL_CALLS = 4
const RECENT_MS = 10 * 60_000

/** Tags of the corp (pages "标签管理"). A tag on a department counts for its direct members. */
export function createWeComTags(call: WeComClient, { clock, optional }: TagDeps) {
  let last: { names: Promise<TagNames>; at: number } | null = null

  const load = async (): Promise<TagNames> => {
    const list = await optional('tag/list', call({ method: 'GET', path: 'tag/list', answer: tagList }))
    const tags = await mapLimited(list?.taglist ?? [], PARALLEL_CALLS, async tag => {
      const query = { tagid: tag.tagid }
      const members = await optional('tag/get', call({ method: 'GET', path: 'tag/get', query, answer: tagMembers }))
      const people = new Set(members?.userlist?.map(user => user.userid.toLowerCase()))
      return { name: tag.tagname, people, parties: new Set(members?.partylist) }
    })
    return {
      of: (userId, departmentIds) =>
        tags
          .filter(tag => tag.people.has(userId.toLowerCase()) || departmentIds.some(department => tag.parties.has(department)))
          .map(tag => tag.name),
    }
  }

  const read = (): Promise<TagNames> => {
    const names = load()
    last = { names, at: clock.now() }
    names.catch(() => {
      last = null
    })
    return names
  }

  return {
    /** Fresh from the platform. */
    read,
    /** At most ten minutes old: for a single member who just turned up. */
    recent: (): Promise<TagNames> => (last && clock.now() - last.at < RECENT_MS ? last.names : read()),
  }
}
