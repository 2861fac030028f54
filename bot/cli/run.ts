import { AppError } from '../../common/errors.ts'
import { ConfigError } from '../config.ts'

/** A command line that cannot be carried out; the message is a sentence for the person at the terminal. */
export class UsageError extends Error {}

export const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

/** MongoDB's code OutOfDiskSpace. */
const DISK_FULL = 14031

function textOf(error: unknown): string {
  if (error instanceof UsageError || error instanceof ConfigError || error instanceof AppError) return error.message
  if ((error as { code?: unknown } | null)?.code === DISK_FULL)
    return '数据库所在的磁盘快满了,没有写入。请先腾出空间,再运行一次。'
  return `没有完成:${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
}

/** Run a command-line entry: its number is the exit code, its failure one Chinese sentence. */
export async function runCli(work: (args: string[]) => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${textOf(error)}\n`)
    process.exitCode = 1
  }
}
