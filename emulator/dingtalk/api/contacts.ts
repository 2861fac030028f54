import type { DirectoryDepartment, DirectoryPerson } from '../../kernel/company.ts'
import { flag, number, type Shape, text } from '../../kernel/shape.ts'
import { DingTalkRefusal, OldApiRefusal } from '../refusal.ts'
import type { DingTalkState } from '../state.ts'
import { type Route, textOf } from './route.ts'

const old = (path: string, fields: Shape, run: Route['run']): Route => ({
  method: 'POST',
  path,
  generation: 'old',
  fields: { ...fields, language: text({ oneOf: ['zh_CN', 'en_US'] }) },
  run,
})

const id = number({ required: true })
const page: Shape = {
  dept_id: id,
  cursor: number({ required: true }),
  size: number({ required: true }),
  order_field: text(),
  contain_access_limit: flag(),
}

/** People, departments, roles, in-app login; vendor page 登录与免登. These calls cost no quota. */
export const contactRoutes: Route[] = [
  old('/topapi/v2/user/getuserinfo', { code: text({ required: true, missing: '40078' }) }, ({ state, body }) => {
    const code = state.authCodes.get(textOf(body.code))
    if (code?.kind !== 'app' || code.used || code.expiresAt < state.clock.now())
      throw new OldApiRefusal(40078, '不存在的临时授权码')
    code.used = true
    const person = personOf(state, code.userId)
    const { userId, unionId, name } = person
    return { result: { userid: userId, unionid: unionId, name, device_id: 'emulated', sys: false, sys_level: 0 } }
  }),
  old('/topapi/v2/user/get', { userid: text({ required: true }) }, ({ state, body }) => ({
    result: details(state, personOf(state, body.userid)),
  })),
  old(
    '/topapi/v2/user/getbymobile',
    { mobile: text({ required: true }), support_exclusive_account_search: flag() },
    ({ state, body }) => {
      const person = state.directory.people.find(({ mobile }) => mobile === body.mobile)
      if (!person) throw new OldApiRefusal(60121, '找不到该用户')
      return { result: { userid: person.userId } }
    },
  ),
  old('/topapi/user/getbyunionid', { unionid: text({ required: true }) }, ({ state, body }) => {
    const person = state.directory.people.find(({ unionId }) => unionId === body.unionid)
    if (!person) throw new OldApiRefusal(60121, '找不到该用户')
    return { result: { contact_type: 0, userid: person.userId } }
  }),
  old('/topapi/v2/user/list', page, ({ state, body }) => {
    const { list, ...page } = paged(state, body)
    return { result: { ...page, list: list.map(person => details(state, person)) } }
  }),
  old('/topapi/user/listsimple', page, ({ state, body }) => {
    const { list, ...page } = paged(state, body)
    return { result: { ...page, list: list.map(({ userId, name }) => ({ userid: userId, name })) } }
  }),
  old('/topapi/user/listid', { dept_id: id }, ({ state, body }) => ({
    result: { userid_list: membersOf(state, departmentOf(state, body.dept_id)).map(({ userId }) => userId) },
  })),
  old('/topapi/v2/department/listsub', { dept_id: number() }, ({ state, body }) => ({
    result: childrenOf(state, departmentOf(state, body.dept_id ?? 1)).map(({ id, name, parentId }) => ({
      dept_id: id,
      name,
      parent_id: parentId,
      create_dept_group: false,
      auto_add_user: false,
    })),
  })),
  old('/topapi/v2/department/listsubid', { dept_id: number() }, ({ state, body }) => ({
    result: { dept_id_list: childrenOf(state, departmentOf(state, body.dept_id ?? 1)).map(({ id }) => id) },
  })),
  old('/topapi/v2/department/get', { dept_id: id }, ({ state, body }) => {
    const { id, name, parentId, leaders } = departmentOf(state, body.dept_id)
    return { result: { dept_id: id, name, parent_id: parentId, dept_manager_userid_list: leaders, order: id } }
  }),
  old('/topapi/v2/department/listparentbyuser', { userid: text({ required: true }) }, ({ state, body }) => {
    const path: number[] = []
    let next = state.directory.department(personOf(state, body.userid).departmentId)
    while (next) {
      path.push(next.id)
      next = state.directory.department(next.parentId)
    }
    return { result: { parent_list: [{ parent_dept_id_list: path }] } }
  }),
  old('/topapi/role/list', { size: number(), offset: number() }, ({ state }) => ({
    result: {
      hasMore: false,
      list: [{ groupId: 1, name: '岗位', roles: state.directory.roles.map(({ id, name }) => ({ id, name })) }],
    },
  })),
  old('/topapi/role/simplelist', { role_id: id, size: number(), offset: number() }, ({ state, body }) => {
    const role = state.directory.roles.find(({ id }) => id === Number(body.role_id))
    const list = (role?.userIds ?? []).map(userId => ({ userid: userId, name: state.directory.person(userId)?.name ?? userId }))
    return { result: { hasMore: false, list } }
  }),
  {
    method: 'GET',
    path: /^\/v1\.0\/contact\/users\/(.+)$/,
    generation: 'new',
    open: true,
    run: ({ state, request, parts }) => {
      const token = state.userTokens.get(String(request.headers['x-acs-dingtalk-access-token'] ?? ''))
      if (!token || token.expiresAt < state.clock.now())
        throw new DingTalkRefusal('InvalidAuthentication', '不合法的access_token')
      const unionId = parts[0] === 'me' ? token.unionId : parts[0]
      const person = state.directory.people.find(candidate => candidate.unionId === unionId)
      if (!person) throw new DingTalkRefusal('notFound', '找不到该用户', 404)
      return {
        nick: person.name,
        avatarUrl: '',
        mobile: person.mobile,
        stateCode: '86',
        openId: `open-${person.userId}`,
        unionId: person.unionId,
      }
    },
  },
]

