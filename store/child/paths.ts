import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/** Where the store keeps what. */
export type StorePaths = { folder: string; file: string; socket: string; log: string }

// sun_path holds 108 bytes on Linux and 104 on macOS, with a zero at the end.
const maxSocketBytes = 100

function shortSocket(folder: string): string {
  const user = os.userInfo().uid
  const digest = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 16)
  const holder = path.join(os.tmpdir(), `kelian-${user}`)
  mkdirSync(holder, { recursive: true, mode: 0o700 })
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
  mkdirSync(path.dirname(socket), { recursive: true, mode: 0o700 })
  return socket
}

/** Makes the store's folder under the data folder, readable by its owner only, and names the files in it. */
export function preparePaths(dataDir: string): StorePaths {
  const folder = path.join(path.resolve(dataDir), 'store')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const near = path.join(folder, 'db.sock')
  const socket = Buffer.byteLength(near) <= maxSocketBytes ? near : recordedSocket(folder)
  return { folder, file: path.join(folder, 'db.mdb'), socket, log: path.join(folder, 'store.log') }
}
