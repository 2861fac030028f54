// Kills the service and its store at random moments under load, and looks for what got lost or happened twice:
//   node --import tsx tests/soak/kill.ts [rounds, default 50]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type CompanySeed, type Delivery, sampleWeComApp, startWeComEmulator } from '../../emulator/index.ts'
import { storePid } from '../contract/store/kills.ts'
import { type Product, startProduct } from '../support/product.ts'
import { findings } from './kill-findings.ts'

const SELLERS = 16
/** Slow enough for what one person may be sent in a minute. */
const PAUSE_MS = 3_000
const CARD_LIMIT_MS = 20_000
/** Longer than a dead process's claim on an accepted event. */
const REST_LIMIT_MS = 150_000

const rounds = Number(process.argv[2] ?? 50)
const dataDir = mkdtempSync(join(tmpdir(), 'kelian-kill-'))
const index = [...Array(SELLERS).keys()]
const company: CompanySeed = {
  name: '压测公司',
  departments: [{ id: 2, name: '销售部', parentId: 1 }],
  people: [
    ...index.map(n => ({ ...person(`s${n}`, `销售${n}`, n), directLeader: `l${n}` })),
    ...index.map(n => person(`l${n}`, `主管${n}`, 100 + n)),
    ...[0, 1].map(n => ({ ...person(`f${n}`, `财务${n}`, 200 + n), roles: ['财务'] })),
  ],
}
const wecom = await startWeComEmulator({ ...sampleWeComApp, company, retryDelayMs: 250, retryOnStatus: true })
const accepted = {
  asked: new Set<string>(),
  confirmed: new Set<string>(),
  submitted: new Set<string>(),
  approved: new Set<string>(),
}
let running = true
let last = 0

function person(wecomUserId: string, name: string, n: number): CompanySeed['people'][number] {
  return { wecomUserId, name, mobile: `1390000${String(n).padStart(4, '0')}`, title: '职员', departmentId: 2 }
}

async function start(): Promise<Product> {
  const started = await startProduct({
    DATA_DIR: dataDir,
    DEMO: '0',
    WECOM_CORP_ID: sampleWeComApp.corpId,
    WECOM_AGENT_ID: String(sampleWeComApp.agentId),
    WECOM_SECRET: sampleWeComApp.secret,
    WECOM_TOKEN: sampleWeComApp.token,
    WECOM_ENCODING_AES_KEY: sampleWeComApp.encodingAesKey,
    WECOM_API_BASE: wecom.baseUrl,
    WECOM_OAUTH_BASE: wecom.baseUrl,
  })
  wecom.setCallbackUrl(`${started.url}/callbacks/wecom`)
  return started
}

/** Somebody does something; whether it was accepted, whatever else went wrong, is what counts. */
const was = async (deed: Promise<Delivery>): Promise<boolean> =>
  (await deed.catch(() => null))?.attempts.some(attempt => attempt.status === 200) ?? false

async function cardWith(userId: string, text: string): Promise<string | null> {
  for (const endMs = Date.now() + CARD_LIMIT_MS; running && Date.now() < endMs; await sleep(50)) {
    const seen = wecom.view(userId).find(message => JSON.stringify(message.card?.facts ?? []).includes(text))
    if (seen?.card) return seen.card.taskId
  }
  return null
}

async function sell(userId: string): Promise<void> {
  for (; running; await sleep(PAUSE_MS)) {
    last += 1
    const phone = `137${String(last).padStart(8, '0')}`
    const name = [...String(last)].map(digit => '甲乙丙丁戊己庚辛壬癸'[Number(digit)]).join('')
    const title = `第${name}号合同`
    const companyName = `客户${name}公司`
    const buys = last % 3 === 0
    if (!(await was(wecom.userSendsText(userId, `新建线索 ${companyName} 王五 ${phone} 专线 预算3万`)))) continue
    accepted.asked.add(phone)
    const lead = await cardWith(userId, phone)
    if (!lead || !(await was(wecom.userClicksCard(userId, lead, 'confirm')))) continue
    accepted.confirmed.add(phone)
    await sleep(PAUSE_MS / 3)
    if (!buys || !(await was(wecom.userSendsText(userId, `提交合同 ${companyName} ${title} 其他 3万`)))) continue
    const contract = await cardWith(userId, title)
    if (contract && (await was(wecom.userClicksCard(userId, contract, 'confirm')))) accepted.submitted.add(title)
  }
}

async function approve(userId: string): Promise<void> {
  const tried = new Set<string>()
  for (; running; await sleep(300)) {
    for (const { card } of wecom.view(userId)) {
      if (!card || tried.has(card.taskId) || !card.buttons.some(button => button.key === 'approve')) continue
      tried.add(card.taskId)
      if (await was(wecom.userClicksCard(userId, card.taskId, 'approve'))) accepted.approved.add(card.taskId)
    }
  }
}

async function loseAnswers(): Promise<void> {
  for (; running; await sleep(1_500)) wecom.fault({ path: '/message/send', drop: 'after' })
}

const startsMs: number[] = []

async function killOne(): Promise<void> {
  await sleep(400 + Math.random() * 5_000)
  const dice = Math.random()
  if (dice > 0.4) process.kill(storePid(dataDir), 'SIGKILL')
  if (dice > 0.8 || dice <= 0.4) {
    const ended = new Promise(resolve => product.process.once('exit', resolve))
    product.process.kill('SIGKILL')
    await ended
    product = await start()
    startsMs.push(product.startedInMs)
  }
}

async function rest(): Promise<void> {
  for (const endMs = Date.now() + REST_LIMIT_MS; Date.now() < endMs; await sleep(2_000)) {
    const metrics = await (await fetch(`${product.url}/metrics`)).text()
    if ([...metrics.matchAll(/^kelian_queue_\w+ (\d+)$/gm)].every(([, waiting]) => waiting === '0')) return
  }
}

let product = await start()
const people = [...index.flatMap(n => [sell(`s${n}`), approve(`l${n}`)]), ...[0, 1].map(n => approve(`f${n}`)), loseAnswers()]
for (let round = 1; round <= rounds; round += 1) {
  await killOne()
  if (round % 10 === 0)
    process.stdout.write(`${round} kills, ${accepted.asked.size} texts, ${accepted.approved.size} approvals\n`)
}
running = false
await Promise.all(people)
await rest()
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
