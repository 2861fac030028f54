import 'dotenv/config'
import { parseConfig } from '../config.ts'
import { linkAccounts } from './link-accounts.ts'
import { runCli, say } from './run.ts'

/** `npm run link -- wecom:a dingtalk:b` */
await runCli(async args => {
  say(await linkAccounts(parseConfig(process.env), args))
  return 0
})
