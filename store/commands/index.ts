import { admit } from './admission.ts'
import { bulkWrite } from './bulk-write.ts'
import {
  collMod,
  collStats,
  create,
  dbStats,
  drop,
  dropDatabase,
  listCollections,
  listDatabases,
  renameCollection,
} from './collections.ts'
import { explain } from './explain.ts'
import { buildInfo, connectionStatus, endSessions, getParameter, hello, ping, serverStatus } from './hello.ts'
import { createIndexes, dropIndexes, listIndexes } from './indexes.ts'
import { aggregate, count, distinct, find, getMore, killCursors } from './read.ts'
import type { Handler } from './request.ts'
import { abortTransaction, commitTransaction } from './transactions.ts'
import { findAndModify, insert, remove, update } from './write.ts'

export { retryableCommands } from './admission.ts'
export { Cursors } from './cursors.ts'
export { helloReply } from './hello.ts'
export type { Request, Services } from './request.ts'
export { enterTransaction } from './transactions.ts'

const handlers: Readonly<Record<string, Handler>> = {
  hello,
  isMaster: hello,
  ismaster: hello,
  ping,
  buildInfo,
  buildinfo: buildInfo,
  serverStatus,
  connectionStatus,
  getParameter,
  endSessions,
  insert,
  update,
  delete: remove,
  findAndModify,
  findandmodify: findAndModify,
  bulkWrite,
  find,
  getMore,
  killCursors,
  aggregate,
  count,
  distinct,
  explain,
  create,
  drop,
  dropDatabase,
  renameCollection,
  collMod,
  listCollections,
  listDatabases,
  collStats,
  dbStats,
  createIndexes,
  listIndexes,
  dropIndexes,
  commitTransaction,
  abortTransaction,
}

/** Every command by name. */
export const commands: Readonly<Record<string, Handler>> = Object.fromEntries(
  Object.entries(handlers).map(([name, handle]): [string, Handler] => [
    name,
    request => {
      admit(request)
      return handle(request)
    },
  ]),
)
