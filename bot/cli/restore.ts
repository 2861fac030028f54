import 'dotenv/config'
import { resolve } from 'node:path'
import { parseConfig } from '../config.ts'
import { openForRestore, restoreArchive } from './archive/restore.ts'
import { runCli, say, UsageError } from './run.ts'

const FLAGS = ['--force', '--stopped']

/** `npm run restore -- file [--force] [--stopped]`: a backup into the database; running services pause for it and begin anew. */
await runCli(async args => {
  const [force, stopped] = [args.includes('--force'), args.includes('--stopped')]
  const [name, ...more] = args.filter(arg => !FLAGS.includes(arg))
  if (!name || name.startsWith('-') || more.length > 0)
    throw new UsageError('用法:npm run restore -- 备份文件 [--force] [--stopped]')
  const database = await openForRestore(parseConfig(process.env), resolve(name), new Date())
  try {
    const totals = Object.values(await restoreArchive(database, resolve(name), { force, stopped }))
    const documents = totals.reduce((sum, total) => sum + total.documents, 0)
    say(`已恢复 ${totals.length} 个集合、${documents} 条记录。运行中的服务会自动继续;没有运行的,请启动。`)
    return 0
  } finally {
    await database.close()
  }
})
