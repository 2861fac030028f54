import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

export interface Ended {
  code: number | null
  text: string
}

/** Start one of the command-line entries as a person would, with only the given settings. */
export function startCli(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string = process.cwd(),
): { child: ChildProcess; ended: Promise<Ended> } {
  const { PATH = '', HOME = '', TMPDIR } = process.env
  const loader = join(process.cwd(), 'node_modules/tsx/dist/esm/index.mjs')
  const child = spawn(process.execPath, ['--import', loader, join(process.cwd(), `bot/cli/${name}.ts`), ...args], {
    cwd,
    env: { PATH, HOME, ...(TMPDIR && { TMPDIR }), ...env },
  })
  let text = ''
  const hear = (chunk: Buffer): void => {
    text += chunk.toString()
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  return { child, ended: new Promise(resolve => child.on('close', code => resolve({ code, text }))) }
}

/** Run one to its end. */
export const cli = (name: string, args: readonly string[], env: Readonly<Record<string, string>>, cwd?: string): Promise<Ended> =>
  startCli(name, args, env, cwd).ended
