import { encrypt, getSignature } from '@wecom/crypto'
import { sampleWeComApp } from '../../emulator/index.ts'
import { type LoadResult, post, send } from './load.ts'
import { pin, startChild, stopChild } from './machine.ts'
import { median, round } from './numbers.ts'
import type { Row } from './report.ts'

const ROUNDS = 7
const CONNECTIONS = 32
const REQUESTS = 5_000
/** Compiled code gets faster for this long; measured: the callback doubles between the first and the twentieth thousand. */
const WARM_UP = 20_000
const MODES = ['raw', 'stubbed', 'durable'] as const
type Mode = (typeof MODES)[number]

const { corpId, agentId, token, encodingAesKey } = sampleWeComApp
let messageId = 7_000_000_000_000_000_000n

/** A text as WeCom delivers it, about 1 KB, each with a message id of its own. */
function callback(): Buffer {
  messageId += 1n
  const seconds = Math.floor(Date.now() / 1000)
  const text = `新建线索 重庆长安汽车 张伟 13812345678 专线 预算80万 ${'补充说明'.repeat(20)}`
  const inner =
    `<xml><ToUserName><![CDATA[${corpId}]]></ToUserName><FromUserName><![CDATA[zhang3]]></FromUserName><CreateTime>${seconds}</CreateTime>` +
    `<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[${text}]]></Content><MsgId>${messageId}</MsgId><AgentID>${agentId}</AgentID></xml>`
  const cipher = encrypt(encodingAesKey, inner, corpId)
  const nonce = messageId.toString(36)
  const signature = getSignature(token, String(seconds), nonce, cipher)
  const body = `<xml><ToUserName><![CDATA[${corpId}]]></ToUserName><Encrypt><![CDATA[${cipher}]]></Encrypt><AgentID><![CDATA[${agentId}]]></AgentID></xml>`
  return post(`/callbacks/wecom?msg_signature=${signature}&timestamp=${seconds}&nonce=${nonce}`, body)
}

const plain = (): Buffer => post('/', 'x'.repeat(1024))

const many = (mode: Mode, count: number): Buffer[] => Array.from({ length: count }, mode === 'raw' ? plain : callback)

/** WeCom callbacks through Koa against raw Koa: alternating rounds, medians, ratios within a round. */
export async function benchCallbacks(): Promise<Row[]> {
  const servers = await Promise.all(
    MODES.map(async mode => ({ mode, ...(await startChild<number>('./wecom-server.ts', [mode])) })),
  )
  pin(process.pid, 1)
  for (const { child } of servers) pin(child.pid, 0)
  const results: Record<Mode, LoadResult[]> = { raw: [], stubbed: [], durable: [] }
  try {
    for (const { mode, report: port } of servers) await send(port, many(mode, WARM_UP), CONNECTIONS)
    for (let turn = 0; turn < ROUNDS; turn += 1) {
      for (const { mode, report: port } of servers) results[mode].push(await send(port, many(mode, REQUESTS), CONNECTIONS))
    }
  } finally {
    await Promise.all(servers.map(({ child }) => stopChild(child)))
  }
  const rate = (mode: Mode): number => median(results[mode].map(result => result.requestsPerSecond))
  const p99 = (mode: Mode): number => median(results[mode].map(result => result.p99Ms))
  const ratio = (mode: Mode): string =>
    round(median(results[mode].map((result, turn) => result.requestsPerSecond / (results.raw[turn]?.requestsPerSecond ?? 1))), 2)
  const line = (mode: Mode): string => `${round(rate(mode))} requests/s, p99 ${round(p99(mode), 1)} ms`
  return [
    { what: 'raw Koa 3, 1 KB read, 200 bytes answered', value: line('raw') },
    { what: 'WeCom callback, store stubbed', value: line('stubbed') },
    { what: 'WeCom callback, durable in the embedded store', value: line('durable') },
    { what: 'store stubbed ÷ raw Koa', value: ratio('stubbed'), target: 'target ≥ 0.50' },
    { what: 'durable ÷ raw Koa', value: ratio('durable'), target: 'target ≥ 0.25' },
  ]
}
