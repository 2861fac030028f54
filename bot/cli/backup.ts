import 'dotenv/config'
import { resolve } from 'node:path'
import { parseConfig } from '../config.ts'
import { writeArchive } from './archive/write.ts'
import { openDatabase } from './database.ts'
import { runCli, say, UsageError } from './run.ts'

const stamp = (now: Date): string => now.toISOString().replace(/[-:]/g, '').slice(0, 15).replace('T', '-')

/** `npm run backup [-- file]`: the whole database in one file; the service may be running. */
await runCli(async args => {
  const [name, ...more] = args
  if (more.length > 0 || name?.startsWith('-')) throw new UsageError('用法:npm run backup [-- 文件名]')
  const config = parseConfig(process.env)
  const now = new Date()
  const file = resolve(name ?? `kelian-${stamp(now)}.backup.gz`)
  const database = await openDatabase(config)
  try {
    const totals = Object.values(await writeArchive(database, file, now))
    const documents = totals.reduce((sum, total) => sum + total.documents, 0)
    say(`已备份 ${totals.length} 个集合、${documents} 条记录:${file}`)
    if (!config.appSecret) say('密钥(DATA_DIR 里的 app-secret)不在备份里,请另行妥善保存。')
    return 0
  } finally {
    await database.close()
  }
})
