import { z } from 'zod'
import type { Clock } from '../../../common/clock.ts'
import { PlatformRefused } from '../../../common/errors.ts'
import type { Directory, DirectoryDepartment, DirectoryMember } from '../../../handlers/kernel/ports.ts'
import { type ChannelLog, mapLimited } from '../shared/index.ts'
import { errcodeOf, type WeComClient } from './client.ts'
import { createWeComTags, type TagNames } from './tags.ts'

/** Ids are numbers on the wire and text with us. */
const id = z.union([z.string(), z.number()]).transform(String)
const ids = z.array(id).nullish()

const department = z.object({ id, name: z.string().default(''), parentid: id.optional(), department_leader: ids })
const departments = z.object({ department: z.array(department) })
const departmentIds = z.object({ department_id: z.array(z.object({ id, parentid: id.optional() })) })
const oneDepartment = z.object({ department })
const user = z.object({
  userid: z.string(),
  name: z.string().default(''),
  department: ids,
  position: z.string().optional(),
  mobile: z.string().optional(),
  is_leader_in_dept: z.array(z.coerce.number()).nullish(),
  direct_leader: ids,
  status: z.coerce.number().optional(),
})
const users = z.object({ userlist: z.array(user) })

type User = z.infer<typeof user>

const PARALLEL_CALLS = 4
const ROOT = '1'
const NO_SUCH_USER = new Set<unknown>([60111, 40003, 46004])
const ACTIVE = 1

/**
 * Contacts of the corp as far as this app may see them (pages "通讯录管理"). What the app is not allowed to read is left out and named once in the log;
 * only a platform that cannot be reached ends a listing.
 */
export function createWeComDirectory(corp: string, call: WeComClient, deps: { clock: Clock; log: ChannelLog }): Directory {
  const { log } = deps
  const reported = new Set<string>()
  const tags = createWeComTags(call, { ...deps, optional })

  /** The result, or null when the platform refuses it. */
  async function optional<T>(what: string, work: Promise<T>): Promise<T | null> {
    try {
      return await work
    } catch (error) {
      if (!(error instanceof PlatformRefused) || error.retryable) throw error
      if (!reported.has(what)) log.warn({ code: error.code, errcode: errcodeOf(error), what }, 'wecom contacts: going on without')
      reported.add(what)
      return null
    }
  }

  const get = <T>(path: string, query: Record<string, string>, answer: z.ZodType<T>) =>
    call({ method: 'GET', path, query, answer })

  async function listDepartments(): Promise<DirectoryDepartment[]> {
    const full = await optional('department/list', get('department/list', {}, departments))
    if (full) return full.department.map(toDepartment)
    const simple = await optional('department/simplelist', get('department/simplelist', {}, departmentIds))
    if (!simple) return [{ id: ROOT, name: '', parentId: null, leaderUserIds: [] }]
    return mapLimited(simple.department_id, PARALLEL_CALLS, async entry => {
      const found = await optional('department/get', get('department/get', { id: entry.id }, oneDepartment))
      return toDepartment(found?.department ?? { ...entry, name: '', department_leader: [] })
    })
  }

  async function usersOf(departmentId: string): Promise<User[]> {
    const query = { department_id: departmentId }
    const full = await optional('user/list', get('user/list', query, users))
    if (full) return full.userlist
    const simple = await optional('user/simplelist', get('user/simplelist', query, users))
    const found = simple?.userlist ?? []
    return mapLimited(found, PARALLEL_CALLS, async entry => (await optional('user/get', getUser(entry.userid))) ?? entry)
  }

  const getUser = (userid: string) => get('user/get', { userid }, user)

  return {
    platform: 'wecom',
    corp,
    listDepartments,

    async listMembers() {
      const tree = await listDepartments()
      const found = new Map<string, User>()
      // The lists are per department and not recursive; a member of several is found several times.
      for (const members of await mapLimited(tree, PARALLEL_CALLS, entry => usersOf(entry.id))) {
        for (const member of members) found.set(member.userid, member)
      }
      const names = await tags.read()
      return [...found.values()].map(member => toMember(member, names, tree))
    },

    async getMember(userId) {
      try {
        const member = await getUser(userId)
        return toMember(member, await tags.recent(), [])
      } catch (error) {
        if (NO_SUCH_USER.has(errcodeOf(error))) return null
        throw error
      }
    },

    async findByMobile(mobile) {
      const answer = z.object({ userid: z.string() })
      const work = call({ method: 'POST', path: 'user/getuserid', body: { mobile }, answer }).catch(error => {
        if (NO_SUCH_USER.has(errcodeOf(error))) return null
        throw error
      })
      return (await optional('user/getuserid', work))?.userid ?? null
    },
  }
}

const toDepartment = (entry: z.infer<typeof department>): DirectoryDepartment => ({
  id: entry.id,
  name: entry.name,
  parentId: entry.parentid === undefined || entry.parentid === '0' ? null : entry.parentid,
  leaderUserIds: entry.department_leader ?? [],
})

/** Superior and head follow the platform's own fields: `direct_leader`, `is_leader_in_dept` (in the order of `department`), `department_leader`. */
function toMember(member: User, names: TagNames, tree: readonly DirectoryDepartment[]): DirectoryMember {
  const departmentIds = member.department ?? []
  const leads = new Set(departmentIds.filter((_, index) => member.is_leader_in_dept?.[index] === 1))
  for (const entry of tree) if (entry.leaderUserIds.includes(member.userid)) leads.add(entry.id)
  const superior = member.direct_leader?.[0]
  return {
    userId: member.userid,
    name: member.name || member.userid,
    ...(member.position && { title: member.position }),
    ...(member.mobile && { mobile: member.mobile }),
    departmentIds,
    leaderOf: [...leads],
    ...(superior && superior !== member.userid && { superiorUserId: superior }),
    roles: names.of(member.userid, departmentIds),
    active: member.status === undefined || member.status === ACTIVE,
  }
}
