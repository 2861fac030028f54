import 'dotenv/config'
import { join } from 'node:path'
import { z } from 'zod'
import { isEmbeddedStoreInUse } from '../../store/index.ts'
import { parseConfig } from '../config.ts'
import { openDatabase } from './database.ts'
import { type Moved, moveEverything } from './move/move.ts'
import { runCli, say, UsageError } from './run.ts'

const USAGE = '用法:npm run move-to-mongodb [-- mongodb://…](不写地址时用 MONGODB_URI)'
const address = z.string().regex(/^mongodb(\+srv)?:\/\/\S+$/)

function tableOf(moved: readonly Moved[]): string {
  const longest = Math.max(...moved.map(({ name }) => name.length), 4)
  const lines = moved.map(
    ({ name, documents, indexes, sha256 }) =>
      `  ${name.padEnd(longest)}  ${String(documents).padStart(9)} 条  ${String(indexes).padStart(2)} 个索引  ${sha256.slice(0, 12)}  一致`,
  )
  return lines.join('\n')
}

/**
 * `npm run move-to-mongodb [-- uri]`: from the embedded store into a MongoDB. The service must be stopped: what it wrote meanwhile would be left
 * behind.
 */
await runCli(async args => {
  const [given = process.env.MONGODB_URI, ...more] = args
  const uri = address.safeParse(given)
  if (!uri.success || more.length > 0) throw new UsageError(USAGE)
  const { MONGODB_URI: _, ...env } = process.env
  const config = parseConfig(env)
  if (await isEmbeddedStoreInUse(config.dataDir)) {
    throw new UsageError('服务还在运行,搬迁期间写入的内容会丢失。请先停止服务,再运行 npm run move-to-mongodb。')
  }
  const source = await openDatabase({ mongodbUri: undefined, dataDir: config.dataDir })
  try {
    const target = await openDatabase({ mongodbUri: uri.data, dataDir: config.dataDir })
    try {
      const moved = await moveEverything(
        source,
        target,
        () => new Date(),
        (name, place, of) => say(`(${place}/${of}) ${name}`),
      )
      const documents = moved.reduce((sum, each) => sum + each.documents, 0)
      say(
        `\n${tableOf(moved)}\n\n已搬完 ${moved.length} 个集合、${documents} 条记录,两边的数量和校验和一致。原来的数据没有改动。`,
      )
      say(`接下来:在 .env 里设置 MONGODB_URI,并把 APP_SECRET 设为 ${join(config.dataDir, 'app-secret')} 的内容,再启动服务。`)
      return 0
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
})
