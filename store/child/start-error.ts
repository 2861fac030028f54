import type { StorePaths } from './paths.ts'

/** Why the store could not be opened. */
export type StartFault = 'folder' | 'disk' | 'damaged' | 'newer' | 'silent' | 'failed'

const sentences: Readonly<Record<StartFault, (paths: Pick<StorePaths, 'folder' | 'file' | 'log'>, detail: string) => string>> = {
  folder: ({ folder }, detail) => `数据目录 ${folder} 不能写入${detail}。请检查 DATA_DIR 的路径和权限。`,
  disk: ({ folder }, detail) => `数据目录 ${folder} 所在的磁盘已满${detail}。请先腾出空间,再启动。`,
  damaged: ({ file }) =>
    `数据文件 ${file} 已损坏,读不出来。请停止服务,运行 npm run restore -- 最近的备份文件:损坏的文件会改名保留。没有备份时把它移到别处,下次启动从空白开始。`,
  newer: ({ file }) =>
    `数据文件 ${file} 由更新版本的客联写成。请启动那个版本;或停止服务,用 npm run restore 恢复由当前版本做的备份,这个文件会改名保留。`,
  silent: ({ log }, detail) => `内置存储没有在规定时间内回应${detail}。原因见日志 ${log}。`,
  failed: ({ log }, detail) => `内置存储没有启动成功${detail}。原因见日志 ${log}。`,
}

/** The store cannot be opened; the message is a sentence for the person who starts the service, `fault` is for programs. */
export class EmbeddedStoreError extends Error {
  readonly fault: StartFault

  constructor(fault: StartFault, paths: Pick<StorePaths, 'folder' | 'file' | 'log'>, detail = '') {
    super(sentences[fault](paths, detail && `(${detail})`))
    this.name = 'EmbeddedStoreError'
    this.fault = fault
  }
}

/** How the child ends when another one already serves the folder. */
export const exitAlreadyRunning = 3

/** The child tells its parent by its exit code why it could not open the store. */
const exitCodes: Readonly<Record<StartFault, number>> = { failed: 10, folder: 11, disk: 12, damaged: 13, newer: 14, silent: 15 }

export const exitCodeOf = (fault: StartFault): number => exitCodes[fault]

export const faultOf = (exitCode: number | null): StartFault =>
  (Object.keys(exitCodes) as StartFault[]).find(fault => exitCodes[fault] === exitCode) ?? 'failed'

// LMDB's codes (lmdb.h) and the system's (errno.h), which the binding passes on as numbers. A damaged page can also end a cursor (-30787),
// a page (-30786), a table (-30784), a transaction (-30782), a key (-30781) or anything else (-30779): a sound file gives none of these while it is opened.
const byCode: Readonly<Record<string, StartFault>> = {
  EACCES: 'folder',
  EPERM: 'folder',
  EROFS: 'folder',
  EEXIST: 'folder',
  ENOTDIR: 'folder',
  ENOENT: 'folder',
  EISDIR: 'folder',
  1: 'folder',
  2: 'folder',
  13: 'folder',
  20: 'folder',
  21: 'folder',
  30: 'folder',
  ENOSPC: 'disk',
  EDQUOT: 'disk',
  28: 'disk',
  122: 'disk',
  [-30797]: 'damaged',
  [-30796]: 'damaged',
  [-30795]: 'damaged',
  [-30793]: 'damaged',
  [-30787]: 'damaged',
  [-30786]: 'damaged',
  [-30784]: 'damaged',
  [-30782]: 'damaged',
  [-30781]: 'damaged',
  [-30779]: 'damaged',
  [-30794]: 'newer',
}

/** What an error of the file system or of LMDB means for the start. */
export const faultOfError = (error: unknown): StartFault => byCode[String((error as { code?: unknown } | null)?.code)] ?? 'failed'
