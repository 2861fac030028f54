import { type SpaceOpened, spaceOpenInput } from '../../common/contract/spaces.ts'
import { ConflictError } from '../../common/errors.ts'
import { deriveId } from '../../common/ids.ts'
import { isDuplicateKey } from '../../models/kernel/mongo.ts'
import { defineCommand } from '../kernel/command.ts'
import { routes } from '../kernel/links.ts'
import { PLATFORM_NAMES } from '../kernel/services.ts'
import { groupsFor, membersOn, spaceIdOf } from './members.ts'
import { concernOf } from './people.ts'

/** 建群: a group with the people concerned. The wish is written at once; the platform's group and its first card follow. */
export const openSpace = defineCommand({
  name: 'spaces.open',
  title: '建协作群',
  input: spaceOpenInput,
  surfaces: ['chat', 'h5'],
  kind: 'transaction',
  prepare: ({ services, actor }, { subject, id }) => concernOf(services, actor, subject, id),
  async run({ services, actor, now, commandId, via, id }, input, session, concern) {
    const { models } = services
    const organisation = await services.organisation.current()
    const groups = groupsFor(services, organisation.person(actor.personId), via)
    const { inside, outside } = membersOn(groups, concern.personIds, organisation)
    const owner =
      inside.find(each => each.personId === concern.customer.ownerId) ?? inside.find(each => each.personId === actor.personId)
    services.log.info({ inside: inside.length, outside: outside.length }, 'a space is opened')
    const spaceId = spaceIdOf(groups, input)
    const at = new Date(now)
    await models.spaces
      .begin(
        {
          _id: spaceId,
          platform: groups.platform,
          corp: groups.corp,
          subject: input.subject,
          subjectId: input.id,
          customerId: concern.customer._id,
          name: concern.name,
          requestId: deriveId('space', commandId),
          ownerUserId: owner?.userId ?? '',
          memberUserIds: inside.map(each => each.userId),
          memberIds: inside.map(each => each.personId),
          openedById: actor.personId,
          openedAt: at,
        },
        { session },
      )
      .catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error
        throw new ConflictError('space.exists', `${PLATFORM_NAMES[groups.platform] ?? ''}里已经有这个协作群:${concern.name}。`)
      })
    await models.timeline.add(
      {
        _id: id('timeline'),
        customerId: concern.customer._id,
        at,
        type: 'activity',
        title: '建立协作群',
        text: concern.name,
        byId: actor.personId,
        to: routes.customer(concern.customer._id),
      },
      { session },
    )
    const names = (ids: readonly string[]) => ids.map(each => organisation.name(each))
    const result: SpaceOpened = {
      spaceId,
      name: concern.name,
      platform: PLATFORM_NAMES[groups.platform] ?? groups.platform,
      memberNames: names(inside.map(each => each.personId)),
      leftOutNames: names(outside),
    }
    return { result, subject: spaceId }
  },
})
