import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { openEmbeddedStore } from '../../../store/index.ts'
import { runUnderKills, storePid } from '../../contract/store/kills.ts'

/* Kills the store's process under load: `node --import tsx tests/soak/store/kills.ts [50]`. */

const kills = Number(process.argv[2] ?? 50)
const dataDir = mkdtempSync(path.join(os.tmpdir(), 'kelian-kills-'))
const store = await openEmbeddedStore({ dataDir })
const report = await runUnderKills({ uri: store.uri, kills, kill: () => process.kill(storePid(dataDir), 'SIGKILL') })
await store.close()
rmSync(dataDir, { recursive: true, force: true })
const bad = report.lost.length + report.halves.length + report.lostPairs.length
const exact = report.sum >= report.increments && report.sum <= report.increments + report.unknown
process.stdout.write(`${JSON.stringify({ kills, ...report })}\n${bad === 0 && exact ? 'nothing lost' : 'LOST'}\n`)
process.exitCode = bad === 0 && exact ? 0 : 1
