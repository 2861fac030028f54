import { type SpacePreview, spaceOpenInput } from '../../common/contract/spaces.ts'
import { defineQuery } from '../kernel/command.ts'
import { PLATFORM_NAMES } from '../kernel/services.ts'
import { groupsFor, membersOn, spaceIdOf } from './members.ts'
import { concernOf } from './people.ts'

/** Where 建群 from the mini-app comes from; no platform has this name. */
const FROM_PAGE = 'h5'

/** Before 建群: who would be in it. Refuses what opening it would refuse. */
export const spacePreview = defineQuery({
  name: 'spaces.preview',
  title: '预览协作群',
  input: spaceOpenInput,
  surfaces: ['h5'],
  async run({ services, viewer }, input): Promise<SpacePreview> {
    const concern = await concernOf(services, viewer, input.subject, input.id)
    const organisation = await services.organisation.current()
    const groups = groupsFor(services, organisation.person(viewer.personId), FROM_PAGE)
    const { inside, outside } = membersOn(groups, concern.personIds, organisation)
    const known = await services.models.spaces.byId(spaceIdOf(groups, input))
    return {
      name: concern.name,
      platform: PLATFORM_NAMES[groups.platform] ?? groups.platform,
      members: inside.map(({ personId }) => organisation.ref(personId)),
      leftOut: outside.map(id => organisation.ref(id)),
      exists: known !== null && known.status !== 'failed',
    }
  },
})
