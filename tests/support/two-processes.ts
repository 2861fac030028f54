import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sampleWeComApp, startWeComEmulator, type WeComEmulator } from '../../emulator/index.ts'
import type { Product } from './product.ts'
import { findings } from './sales-findings.ts'
import { type Accepted, salesCompany, startSales } from './sales-load.ts'
import { atRest, killHard, startWeComProduct } from './wecom-product.ts'

export interface TwoProcessRun {
  found: string[]
  accepted: Accepted
  /** How often the platform was asked for an access token. */
  tokenFetches: number
  rested: boolean
}

const SWITCH_MS = 150

/** What a balancer does: callbacks go to each living process in turn. */
function balance(wecom: WeComEmulator, living: () => readonly Product[]): NodeJS.Timeout {
  let turn = 0
  return setInterval(() => {
    const products = living()
    turn += 1
    const next = products[turn % products.length]
    if (next) wecom.setCallbackUrl(`${next.url}/callbacks/wecom`)
  }, SWITCH_MS)
}

/**
 * Two services on one store, callbacks to either, sellers at work. One is killed and started anew; the other is stopped for `stopMs` and goes on
 * as if nothing had been. Afterwards the records are compared with what was accepted and sent.
 */
export async function runTwoProcesses(options: {
  sellers: number
  workMs: number
  stopMs: number
  restMs: number
}): Promise<TwoProcessRun> {
  const dataDir = mkdtempSync(join(tmpdir(), 'kelian-two-'))
  const company = salesCompany(options.sellers)
  const wecom = await startWeComEmulator({ ...sampleWeComApp, company, retryDelayMs: 250, retryOnStatus: true })
  let one = await startWeComProduct(wecom, dataDir)
  const other = await startWeComProduct(wecom, dataDir)
  const down = new Set<Product>()
  const balancing = balance(wecom, () => [one, other].filter(product => !down.has(product)))
  wecom.setCallbackUrl(`${other.url}/callbacks/wecom`)
  const sales = startSales(wecom, options.sellers)

  await sleep(options.workMs)
  down.add(one)
  await killHard(one)
  await sleep(options.workMs / 2)
  one = await startWeComProduct(wecom, dataDir)
  await sleep(options.workMs / 2)

  // Stopped with the balancer still sending to it: what it had taken and what hangs there has to be done by the other.
  other.process.kill('SIGSTOP')
  await sleep(500)
  down.add(other)
  await sleep(options.stopMs)
  other.process.kill('SIGCONT')
  await sleep(1_000)
  down.delete(other)
  await sleep(options.workMs)

  await sales.stop()
  const rested = await atRest(one.url, options.restMs)
  clearInterval(balancing)
  await Promise.all([one.stop(), other.stop()])
  const found = await findings(dataDir, sales.accepted, wecom.calls)
  const tokenFetches = wecom.calls.filter(call => call.path.endsWith('/gettoken')).length
  await wecom.close()
  if (found.length === 0) rmSync(dataDir, { recursive: true, force: true })
  return { found, accepted: sales.accepted, tokenFetches, rested }
}
