import { createHash } from 'node:crypto'
import { type DirectoryDepartment, type DirectoryPerson, subtreeOf } from '../../kernel/company.ts'
import { number, strings, text } from '../../kernel/shape.ts'
import { WeComRefusal } from '../refusal.ts'
import type { WeComState } from '../state.ts'
import { type EndpointTable, stringsOf } from './endpoint.ts'

/** Members, departments, tags; vendor page 通讯录管理. Mobiles stay hidden, as for every app made after 2022-06-20. */
export const contactEndpoints: EndpointTable = {
  '/cgi-bin/user/get': {
    method: 'GET',
    query: ['userid'],
    run: ({ state, query }) => {
      if (!query.userid) throw new WeComRefusal(40003, 'invalid userid')
      const person = state.directory.person(query.userid)
      if (!person) throw new WeComRefusal(60111, 'userid not found')
      return details(state, person)
    },
  },
  '/cgi-bin/user/simplelist': {
    method: 'GET',
    query: ['department_id', 'fetch_child'],
    run: ({ state, query }) => ({
      userlist: membersOf(state, query).map(({ userId, name, departmentId }) => ({
        userid: userId,
        name,
        department: [departmentId],
      })),
    }),
  },
  '/cgi-bin/user/list': {
    method: 'GET',
    query: ['department_id', 'fetch_child'],
    run: ({ state, query }) => ({ userlist: membersOf(state, query).map(person => details(state, person)) }),
  },
  '/cgi-bin/department/list': {
    method: 'GET',
    query: ['id'],
    run: ({ state, query }) => ({ department: subtree(state, query.id).map(shownDepartment) }),
  },
  '/cgi-bin/department/simplelist': {
    method: 'GET',
    query: ['id'],
    run: ({ state, query }) => ({
      department_id: subtree(state, query.id).map(({ id, parentId }, index) => ({ id, parentid: parentId, order: index + 1 })),
    }),
  },
  '/cgi-bin/department/get': {
    method: 'GET',
    query: ['id'],
    run: ({ state, query }) => ({ department: shownDepartment(departmentOf(state, query.id), 0) }),
  },
  '/cgi-bin/user/list_id': {
    method: 'POST',
    fields: { cursor: text(), limit: number() },
    run: () => {
      throw new WeComRefusal(48009, 'only for the contact sync secret')
    },
  },
  '/cgi-bin/user/getuserid': {
    method: 'POST',
    fields: { mobile: text({ required: true }) },
    run: ({ state, body }) => {
      const person = state.directory.people.find(({ mobile }) => mobile === body.mobile)
      if (!person) throw new WeComRefusal(46004, 'user not exist')
      return { userid: person.userId }
    },
  },
  '/cgi-bin/batch/openuserid_to_userid': {
    method: 'POST',
    fields: { open_userid_list: strings({ required: true, maxItems: 1000 }) },
    run: ({ state, body }) => {
      const asked = stringsOf(body.open_userid_list)
      const found = asked.flatMap(open_userid => {
        const person = state.directory.people.find(({ userId }) => sealedId(state, userId) === open_userid)
        return person ? [{ open_userid, userid: person.userId }] : []
      })
      const known = new Set(found.map(({ open_userid }) => open_userid))
      return { userid_list: found, invalid_open_userid_list: asked.filter(id => !known.has(id)) }
    },
  },
  '/cgi-bin/tag/list': {
    method: 'GET',
    run: ({ state }) => ({ taglist: state.directory.roles.map(({ id, name }) => ({ tagid: id, tagname: name })) }),
  },
  '/cgi-bin/tag/get': {
    method: 'GET',
    query: ['tagid'],
    run: ({ state, query }) => {
      const role = state.directory.roles.find(({ id }) => id === Number(query.tagid))
      if (!role) throw new WeComRefusal(40068, 'invalid tagid')
      const userlist = role.userIds.map(userid => ({ userid, name: state.directory.person(userid)?.name ?? userid }))
      return { tagname: role.name, userlist, partylist: [] }
    },
  },
}

/** The id under which a bot sees a member when its maker is no super admin (page 智能机器人 › 接收消息). */
export const sealedId = (state: WeComState, userId: string): string =>
  `wo${createHash('sha256').update(`${state.corpId}:${userId.toLowerCase()}`).digest('hex').slice(0, 30)}`

function details(state: WeComState, person: DirectoryPerson) {
  const leads = state.directory.department(person.departmentId)?.leaders.includes(person.userId) ? 1 : 0
  return {
    userid: person.userId,
    name: person.name,
    department: [person.departmentId],
    order: [0],
    position: person.title,
    is_leader_in_dept: [leads],
    direct_leader: person.directLeader ? [person.directLeader] : [],
    main_department: person.departmentId,
    alias: '',
    telephone: '',
    status: 1,
    ...(state.switches.exposeMobile ? { mobile: person.mobile } : {}),
  }
}

function departmentOf(state: WeComState, id: string | undefined): DirectoryDepartment {
  const department = state.directory.department(Number(id ?? 1))
  if (!department) throw new WeComRefusal(60123, 'invalid department id')
  return department
}

const subtree = (state: WeComState, id: string | undefined) => subtreeOf(state.directory, departmentOf(state, id).id)

function membersOf(state: WeComState, query: Record<string, string>) {
  const { id } = departmentOf(state, query.department_id ?? '')
  return state.directory.people.filter(person => person.departmentId === id)
}

const shownDepartment = ({ id, name, parentId, leaders }: DirectoryDepartment, index: number) => ({
  id,
  name,
  name_en: '',
  department_leader: leaders,
  parentid: parentId,
  order: 100_000 - index,
})
