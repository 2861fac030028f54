import { z } from 'zod'
import type { DingTalkClient } from './client.ts'
import type { DingTalkSettings } from './settings.ts'

const registered = z.object({ success: z.boolean().optional() })

/**
 * In HTTP mode: tell the platform where clicks on our cards go (page "注册卡片回调地址"). The route's name is the client id, so that environments do
 * not take each other's clicks; the secret that signs them is the client secret.
 */
export async function registerCardCallback(
  settings: DingTalkSettings,
  client: DingTalkClient,
  callbackUrl: string,
): Promise<void> {
  await client.api({
    method: 'POST',
    path: '/v1.0/card/callbacks/register',
    body: { callbackRouteKey: settings.clientId, callbackUrl, apiSecret: settings.clientSecret, forceUpdate: true },
    answer: registered,
  })
}
