import { z } from 'zod'
import { startControl } from './control.ts'
import { startDingTalkEmulator } from './dingtalk/index.ts'
import { sampleCompany } from './sample/company.ts'
import { sampleDingTalkApp, sampleWeComApp } from './sample/credentials.ts'
import { startWeComEmulator } from './wecom/index.ts'

const port = z.coerce.number().int().min(0).max(65_535).default(0)
const settings = z
  .object({
    EMULATOR_WECOM_PORT: port,
    EMULATOR_DINGTALK_PORT: port,
    EMULATOR_CONTROL_PORT: port,
    EMULATOR_CALLBACK_URL: z.url().optional(),
  })
  .parse(process.env)

/** A clock that a driving process can move: `{platform: "clock", method: "advance", args: [ms]}`. */
let shiftMs = 0
const clock = { now: () => Date.now() + shiftMs }

const wecom = await startWeComEmulator({
  ...sampleWeComApp,
  clock,
  company: sampleCompany,
  port: settings.EMULATOR_WECOM_PORT,
  ...(settings.EMULATOR_CALLBACK_URL ? { callbackUrl: settings.EMULATOR_CALLBACK_URL } : {}),
})
const dingtalk = await startDingTalkEmulator({
  ...sampleDingTalkApp,
  clock,
  company: sampleCompany,
  port: settings.EMULATOR_DINGTALK_PORT,
})
const timeDriver = {
  advance(ms: number) {
    shiftMs += ms
    return clock.now()
  },
}
const control = await startControl({ wecom, dingtalk, clock: timeDriver }, settings.EMULATOR_CONTROL_PORT)

const addresses = { wecom: wecom.baseUrl, dingtalk: dingtalk.baseUrl, control: control.baseUrl }
process.stdout.write(`${JSON.stringify({ ...addresses, wecomApp: sampleWeComApp, dingtalkApp: sampleDingTalkApp })}\n`)

const stop = async () => {
  await Promise.allSettled([wecom.close(), dingtalk.close(), control.close()])
  process.exit(0)
}
process.once('SIGTERM', stop)
process.once('SIGINT', stop)
