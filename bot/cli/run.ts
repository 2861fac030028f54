import { AppError } from '../../common/errors.ts'
import { ConfigError } from '../config.ts'

/** A command line that cannot be carried out; the message is a sentence for the person at the terminal. */
export class UsageError extends Error {}

export const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

/** Run a command-line entry: its number is the exit code, its failure one Chinese sentence. */
export async function runCli(work: (args: string[]) => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work(process.argv.slice(2))
  } catch (error) {
    const isExpected = error instanceof UsageError || error instanceof ConfigError || error instanceof AppError
    const text = isExpected ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)
    process.stderr.write(`${isExpected ? '' : '没有完成:'}${text}\n`)
    process.exitCode = 1
  }
}
