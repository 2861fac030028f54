import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const built = join(root, 'dist', 'miniapp')

/** The folder of the built mini-app; builds it first when it is missing or older than its sources. */
export async function builtMiniapp(): Promise<string> {
  const index = join(built, 'index.html')
  const builtAt = existsSync(index) ? (await stat(index)).mtimeMs : 0
  if (builtAt < Math.max(await newest(join(root, 'miniapp')), await newest(join(root, 'common')))) {
    await run(
      process.execPath,
      [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--config', 'miniapp/vite.config.ts'],
      // The test runner's NODE_ENV would bring Vue's development build along.
      { cwd: root, env: { ...process.env, NODE_ENV: 'production' } },
    )
  }
  return built
}

async function newest(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  const times = files.filter(file => file.isFile()).map(async file => (await stat(join(file.parentPath, file.name))).mtimeMs)
  return Math.max(0, ...(await Promise.all(times)))
}
