// npm run bench [part …]: what this machine does. Absolute numbers differ from machine to machine and run to run; the ratios hold.
import { cpus } from 'node:os'
import { type Row, table } from './report.ts'

const PARTS: Readonly<Record<string, { title: string; run: () => Promise<Row[]> }>> = {
  start: { title: 'Start and memory', run: async () => (await import('./start-up.ts')).benchStartUp() },
  click: { title: 'From click to card', run: async () => (await import('./click.ts')).benchClicks() },
  h5: { title: 'Employee H5', run: async () => (await import('./first-load.ts')).benchFirstLoad() },
  stream: {
    title: 'DingTalk stream: messages/s, 64 under way, medians of alternating rounds',
    run: async () => (await import('./stream.ts')).benchStream(),
  },
  process: {
    title:
      'Approvals: decisions/s, × two plain mongoose writes of the same round (document.save and create, nothing read), medians of alternating rounds. ' +
      'durable: state and log are on disk, one insert. answered: head, record, to-dos, cards, notices, timers and audit row too',
    run: async () => (await import('./process.ts')).benchProcess(),
  },
  outbox: { title: 'Outbox', run: async () => (await import('./outbox.ts')).benchOutbox() },
  memory: { title: 'Memory', run: async () => (await import('./memory.ts')).benchMemory() },
  store: {
    title:
      'Embedded store: operations/s ÷ those of a server that only echoes, medians of alternating rounds; then what size does',
    run: async () => [
      ...(await (await import('./store-rates.ts')).benchStoreRates()),
      ...(await (await import('./store-scale.ts')).benchStoreScale()),
    ],
  },
  // Last: it keeps this process on one core.
  callback: {
    title: 'WeCom callback: requests/s, 32 keep-alive connections, medians of alternating rounds',
    run: async () => (await import('./wecom-callback.ts')).benchCallbacks(),
  },
}

const say = (text: string): boolean => process.stdout.write(text)

const wanted = process.argv.slice(2)
const unknown = wanted.filter(name => !PARTS[name])
if (unknown.length > 0) {
  say(`unknown: ${unknown.join(' ')}; there are: ${Object.keys(PARTS).join(' ')}\n`)
  process.exit(1)
}
say(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}\n`)
for (const [name, { title, run }] of Object.entries(PARTS)) {
  if (wanted.length === 0 || wanted.includes(name)) say(table(title, await run()))
}
process.exit(0)
