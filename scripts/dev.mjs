// npm run dev: the service from its sources, started anew on every change; the mini-app is built once when it is missing.
import { spawn, spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
spawnSync(process.execPath, [join(root, 'scripts/build.mjs'), '--stale'], { cwd: root, stdio: 'inherit' })
const child = spawn(
  process.execPath,
  [join(root, 'node_modules/tsx/dist/cli.mjs'), 'watch', '--clear-screen=false', 'bot/main.ts'],
  {
    cwd: root,
    stdio: 'inherit',
  },
)
process.on('SIGINT', () => child.kill('SIGINT'))
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', code => {
  process.exitCode = code ?? 0
})
