import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from './config.ts'

/**
 * The root of all secrets: given, or generated once and kept, readable by the owner alone.
 *
 * @throws ConfigError when it cannot be kept in the data folder, which must be there
 */
export function loadAppSecret(given: string | undefined, dataDir: string): string {
  if (given) return given
  const file = join(dataDir, 'app-secret')
  try {
    writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'EEXIST') throw new ConfigError(`数据目录 ${dataDir} 不能写入(${message})。请检查 DATA_DIR 的路径和权限。`)
  }
  return readFileSync(file, 'utf8').trim()
}
