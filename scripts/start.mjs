// npm start: build what is not built, then run the service in this very process, so that signals reach it.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const { status } = spawnSync(process.execPath, [join(here, 'build.mjs'), '--stale'], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)
await import('../dist/bot/main.js')