function personOf(state: DingTalkState, userId: unknown): DirectoryPerson {
  const person = state.directory.person(textOf(userId))
  if (!person) throw new OldApiRefusal(60121, '找不到该用户')
  return person
}

function departmentOf(state: DingTalkState, id: unknown): DirectoryDepartment {
  const department = state.directory.department(Number(id))
  if (!department) throw new OldApiRefusal(60003, '部门不存在')
  return department
}

const childrenOf = (state: DingTalkState, { id }: DirectoryDepartment) =>
  state.directory.departments.filter(({ parentId }) => parentId === id)

const membersOf = (state: DingTalkState, { id }: DirectoryDepartment) =>
  state.directory.people.filter(({ departmentId }) => departmentId === id)

function paged(state: DingTalkState, body: Record<string, unknown>) {
  const size = Number(body.size ?? 0)
  const cursor = Number(body.cursor ?? 0)
  if (!(size >= 1 && size <= 100)) throw new OldApiRefusal(400002, 'size 应为 1 到 100')
  const members = membersOf(state, departmentOf(state, body.dept_id))
  const next = cursor + size
  const more = next < members.length
  return { list: members.slice(cursor, next), has_more: more, ...(more ? { next_cursor: next } : {}) }
}

function details(state: DingTalkState, person: DirectoryPerson) {
  const leads = state.directory.department(person.departmentId)?.leaders.includes(person.userId) ?? false
  return {
    userid: person.userId,
    unionid: person.unionId,
    name: person.name,
    avatar: '',
    state_code: '86',
    mobile: person.mobile,
    ...{
      title: person.title,
      job_number: '',
      telephone: '',
      work_place: '',
      remark: '',
      active: true,
      admin: false,
      boss: false,
    },
    dept_id_list: [person.departmentId],
    dept_order_list: [{ dept_id: person.departmentId, order: 1 }],
    leader_in_dept: [{ dept_id: person.departmentId, leader: leads }],
    leader: leads,
    role_list: state.directory.roles
      .filter(role => role.userIds.includes(person.userId))
      .map(({ id, name }) => ({ id, name, group_name: '岗位' })),
    ...(person.directLeader ? { manager_userid: person.directLeader } : {}),
  }
}
