import { createLog } from './child/log.ts'
import { type ChildOptions, completeOptions } from './child/options.ts'
import { preparePaths } from './child/paths.ts'
import { endWith, runChild } from './child/run.ts'
import { faultOfError } from './child/start-error.ts'

/*
 * The embedded store's own process: `node store/main.js <data folder> [<options as JSON>]`. Started by `openEmbeddedStore`; it is no part of the
 * service's process so that nothing it does can hold the service's event loop.
 */

const [dataDir, options = '{}'] = process.argv.slice(2)
if (dataDir === undefined) {
  process.stderr.write('usage: store/main <data folder> [<options as JSON>]\n')
  process.exit(2)
}

const paths = preparePaths(dataDir)
const log = createLog(paths.log)

process.on('uncaughtException', error => log(`uncaught: ${error.stack ?? error.message}`))
process.on('unhandledRejection', error => log(`unhandled: ${(error as Error)?.stack ?? String(error)}`))

runChild(paths, completeOptions(JSON.parse(options) as Partial<ChildOptions>), log).catch((error: unknown) =>
  endWith(faultOfError(error), error, log),
)
