import { z } from 'zod'
import type { Me } from '../../common/contract/people.ts'
import { UnauthenticatedError } from '../../common/errors.ts'
import { defineQuery } from '../kernel/command.ts'

/** Who is logged in. */
export const me = defineQuery({
  name: 'people.me',
  title: '我的',
  input: z.object({}),
  surfaces: ['h5'],
  async run({ services, viewer }): Promise<Omit<Me, 'demo'>> {
    const organisation = await services.organisation.current()
    const person = organisation.person(viewer.personId)
    if (!person) throw new UnauthenticatedError()
    const { todos, cases } = services.models
    const [companyName, todoCount, approvalCount] = await Promise.all([
      services.companyName(),
      todos.count(viewer.personId),
      cases.countWaiting(viewer.personId),
    ])
    return {
      person: {
        ...organisation.ref(person._id),
        departments: organisation.departmentNames(person._id),
        platforms: person.accounts.filter(account => account.active).map(account => account.platform),
        roles: viewer.roles.slice(),
        isAdmin: viewer.isAdmin,
      },
      companyName,
      timeZone: services.time.timeZone,
      badges: { approvals: approvalCount, todos: todoCount },
    }
  },
})
