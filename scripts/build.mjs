// Compile the service and the mini-app into dist/. With --stale: only what is older than its sources.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const bin = name => join(root, 'node_modules', ...name.split('/'))
const staleOnly = process.argv.includes('--stale')

function newest(path) {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(
    0,
    ...readdirSync(path)
      .filter(name => name !== 'node_modules')
      .map(name => newest(join(path, name))),
  )
}

function isFresh(stamp, sources) {
  const file = join(root, 'dist', stamp)
  if (!staleOnly || !existsSync(file)) return false
  const built = statSync(file).mtimeMs
  return sources.filter(source => existsSync(join(root, source))).every(source => newest(join(root, source)) <= built)
}

function run(label, script, args) {
  process.stdout.write(`${label} …\n`)
  const { status } = spawnSync(process.execPath, [bin(script), ...args], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) process.exit(status ?? 1)
}

const done = stamp => writeFileSync(join(root, 'dist', stamp), `${new Date().toISOString()}\n`)

const SHARED = ['common', 'engine', 'cards', 'package.json', 'tsconfig.json']
if (!isFresh('.service-built', ['bot', 'handlers', 'models', 'store', 'emulator', ...SHARED])) {
  run('编译服务', 'typescript/bin/tsc', ['-p', 'tsconfig.json'])
  const play = join(root, 'emulator/play/client')
  if (existsSync(play)) cpSync(play, join(root, 'dist/emulator/play/client'), { recursive: true })
  done('.service-built')
}
if (!isFresh('.miniapp-built', ['miniapp', ...SHARED])) {
  run('编译手机页面', 'vite/bin/vite.js', ['build', '--config', 'miniapp/vite.config.ts', '--logLevel', 'warn'])
  done('.miniapp-built')
}
