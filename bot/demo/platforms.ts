import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Middleware } from 'koa'
import {
  type DingTalkEmulator,
  playHandler,
  sampleCompany,
  sampleDingTalkApp,
  sampleWeComApp,
  startDingTalkEmulator,
  startWeComEmulator,
  type WeComEmulator,
} from '../../emulator/index.ts'
import type { Config } from '../config.ts'

export interface DemoPlatforms {
  wecom: WeComEmulator
  dingtalk: DingTalkEmulator
  /** The settings with both channels pointing at the emulators. */
  config: Config
  /** The chat window, once the service's address is known. */
  play(publicUrl: string): Middleware
  close(): Promise<void>
}

/** Login pages on the same site as ours: a phone of the chat window is a frame, and a frame gets no cookie back from a foreign site. */
const sameSite = (baseUrl: string): string => baseUrl.replace('127.0.0.1', 'localhost')

/** Both platforms as emulators of the sample company; the service talks to them through its real channel code. */
export async function startDemoPlatforms(config: Config): Promise<DemoPlatforms> {
  const wecom = await startWeComEmulator({ ...sampleWeComApp, company: sampleCompany })
  const dingtalk = await startDingTalkEmulator({
    ...sampleDingTalkApp,
    company: sampleCompany,
    // A trial does not end with the month's quota.
    monthlyApiCalls: Number.POSITIVE_INFINITY,
    monthlyPushes: Number.POSITIVE_INFINITY,
  })
  return {
    wecom,
    dingtalk,
    config: {
      ...config,
      // The emulators are on this machine.
      outboundProxy: null,
      wecom: {
        ...sampleWeComApp,
        agentId: String(sampleWeComApp.agentId),
        apiBase: wecom.baseUrl,
        oauthBase: sameSite(wecom.baseUrl),
      },
      dingtalk: {
        ...sampleDingTalkApp,
        mode: 'stream',
        monthlyCalls: 0,
        todoBoard: true,
        jsapiHash: 'sha256',
        apiBase: dingtalk.baseUrl,
        oapiBase: dingtalk.baseUrl,
        loginBase: sameSite(dingtalk.baseUrl),
      },
    },
    play(publicUrl) {
      const handle = playHandler({ wecom, dingtalk, publicUrl, sessionCookies: slot => [`kelian_session_${slot}`] })
      return async (ctx, next) => {
        if (!ctx.path.startsWith('/play')) return next()
        // The chat window writes its own answer, live streams included.
        ctx.respond = false
        ctx.res.statusCode = 200
        const handled = await handle(ctx.req as IncomingMessage, ctx.res as ServerResponse)
        if (!handled) {
          ctx.respond = true
          await next()
        }
      }
    },
    async close() {
      await Promise.all([wecom.close(), dingtalk.close()])
    },
  }
}
