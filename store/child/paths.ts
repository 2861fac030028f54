import { createHash } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { makeFolder } from './folder.ts'
import { EmbeddedStoreError, faultOfError } from './start-error.ts'

/** Where the store keeps what. `port` and `password` are used over TCP only. */
export type StorePaths = { folder: string; file: string; log: string; socket: string; port: string; password: string }

// sun_path holds 108 bytes on Linux and 104 on macOS, with a zero at the end.
const maxSocketBytes = 100

function shortSocket(folder: string): string {
  const user = os.userInfo().uid
  const digest = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 16)
  const holder = path.join(os.tmpdir(), `kelian-${user}`)
  makeFolder(holder)
  const { uid, mode } = statSync(holder)
  if (uid !== user)
    throw new Error(`${holder} belongs to another user; set TMPDIR to a folder of your own or DATA_DIR to a shorter path.`)
  if (mode & 0o077) chmodSync(holder, 0o700)
  return path.join(holder, `${digest}.sock`)
}

// Written down once, so that a process with another TMPDIR finds the same socket.
function recordedSocket(folder: string): string {
  const record = path.join(folder, 'socket')
  if (!existsSync(record)) {
    try {
      writeFileSync(record, shortSocket(folder), { flag: 'wx', mode: 0o600 })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  const socket = readFileSync(record, 'utf8')
  makeFolder(path.dirname(socket))
  return socket
}

/**
 * Makes the store's folder under the data folder, readable by its owner only, and names the files in it.
 *
 * @throws EmbeddedStoreError when the folder cannot be made
 */
export function preparePaths(dataDir: string): StorePaths {
  const folder = path.join(path.resolve(dataDir), 'store')
  const inFolder = (name: string) => path.join(folder, name)
  const files = {
    folder,
    file: inFolder('db.mdb'),
    log: inFolder('store.log'),
    port: inFolder('port'),
    password: inFolder('password'),
  }
  try {
    makeFolder(folder)
    const near = inFolder('db.sock')
    return { ...files, socket: Buffer.byteLength(near) <= maxSocketBytes ? near : recordedSocket(folder) }
  } catch (error) {
    throw new EmbeddedStoreError(faultOfError(error), files, (error as Error).message)
  }
}
