import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encrypt, getSignature } from '@wecom/crypto'
import { sampleWeComApp, startWeComEmulator } from '../../emulator/index.ts'
import { salesCompany } from '../support/sales-load.ts'
import { atRest, startWeComProduct } from '../support/wecom-product.ts'
import { post, send } from './load.ts'
import { round } from './numbers.ts'
import type { Row } from './report.ts'

const PEOPLE = 100
const EVENTS = 100_000
const MARKS = [10_000, 55_000, EVENTS]
const BATCH = 5_000
const CONNECTIONS = 16
const REST_MS = 120_000
const MEGABYTE = 1024 * 1024

const { corpId, agentId, token, encodingAesKey } = sampleWeComApp

/** Somebody opens the conversation: handled in full, and greeted only the first time. */
function opening(n: number): Buffer {
  const seconds = Math.floor(Date.now() / 1000)
  const inner =
    `<xml><ToUserName><![CDATA[${corpId}]]></ToUserName><FromUserName><![CDATA[s${n % PEOPLE}]]></FromUserName><CreateTime>${seconds}</CreateTime>` +
    `<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[enter_agent]]></Event><EventKey><![CDATA[${n}]]></EventKey><AgentID>${agentId}</AgentID></xml>`
  const cipher = encrypt(encodingAesKey, inner, corpId)
  const signature = getSignature(token, String(seconds), String(n), cipher)
  const body = `<xml><ToUserName><![CDATA[${corpId}]]></ToUserName><Encrypt><![CDATA[${cipher}]]></Encrypt><AgentID><![CDATA[${agentId}]]></AgentID></xml>`
  return post(`/callbacks/wecom?msg_signature=${signature}&timestamp=${seconds}&nonce=${n}`, body)
}

async function residentMb(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1] ?? Number.NaN) / MEGABYTE
}

/** What the service holds while events pass through it: accepted, stored, worked off. */
export async function benchMemory(): Promise<Row[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'kelian-memory-'))
  const wecom = await startWeComEmulator({ ...sampleWeComApp, company: salesCompany(PEOPLE) })
  const product = await startWeComProduct(wecom, dataDir)
  const port = Number(new URL(product.url).port)
  const rows: Row[] = []
  const heldMb: number[] = []
  const beganMs = performance.now()
  for (let sent = 0; sent < EVENTS; ) {
    const batch = Array.from({ length: BATCH }, (_, n) => opening(sent + n))
    await send(port, batch, CONNECTIONS)
    sent += BATCH
    if (!(await atRest(product.url, REST_MS))) throw new Error('the events were not worked off')
    if (!MARKS.includes(sent)) continue
    heldMb.push(await residentMb(product.url))
    rows.push({ what: `after ${sent} events, resident`, value: `${round(heldMb.at(-1) ?? 0)} MB` })
  }
  const seconds = (performance.now() - beganMs) / 1000
  await product.stop()
  await wecom.close()
  rmSync(dataDir, { recursive: true, force: true })
  const [first = 1, , last = 1] = heldMb
  return [
    ...rows,
    { what: 'last ÷ first', value: round(last / first, 2), target: 'target ≤ 1.15' },
    { what: 'accepted, stored and worked off', value: `${round(EVENTS / seconds)} events/s` },
  ]
}
