import type { ChildProcess } from 'node:child_process'
import { DWClient, TOPIC_ROBOT } from 'dingtalk-stream'
import { WebSocket } from 'ws'
import { createDingTalkChannel } from '../../bot/channels/index.ts'
import { systemClock } from '../../common/clock.ts'
import { sampleDingTalkApp } from '../../emulator/index.ts'
import type { InboundSink } from '../../handlers/kernel/ports.ts'
import type { Log } from '../../handlers/kernel/services.ts'
import { pin, startChild, stopChild } from './machine.ts'
import { median, round } from './numbers.ts'
import type { Row } from './report.ts'
import type { RateReport } from './stream-server.ts'

const ROUNDS = 7
const MESSAGES = 20_000
const WARM_UP_ROUNDS = 2
const MODES = ['echo', 'sdk', 'supervisor'] as const
type Mode = (typeof MODES)[number]

const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const stub: InboundSink = {
  accept: async () => ({ fresh: true, card: null }),
  quarantine: async () => {
    throw new Error('the load must be understood')
  },
}

/** Connects, answers everything and resolves to how it is ended. */
const CLIENTS: Record<Mode, (base: string) => Promise<() => Promise<void>>> = {
  /** The floor: a bare socket that sends back what it gets. */
  async echo(base) {
    const socket = new WebSocket(`${base.replace('http', 'ws')}/connect`, { perMessageDeflate: false })
    socket.on('message', data => socket.send(data))
    return async () => socket.terminate()
  },

  /** The vendor's SDK as its examples use it: read the message, acknowledge it. */
  async sdk(base) {
    const { clientId, clientSecret } = sampleDingTalkApp
    const options = { clientId, clientSecret, autoReconnect: false, subscriptions: [] }
    const client = new DWClient(options)
    client.getEndpoint = async () => {
      Object.assign(client, { dw_url: `${base.replace('http', 'ws')}/connect?ticket=t` })
      return client
    }
    client.registerCallbackListener(TOPIC_ROBOT, frame => {
      const message: unknown = JSON.parse(frame.data)
      if (message) client.socketCallBackResponse(frame.headers.messageId, {})
    })
    await withoutConsole(() => client.connect())
    return () => withoutConsole(async () => client.disconnect())
  },

  /** Ours: the same SDK under the supervisor, each message checked, read and handed to a store that takes everything at once. */
  async supervisor(base) {
    const settings = { ...sampleDingTalkApp, apiBase: base, oapiBase: base, loginBase: base }
    const { stream } = createDingTalkChannel(settings, { clock: systemClock, log: quiet, sink: stub })
    stream.start()
    return () => stream.stop()
  },
}

/** The SDK tells the console of every connection. */
async function withoutConsole<Result>(work: () => Promise<Result>): Promise<Result> {
  const { info } = console
  console.info = () => undefined
  try {
    return await work()
  } finally {
    console.info = info
  }
}

interface RunResult {
  messagesPerSecond: number
  /** Processor time of the client's side for one message, in microseconds: what is left of the noise when the gateway is the slower one. */
  cpuUs: number
}

/** One run of one client: all its messages, as the gateway counts their acknowledgements. */
async function run(mode: Mode, server: ChildProcess, port: number): Promise<RunResult> {
  const before = process.cpuUsage()
  const reported = new Promise<RateReport>(resolve => server.once('message', message => resolve(message as RateReport)))
  const end = await CLIENTS[mode](`http://127.0.0.1:${port}`)
  const { messagesPerSecond } = await reported
  const { user, system } = process.cpuUsage(before)
  await end()
  return { messagesPerSecond, cpuUs: (user + system) / MESSAGES }
}

/** Stream messages a second through the supervisor, beside the bare SDK and a bare echo: alternating rounds, ratios within a round. */
export async function benchStream(): Promise<Row[]> {
  const { child, report: port } = await startChild<number>('./stream-server.ts', [String(MESSAGES)])
  pin(process.pid, 1)
  pin(child.pid, 0)
  const results: Record<Mode, RunResult[]> = { echo: [], sdk: [], supervisor: [] }
  try {
    for (let turn = 0; turn < WARM_UP_ROUNDS; turn += 1) for (const mode of MODES) await run(mode, child, port)
    for (let turn = 0; turn < ROUNDS; turn += 1) for (const mode of MODES) results[mode].push(await run(mode, child, port))
  } finally {
    await stopChild(child)
  }
  const line = (mode: Mode): string => {
    const rate = median(results[mode].map(result => result.messagesPerSecond))
    return `${round(rate)} messages/s, ${round(median(results[mode].map(result => result.cpuUs)), 1)} µs of processor each`
  }
  const ratio = (base: Mode): string =>
    round(
      median(results.supervisor.map((result, turn) => result.messagesPerSecond / (results[base][turn]?.messagesPerSecond ?? 1))),
      2,
    )
  return [
    { what: 'bare ws echo', value: line('echo') },
    { what: 'bare SDK: parse and acknowledge', value: line('sdk') },
    { what: 'supervisor: check, read, hand over, acknowledge', value: line('supervisor') },
    { what: 'supervisor ÷ bare SDK', value: ratio('sdk'), target: 'target ≥ 0.90' },
    { what: 'supervisor ÷ bare ws echo', value: ratio('echo') },
  ]
}
