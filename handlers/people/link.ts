import { ConflictError, InvalidError, NotFoundError } from '../../common/errors.ts'
import type { Services } from '../kernel/services.ts'

type Part = Pick<Services, 'models' | 'organisation'>

/** Two people records are one person: the second is folded into the first. */
export async function linkPeople(services: Part, personId: string, otherId: string): Promise<void> {
  if (personId === otherId) throw new InvalidError('person.same', '这已经是同一个人。')
  const { people } = services.models
  const [person, other] = await Promise.all([people.byId(personId), people.byId(otherId)])
  if (person?._id !== personId || other?._id !== otherId) throw new NotFoundError('person.unknown', '没有找到这位同事。')
  const platforms = new Set(person.accounts.map(account => account.platform))
  if (other.accounts.some(account => platforms.has(account.platform))) {
    throw new ConflictError('person.both_have_account', `${person.name} 和 ${other.name} 在同一个平台上都有账号,不能合并。`)
  }
  if (!(await fold(services, personId, otherId))) {
    throw new ConflictError('person.has_open_approvals', `${other.name} 还有进行中的审批,请先处理完再合并。`)
  }
}

/**
 * Fold one record into another: to-dos, drafts and delegations move, everything else stays reachable by the signpost. False, and nothing done, while
 * approvals name the folded one: who may decide is fixed in their steps.
 */
export async function fold({ models, organisation }: Part, personId: string, otherId: string): Promise<boolean> {
  const [waiting, running] = await Promise.all([models.cases.countWaiting(otherId), models.cases.running(otherId, 1)])
  if (waiting > 0 || running.length > 0) return false
  await models.people.merge(personId, otherId)
  await models.todos.reassign(otherId, personId)
  await models.talk.reassign(otherId, personId)
  await models.delegations.reassign(otherId, personId)
  organisation.forget()
  return true
}
