import type { SpaceSubject } from '../../common/contract/spaces.ts'
import { ConflictError, DeniedError } from '../../common/errors.ts'
import type { PersonDoc } from '../../models/people/index.ts'
import type { Groups } from '../kernel/ports.ts'
import { PLATFORM_NAMES, type Services } from '../kernel/services.ts'
import type { Organisation } from '../people/organisation.ts'

/** One group for a record on a platform. */
export const spaceIdOf = (groups: Groups, { subject, id }: { subject: SpaceSubject; id: string }): string =>
  `${groups.platform}:${subject}:${id}`

/**
 * The platform where the asker is, if it has groups; else another one where they have an account.
 * @throws DeniedError `space.no_groups`
 */
export function groupsFor(services: Services, person: PersonDoc | undefined, via: string): Groups {
  const mine = (person?.accounts ?? []).filter(account => account.active).map(account => account.platform)
  for (const platform of [via, person?.lastPlatform ?? '', ...services.groups.keys()]) {
    const groups = mine.includes(platform) ? services.groups.get(platform) : undefined
    if (groups) return groups
  }
  throw new DeniedError('space.no_groups', '这个平台还没有开通建群,请联系管理员。')
}

/** Who of them can be in a group of that platform. @throws ConflictError `space.too_few` */
export function membersOn(groups: Groups, personIds: readonly string[], organisation: Organisation) {
  const inside: { personId: string; userId: string }[] = []
  const outside: string[] = []
  for (const personId of personIds) {
    const account = organisation.person(personId)?.accounts.find(each => each.active && each.platform === groups.platform)
    if (account) inside.push({ personId, userId: account.userId })
    else outside.push(personId)
  }
  // A group of one is none, whatever the platform says.
  if (inside.length < 2) {
    const platform = PLATFORM_NAMES[groups.platform] ?? groups.platform
    throw new ConflictError('space.too_few', `相关同事里只有 ${inside.length} 位在${platform}上,建不了群。`)
  }
  return { inside, outside }
}
