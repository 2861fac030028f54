import { type SpaceOpened, spaceOpenInput } from '../../common/contract/spaces.ts'
import { ConflictError, DeniedError } from '../../common/errors.ts'
import { deriveId } from '../../common/ids.ts'
import type { Viewer } from '../../engine/policy/index.ts'
import { isDuplicateKey } from '../../models/kernel/mongo.ts'
import type { PersonDoc } from '../../models/people/index.ts'
import { defineCommand } from '../kernel/command.ts'
import { routes } from '../kernel/links.ts'
import type { Groups } from '../kernel/ports.ts'
import { PLATFORM_NAMES, type Services } from '../kernel/services.ts'
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
    const { inside, outside } = split(services, groups, concern.personIds, id => organisation.person(id))
    const owner = inside.find(each => each.personId === concern.customer.ownerId) ?? inside.find(isActor(actor))
    const spaceId = `${groups.platform}:${input.subject}:${input.id}`
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

const isActor = (actor: Viewer) => (each: { personId: string }) => each.personId === actor.personId

/** The platform where the asker is, if it has groups; else another one where they have an account. */
function groupsFor(services: Services, person: PersonDoc | undefined, via: string): Groups {
  const mine = (person?.accounts ?? []).filter(account => account.active).map(account => account.platform)
  for (const platform of [via, person?.lastPlatform ?? '', ...services.groups.keys()]) {
    const groups = mine.includes(platform) ? services.groups.get(platform) : undefined
    if (groups) return groups
  }
  throw new DeniedError('space.no_groups', '这个平台还没有开通建群,请联系管理员。')
}

function split(
  services: Services,
  groups: Groups,
  personIds: readonly string[],
  personOf: (id: string) => PersonDoc | undefined,
) {
  const inside: { personId: string; userId: string }[] = []
  const outside: string[] = []
  for (const personId of personIds) {
    const account = personOf(personId)?.accounts.find(each => each.active && each.platform === groups.platform)
    if (account) inside.push({ personId, userId: account.userId })
    else outside.push(personId)
  }
  // A group of one is none, whatever the platform says.
  if (inside.length < 2) {
    const platform = PLATFORM_NAMES[groups.platform] ?? groups.platform
    throw new ConflictError('space.too_few', `相关同事里只有 ${inside.length} 位在${platform}上,建不了群。`)
  }
  services.log.info({ inside: inside.length, outside: outside.length }, 'a space is opened')
  return { inside, outside }
}
