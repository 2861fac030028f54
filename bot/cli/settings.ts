import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { envExample } from '../settings.ts'
import { runCli, say, UsageError } from './run.ts'

const FILE = '.env.example'

/** `npm run settings`: write `.env.example` from the settings table; `--check`: fail when it is out of date. */
await runCli(async args => {
  if (args.some(arg => arg !== '--check')) throw new UsageError('用法:npm run settings [-- --check]')
  const wanted = envExample()
  if (!args.includes('--check')) {
    writeFileSync(FILE, wanted)
    say(`已写入 ${FILE}`)
    return 0
  }
  const found = existsSync(FILE) ? readFileSync(FILE, 'utf8') : null
  if (found === wanted) return 0
  throw new UsageError(`${FILE} ${found === null ? '不存在' : '与设置表不一致'},请运行 npm run settings 后提交。`)
})
