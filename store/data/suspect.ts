import { existsSync, rmSync, writeFileSync } from 'node:fs'

const markOf = (file: string) => `${file}-suspect`

/** Notes that the data file may be damaged: until it has been read through nothing is served from it. */
export const suspect = (file: string): void => writeFileSync(markOf(file), '', { mode: 0o600 })

export const isSuspect = (file: string): boolean => existsSync(markOf(file))

/** Takes the note away: the file was found sound, or is another one now. */
export const trust = (file: string): void => rmSync(markOf(file), { force: true })
