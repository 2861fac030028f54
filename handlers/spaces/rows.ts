import type { SpaceRow, SpaceStatus } from '../../common/contract/spaces.ts'
import type { SpaceDoc } from '../../models/spaces/index.ts'
import { PLATFORM_NAMES } from '../kernel/services.ts'
import type { Organisation } from '../people/organisation.ts'

const STATUS: Readonly<Record<SpaceDoc['status'], SpaceStatus>> = {
  opening: '建立中',
  greeting: '建立中',
  open: '已建立',
  failed: '失败',
}

/** A group as the record shows it. */
export const spaceRow = (space: SpaceDoc, organisation: Organisation): SpaceRow => ({
  id: space._id,
  name: space.name,
  platform: PLATFORM_NAMES[space.platform] ?? space.platform,
  status: STATUS[space.status],
  openedAt: space.openedAt.getTime(),
  openedBy: organisation.ref(space.openedById),
  members: space.memberIds.map(id => organisation.ref(id)),
})
