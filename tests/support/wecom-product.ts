import { setTimeout as sleep } from 'node:timers/promises'
import { sampleWeComApp, type WeComEmulator } from '../../emulator/index.ts'
import { type Product, startProduct } from './product.ts'

/** Settings of a service that works with this platform and nothing else. */
export const wecomEnv = (wecom: WeComEmulator, dataDir: string): Record<string, string> => ({
  DATA_DIR: dataDir,
  DEMO: '0',
  QUIET_HOURS: 'off',
  WECOM_CORP_ID: sampleWeComApp.corpId,
  WECOM_AGENT_ID: String(sampleWeComApp.agentId),
  WECOM_SECRET: sampleWeComApp.secret,
  WECOM_TOKEN: sampleWeComApp.token,
  WECOM_ENCODING_AES_KEY: sampleWeComApp.encodingAesKey,
  WECOM_API_BASE: wecom.baseUrl,
  WECOM_OAUTH_BASE: wecom.baseUrl,
})

/** The built service on this platform's emulator. */
export const startWeComProduct = (wecom: WeComEmulator, dataDir: string): Promise<Product> =>
  startProduct(wecomEnv(wecom, dataDir))

/** Until nothing waits in any queue; false when that did not come to pass in time. */
export async function atRest(url: string, limitMs: number): Promise<boolean> {
  for (const endMs = Date.now() + limitMs; Date.now() < endMs; await sleep(500)) {
    const metrics = await (await fetch(`${url}/metrics`)).text()
    const waiting = [...metrics.matchAll(/^kelian_queue_(?:inbound|outbox|cards) (\d+)$/gm)].map(([, count]) => count)
    if (waiting.length === 3 && waiting.every(count => count === '0')) return true
  }
  return false
}

/** End a process as a power cut would. */
export async function killHard(product: Product): Promise<void> {
  const ended = new Promise(resolve => product.process.once('exit', resolve))
  product.process.kill('SIGKILL')
  await ended
}
