import { ConflictError, InvalidError, NotFoundError } from '../../common/errors.ts'
import type { Services } from '../kernel/services.ts'

/** Two people records are one person: the second is folded into the first. */
export async function linkPeople(
  services: Pick<Services, 'models' | 'organisation'>,
  personId: string,
  otherId: string,
): Promise<void> {
  if (personId === otherId) throw new InvalidError('person.same', '这已经是同一个人。')
  const { people } = services.models
  const [person, other] = await Promise.all([people.byId(personId), people.byId(otherId)])
  if (!person || !other || person.mergedInto || other.mergedInto) throw new NotFoundError('person.unknown', '没有找到这位同事。')
  const platforms = new Set(person.accounts.map(account => account.platform))
  if (other.accounts.some(account => platforms.has(account.platform))) {
    throw new ConflictError('person.both_have_account', `${person.name} 和 ${other.name} 在同一个平台上都有账号,不能合并。`)
  }
  await people.merge(personId, otherId)
  services.organisation.forget()
}
