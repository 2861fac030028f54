import 'dotenv/config'
import { resolve } from 'node:path'
import { parseConfig } from '../config.ts'
import { openForRestore, restoreArchive } from './archive/restore.ts'
import { runCli, say, UsageError } from './run.ts'

/** `npm run restore -- file [--force]`: a backup into an empty database; stop the service first. */
await runCli(async args => {
  const force = args.includes('--force')
  const [name, ...more] = args.filter(arg => arg !== '--force')
  if (!name || name.startsWith('-') || more.length > 0) throw new UsageError('用法:npm run restore -- 备份文件 [--force]')
  const database = await openForRestore(parseConfig(process.env), resolve(name), new Date())
  try {
    const totals = Object.values(await restoreArchive(database, resolve(name), { force }))
    const documents = totals.reduce((sum, total) => sum + total.documents, 0)
    say(`已恢复 ${totals.length} 个集合、${documents} 条记录。请启动(或重启)服务。`)
    return 0
  } finally {
    await database.close()
  }
})
