import { z } from 'zod'
import { systemClock } from '../../common/clock.ts'
import { deriveId } from '../../common/ids.ts'
import { linkPeople } from '../../handlers/people/index.ts'
import { createOrganisationSource } from '../../handlers/people/organisation-source.ts'
import { createModels, type Models } from '../../models/index.ts'
import type { PersonDoc } from '../../models/people/index.ts'
import type { Config } from '../config.ts'
import { openDatabase } from './database.ts'
import { UsageError } from './run.ts'

const USAGE = '用法:npm run link -- wecom:账号 dingtalk:账号'
const account = z.string().regex(/^(wecom|dingtalk):\S{1,100}$/)

async function personWith(models: Models, name: string): Promise<PersonDoc> {
  const [platform = '', userId = ''] = [name.slice(0, name.indexOf(':')), name.slice(name.indexOf(':') + 1)]
  const found = (await models.people.everybody()).filter(person =>
    person.accounts.some(each => each.platform === platform && each.userId.toLowerCase() === userId.toLowerCase()),
  )
  if (found.length > 1) throw new UsageError(`${name} 在几个企业里都有,请到 /admin/ 的人员页面合并。`)
  if (!found[0]) throw new UsageError(`没有找到 ${name}。请检查账号;新同事要等服务同步通讯录(启动时和每半小时)之后再试。`)
  return found[0]
}

/**
 * Both accounts belong to one person from now on; a running service sees it within seconds. Returns what happened, as a sentence.
 * @throws UsageError, AppError
 */
export async function linkAccounts(config: Config, args: readonly string[]): Promise<string> {
  const names = z.tuple([account, account]).safeParse(args)
  if (!names.success) throw new UsageError(USAGE)
  const database = await openDatabase(config)
  try {
    const models = createModels(database.connection)
    await models.prepare()
    const [first, second] = await Promise.all([personWith(models, names.data[0]), personWith(models, names.data[1])])
    if (first._id === second._id) return `${names.data[0]} 和 ${names.data[1]} 已经是同一个人:${first.name}。`
    const organisation = createOrganisationSource(models, { adminKeys: config.adminUsers, clock: systemClock })
    await linkPeople({ models, organisation }, first._id, second._id)
    await models.commandLog.ensure({
      _id: deriveId('cli', 'people.link', first._id, second._id),
      name: 'people.link',
      actorId: 'cli',
      via: 'cli',
      at: new Date(systemClock.now()),
      subject: `person:${first._id}`,
      result: { personId: first._id },
    })
    return `已合并:${first.name}(${names.data[0]})和 ${second.name}(${names.data[1]})。`
  } finally {
    await database.close()
  }
}
