import { AppError, InvalidError } from '../../../common/errors.ts'
import { routes } from '../../kernel/links.ts'
import type { Turn } from '../../kernel/turn.ts'

/**
 * The one colleague of this name.
 * @throws InvalidError `person.unknown`, AppError `person.ambiguous` with the page where one can choose
 */
export async function colleagueNamed(turn: Turn, name: string, caseId: string): Promise<string> {
  const found = await turn.services.models.people.byName(name)
  const [person] = found
  if (!person) throw new InvalidError('person.unknown', `没有找到同事"${name}",请核对姓名。`)
  if (found.length > 1) {
    throw new AppError(
      'person.ambiguous',
      `有 ${found.length} 位同事叫"${name}",请在详情页选择:${turn.services.links.h5(routes.approval(caseId))}`,
    )
  }
  return person._id
}

export async function colleaguesNamed(turn: Turn, names: readonly string[], caseId: string): Promise<string[]> {
  const ids: string[] = []
  for (const name of names) ids.push(await colleagueNamed(turn, name, caseId))
  return ids
}
