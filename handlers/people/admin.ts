import { z } from 'zod'
import type { Page } from '../../common/contract/page.ts'
import {
  type PersonRow,
  peopleAssignInput,
  peopleLinkInput,
  peopleListInput,
  peopleSearchInput,
  settingsUpdateInput,
} from '../../common/contract/people.ts'
import { InvalidError, NotFoundError } from '../../common/errors.ts'
import { maskPhone } from '../../engine/policy/index.ts'
import { defineCommand, defineQuery } from '../kernel/command.ts'
import { asPage, decodeCursor } from '../kernel/cursor.ts'
import { linkPeople } from './link.ts'

/** Colleagues by name, to transfer something to. */
export const peopleSearch = defineQuery({
  name: 'people.search',
  title: '找同事',
  input: peopleSearchInput,
  surfaces: ['h5'],
  async run({ services }, { q, limit }) {
    const organisation = await services.organisation.current()
    const rows = (await services.models.people.search(q.trim(), limit)).filter(person => person.active)
    return {
      items: rows.map(person => ({ ...organisation.ref(person._id), departments: organisation.departmentNames(person._id) })),
    }
  },
})

/** The admin's table: accounts, roles and superior with the reason of each. */
export const peopleList = defineQuery({
  name: 'people.list',
  title: '人员',
  input: peopleListInput,
  surfaces: ['admin'],
  async run({ services }, { q, cursor, limit }): Promise<Page<PersonRow>> {
    const organisation = await services.organisation.current()
    const rows = await services.models.people.search(q.trim(), limit + 1, decodeCursor(cursor)?.id)
    return asPage(
      rows,
      limit,
      row => ({ at: 0, id: row._id }),
      row => {
        const superior = organisation.superior(row._id)
        return {
          ...organisation.ref(row._id),
          departments: organisation.departmentNames(row._id),
          ...(row.mobile && { mobileMasked: maskPhone(row.mobile) }),
          accounts: row.accounts.map(({ platform, userId }) => ({ platform, userId })),
          roles: organisation.rolesOf(row._id),
          superior: superior && { ...organisation.ref(superior.id), source: superior.source },
          isAdmin: organisation.isAdmin(row._id),
          active: row.active,
        }
      },
    )
  },
})

/** Roles, superior and admin right of one person. */
export const peopleAssign = defineCommand({
  name: 'people.assign',
  title: '设置人员',
  input: peopleAssignInput,
  surfaces: ['admin'],
  kind: 'decision',
  async run({ services, actor }, { personId, ...change }) {
    const { people } = services.models
    const person = await people.byId(personId)
    if (person?._id !== personId) throw new NotFoundError('person.unknown', '没有找到这位同事。')
    if (change.superiorId === personId) throw new InvalidError('person.own_superior', '上级不能是本人。')
    if (change.superiorId && !(await people.byId(change.superiorId)))
      throw new NotFoundError('person.unknown', '没有找到这位上级。')
    if (change.isAdmin === false && personId === actor.personId)
      throw new InvalidError('person.own_admin', '不能取消自己的管理员权限,请由另一位管理员操作。')
    const set = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
    await people.assign(personId, set)
    services.organisation.forget()
    return { result: { personId }, subject: `person:${personId}` }
  },
})

export const peopleLink = defineCommand({
  name: 'people.link',
  title: '合并账号',
  input: peopleLinkInput,
  surfaces: ['admin'],
  kind: 'decision',
  async run({ services }, { personId, otherId }) {
    await linkPeople(services, personId, otherId)
    return { result: { personId }, subject: `person:${personId}` }
  },
})

export const settingsGet = defineQuery({
  name: 'settings.get',
  title: '设置',
  input: z.object({}),
  surfaces: ['admin'],
  run: async ({ services }) => ({ companyName: await services.companyName() }),
})

export const settingsUpdate = defineCommand({
  name: 'settings.update',
  title: '修改设置',
  input: settingsUpdateInput,
  surfaces: ['admin'],
  kind: 'decision',
  async run({ services }, { companyName }) {
    await services.models.settings.set('companyName', companyName)
    return { result: { companyName }, subject: 'settings:companyName' }
  },
})
