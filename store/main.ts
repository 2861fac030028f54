import { appendFileSync } from 'node:fs'
import { preparePaths } from './child/paths.ts'
import { runChild } from './child/run.ts'

/*
 * The embedded store's own process: `node store/main.js <data folder>`. Started by `openEmbeddedStore`; it is no part of the service's process so
 * that nothing it does can hold the service's event loop.
 */

const [dataDir] = process.argv.slice(2)
if (dataDir === undefined) {
  process.stderr.write('usage: store/main <data folder>\n')
  process.exit(2)
}

const paths = preparePaths(dataDir)
const log = (line: string) => {
  try {
    appendFileSync(paths.log, `${new Date().toISOString()} ${line}\n`, { mode: 0o600 })
  } catch {
    // A log that cannot be written must not stop the store.
  }
}

process.on('uncaughtException', error => log(`uncaught: ${error.stack ?? error.message}`))
process.on('unhandledRejection', error => log(`unhandled: ${(error as Error)?.stack ?? String(error)}`))

runChild(paths, { ttlEveryMs: Number(process.env.KELIAN_STORE_TTL_MS ?? 60_000), log }).catch((error: unknown) => {
  log(`cannot start: ${(error as Error).message}`)
  process.exit(4)
})
