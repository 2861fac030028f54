import { delegationListInput } from '../../common/contract/delegations.ts'
import { DeniedError } from '../../common/errors.ts'
import { defineQuery } from '../kernel/command.ts'
import { asPage, decodeCursor } from '../kernel/cursor.ts'
import { delegationView } from './view.ts'

/** One's own delegations, given and taken; an admin may see everybody's. */
export const delegationsList = defineQuery({
  name: 'delegations.list',
  title: '委托',
  input: delegationListInput,
  surfaces: ['h5'],
  async run({ services, viewer, now }, { everybody, open, cursor, limit }) {
    if (everybody && !viewer.isAdmin) throw new DeniedError('auth.admin_only', '只有管理员可以查看所有人的委托。')
    const organisation = await services.organisation.current()
    const rows = await services.models.delegations.page(
      everybody ? undefined : viewer.personId,
      open,
      limit + 1,
      decodeCursor(cursor),
    )
    return asPage(
      rows,
      limit,
      row => ({ at: row.createdAt.getTime(), id: row._id }),
      row => delegationView(row, organisation, viewer, now),
    )
  },
})
