// Kills the service and its store at random moments under load, and looks for what got lost or happened twice:
//   node --import tsx tests/soak/kill.ts [rounds, default 50]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sampleWeComApp, startWeComEmulator } from '../../emulator/index.ts'
import { storePid } from '../contract/store/kills.ts'
import type { Product } from '../support/product.ts'
import { findings } from '../support/sales-findings.ts'
import { salesCompany, startSales } from '../support/sales-load.ts'
import { atRest, killHard, startWeComProduct } from '../support/wecom-product.ts'

const SELLERS = 16
/** Longer than a dead process's claim on an accepted event. */
const REST_LIMIT_MS = 150_000

const rounds = Number(process.argv[2] ?? 50)
const dataDir = mkdtempSync(join(tmpdir(), 'kelian-kill-'))
const wecom = await startWeComEmulator({
  ...sampleWeComApp,
  company: salesCompany(SELLERS),
  retryDelayMs: 250,
  retryOnStatus: true,
})
const startsMs: number[] = []

async function start(): Promise<Product> {
  const started = await startWeComProduct(wecom, dataDir)
  wecom.setCallbackUrl(`${started.url}/callbacks/wecom`)
  return started
}

/** On a busy machine the store killed last may not be back yet. */
function killStore(): void {
  try {
    process.kill(storePid(dataDir), 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function killOne(): Promise<void> {
  await sleep(400 + Math.random() * 5_000)
  const dice = Math.random()
  if (dice > 0.4) killStore()
  if (dice > 0.8 || dice <= 0.4) {
    await killHard(product)
    product = await start()
    startsMs.push(product.startedInMs)
  }
}

let product = await start()
const sales = startSales(wecom, SELLERS)
const { accepted } = sales
for (let round = 1; round <= rounds; round += 1) {
  await killOne()
  if (round % 10 === 0)
    process.stdout.write(`${round} kills, ${accepted.asked.size} texts, ${accepted.approved.size} approvals\n`)
}
await sales.stop()
await atRest(product.url, REST_LIMIT_MS)
await product.stop()
const found = await findings(dataDir, accepted, wecom.calls)
await wecom.close()
const sorted = startsMs.sort((a, b) => a - b)
process.stdout.write(
  `${rounds} kills; accepted: ${accepted.asked.size} texts, ${accepted.confirmed.size} leads, ${accepted.submitted.size} contracts, ` +
    `${accepted.approved.size} approvals; start after a kill: ${sorted[sorted.length >> 1]} ms, at most ${sorted.at(-1)} ms\n` +
    `${found.length === 0 ? 'nothing lost, nothing twice' : found.join('\n')}\n`,
)
if (found.length === 0) rmSync(dataDir, { recursive: true, force: true })
process.exit(found.length === 0 ? 0 : 1)
