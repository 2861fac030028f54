// A storm of notices at the published limits of WeCom, in emulated time, with power cuts:
//   node --import tsx tests/soak/storm.ts [events, default 50000] [kills, default 5]
import { runStorm } from './storm-run.ts'

const PEOPLE = 200
const events = Number(process.argv[2] ?? 50_000)
const kills = Number(process.argv[3] ?? 5)

const beganMs = Date.now()
const onProgress = (made: number): void =>
  void process.stdout.write(`${made} events, ${Math.round((Date.now() - beganMs) / 1000)} s\n`)
const storm = await runStorm({ people: PEOPLE, events, seconds: Math.max(60, Math.round(events / 80)), kills, onProgress })
process.stdout.write(
  `${events} events for ${PEOPLE} people, ${kills} kills: ${storm.sends} messages in ${storm.emulatedMinutes} emulated minutes (${Math.round((Date.now() - beganMs) / 1000)} s real); ` +
    `${storm.dropped} dropped; ${storm.urgent} urgent, at most ${storm.urgentMostMs} ms (${storm.urgentAfterKillMostMs} ms where a killed process held them, started anew within ${storm.slowestStartMs} ms); ` +
    `${storm.unknown} unknown; ${storm.findings.length === 0 ? 'nothing lost, nothing twice' : storm.findings.join('\n')}\n`,
)
process.exit(storm.findings.length === 0 ? 0 : 1)
