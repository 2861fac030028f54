import { pino } from 'pino'

const PHONE = /(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)/g
const TOKEN = /((?:access_token|corpsecret|appsecret|ticket|code|session|setup)=)[^&\s"]+/gi

/** Phones and tokens never reach the log, wherever they come from. */
export const masked = (text: string): string => text.replace(PHONE, '$1****$2').replace(TOKEN, '$1***')

/** JSON lines on standard error; standard output is for what the person at the terminal reads. */
export function createLog(level: 'info' | 'warn') {
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: masked },
    },
    pino.destination({ dest: 2, sync: false }),
  )
}
