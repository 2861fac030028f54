import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { PlatformRefused } from '../../../common/errors.ts'
import type { Directory, DirectoryDepartment, DirectoryMember } from '../../../handlers/kernel/ports.ts'
import { type ChannelLog, createPacer, mapLimited } from '../shared/index.ts'
import { type DingTalkClient, platformCode } from './client.ts'

/** Ids are numbers on the wire and text with us. */
const id = z.union([z.string(), z.number()]).transform(String)

const department = z.object({ dept_id: id, name: z.string().default(''), parent_id: id.nullish() })
const subDepartments = z.object({ result: z.array(department).nullish() })
const oneDepartment = z.object({ result: department.extend({ dept_manager_userid_list: z.array(z.string()).nullish() }) })
const user = z.object({
  userid: z.string(),
  name: z.string().default(''),
  title: z.string().nullish(),
  mobile: z.string().nullish(),
  manager_userid: z.string().nullish(),
  dept_id_list: z.array(id).nullish(),
  leader_in_dept: z.array(z.object({ dept_id: id, leader: z.boolean() })).nullish(),
  role_list: z.array(z.object({ name: z.string() })).nullish(),
  active: z.boolean().nullish(),
})
const userPage = z.object({
  result: z.object({ has_more: z.boolean().optional(), next_cursor: z.number().nullish(), list: z.array(user).nullish() }),
})
const userIds = z.object({ result: z.object({ userid_list: z.array(z.string()).nullish() }) })
const oneUser = z.object({ result: user })
const foundId = z.object({ result: z.object({ userid: z.string() }) })

type User = z.infer<typeof user>

const ROOT = '1'
const PAGE_SIZE = 100
const PARALLEL_CALLS = 4
/** The platform allows 20 calls a second of one API. */
const CALLS_PER_SECOND = 18
/** Other apps share the limits: a long listing waits a little rather than begin anew. */
const MAX_ATTEMPTS = 4
const MAX_PATIENCE_MS = 5_000
const NO_SUCH_USER = new Set<unknown>(['33012', '60121', '60104', '40103'])

/**
 * Contacts of the organisation as far as this app may see them (pages "通讯录管理"). What the app is not allowed to read is left out and named once in the
 * log; only a platform that cannot be reached ends a listing. Heads of departments are told by the members (`leader_in_dept`).
 */
export function createDingTalkDirectory(corp: string, client: DingTalkClient, { log }: { log: ChannelLog }): Directory {
  const reported = new Set<string>()
  const pace = createPacer(CALLS_PER_SECOND)

  async function call<T>(path: string, body: unknown, answer: z.ZodType<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      await pace()
      try {
        return await client.oapi({ path, body, answer })
      } catch (error) {
        const waitMs = error instanceof PlatformRefused && error.retryable ? Number(error.details.retryAfterMs) : Number.NaN
        if (!(waitMs <= MAX_PATIENCE_MS) || attempt >= MAX_ATTEMPTS) throw error
        await sleep(waitMs)
      }
    }
  }

  /** The result, or null when the platform refuses it. */
  async function optional<T>(path: string, body: unknown, answer: z.ZodType<T>): Promise<T | null> {
    try {
      return await call(path, body, answer)
    } catch (error) {
      if (!(error instanceof PlatformRefused) || error.retryable) throw error
      if (!reported.has(path)) log.warn({ code: error.code, what: path, ...error.details }, 'dingtalk contacts: going on without')
      reported.add(path)
      return null
    }
  }

  async function listDepartments(): Promise<DirectoryDepartment[]> {
    const root = await optional('/topapi/v2/department/get', { dept_id: Number(ROOT) }, oneDepartment)
    const found = new Map<string, DirectoryDepartment>()
    const rootLeaders = root?.result.dept_manager_userid_list ?? []
    found.set(ROOT, { id: ROOT, name: root?.result.name ?? '', parentId: null, leaderUserIds: rootLeaders })
    for (let level = [ROOT]; level.length > 0; ) {
      const children = await mapLimited(level, PARALLEL_CALLS, async parent => {
        const answer = await optional(
          '/topapi/v2/department/listsub',
          { dept_id: Number(parent), language: 'zh_CN' },
          subDepartments,
        )
        return (answer?.result ?? []).map(child => ({ id: child.dept_id, name: child.name, parentId: parent, leaderUserIds: [] }))
      })
      const fresh = children.flat().filter(child => !found.has(child.id))
      for (const child of fresh) found.set(child.id, child)
      level = fresh.map(child => child.id)
    }
    return [...found.values()]
  }

  async function usersOf(departmentId: string): Promise<User[]> {
    const dept = Number(departmentId)
    const members: User[] = []
    for (let cursor: number | null = 0; cursor !== null; ) {
      const body: Record<string, unknown> = { dept_id: dept, cursor, size: PAGE_SIZE, language: 'zh_CN' }
      const page: z.infer<typeof userPage> | null = await optional('/topapi/v2/user/list', body, userPage)
      if (!page) {
        const ids = await optional('/topapi/user/listid', { dept_id: dept }, userIds)
        return (ids?.result.userid_list ?? []).map(userid => ({ userid, name: '', dept_id_list: [departmentId] }))
      }
      members.push(...(page.result.list ?? []))
      cursor = page.result.has_more ? (page.result.next_cursor ?? null) : null
    }
    return members
  }

  return {
    platform: 'dingtalk',
    corp,
    listDepartments,

    async listMembers() {
      const found = new Map<string, User>()
      for (const members of await mapLimited(await listDepartments(), PARALLEL_CALLS, entry => usersOf(entry.id))) {
        for (const member of members) found.set(member.userid, member)
      }
      // The list knows neither superiors nor roles.
      return mapLimited([...found.values()], PARALLEL_CALLS, async member => {
        const full = await optional('/topapi/v2/user/get', { userid: member.userid, language: 'zh_CN' }, oneUser)
        return toMember(full?.result ?? member)
      })
    },

    async getMember(userId) {
      try {
        const answer = await call('/topapi/v2/user/get', { userid: userId, language: 'zh_CN' }, oneUser)
        return toMember(answer.result)
      } catch (error) {
        if (NO_SUCH_USER.has(platformCode(error))) return null
        throw error
      }
    },

    async findByMobile(mobile) {
      try {
        return (await call('/topapi/v2/user/getbymobile', { mobile }, foundId)).result.userid
      } catch (error) {
        if (error instanceof PlatformRefused && !error.retryable) return null
        throw error
      }
    },
  }
}

function toMember(member: User): DirectoryMember {
  const superior = member.manager_userid
  return {
    userId: member.userid,
    name: member.name || member.userid,
    ...(member.title && { title: member.title }),
    ...(member.mobile && { mobile: member.mobile }),
    departmentIds: member.dept_id_list ?? [],
    leaderOf: (member.leader_in_dept ?? []).filter(entry => entry.leader).map(entry => entry.dept_id),
    ...(superior && superior !== member.userid && { superiorUserId: superior }),
    roles: (member.role_list ?? []).map(role => role.name),
    active: member.active !== false,
  }
}
