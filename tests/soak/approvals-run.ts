import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PersonRef } from '../../common/contract/people.ts'
import type { RequestSubmitted } from '../../common/contract/requests.ts'
import { sampleWeComApp, startWeComEmulator, type WeComEmulator } from '../../emulator/index.ts'
import { storePid } from '../contract/store/kills.ts'
import { type Product, startProduct } from '../support/product.ts'
import { openClientAt, type WebClient } from '../support/web-client.ts'
import { killHard, wecomEnv } from '../support/wecom-product.ts'
import { ADMIN, companyOf, PROCESSES, ROLES, type Role, userOf } from './approvals-company.ts'
import { type Deed, deedsOf, dice, pick } from './approvals-deeds.ts'
import { type Judge, openJudge, type Sample } from './approvals-verdict.ts'

/** A patient client: how long it goes on asking until a submission is answered. */
const PATIENCE_MS = 60_000
const CARD_LIMIT_MS = 30_000
const ANSWER_LIMIT_MS = 10_000
/** Longer than a dead process's claim on work, and on the tidying. */
const REST_LIMIT_MS = 120_000

export interface ApprovalsSoak {
  samples: number
  /** Cases under way at each kill. */
  together: number
  firstSeed: number
  onProgress?: (line: string) => void
}

export interface ApprovalsResult {
  findings: string[]
  kills: { service: number; store: number }
  /** Decisions that were acknowledged, refused, and those whose answer was lost. */
  acknowledged: number
  refused: number
  unknown: number
}

/** What a deed came to, as its doer heard it. A click that was accepted is worked off later. */
export type Heard = { kind: 'done' } | { kind: 'refused'; code: string } | { kind: 'accepted' } | { kind: 'unknown' }

/**
 * Several people act on each of several cases at the same moment, every deed delivered twice; then the service, its store or both are
 * killed. When the service has come to rest again, each case has to be one that some order of the deeds gives. A sample is a case.
 */
export async function runApprovals({ samples, together, firstSeed, onProgress }: ApprovalsSoak): Promise<ApprovalsResult> {
  const dataDir = mkdtempSync(join(tmpdir(), 'kelian-approvals-'))
  const company = companyOf(together)
  const wecom = await startWeComEmulator({ ...sampleWeComApp, company, retryDelayMs: 250, retryOnStatus: true })
  const env = { ...wecomEnv(wecom, dataDir), ADMIN_USERS: `wecom:${ADMIN}` }
  let product: Product = await begin()

  async function begin(): Promise<Product> {
    const started = await startProduct(env)
    wecom.setCallbackUrl(`${started.url}/callbacks/wecom`)
    return started
  }

  const browsers = new Map<string, WebClient>()
  async function browser(userId: string): Promise<WebClient> {
    const known = browsers.get(userId)
    if (known) return known
    const client = openClientAt(() => product.url)
    const { status } = await client.loginWeCom(userId)
    if (client.cookies.size === 0) throw new Error(`${userId} cannot log in: ${status}`)
    browsers.set(userId, client)
    return client
  }

  const admin = await browser(ADMIN)
  for (const definition of PROCESSES) await insist(() => admin.command('processes.publish', { definition }))
  const teams = await Promise.all([...Array(together).keys()].map(team => teamOf(admin, team)))
  for (const team of teams.keys()) for (const role of ROLES) await browser(userOf(role, team))

  const result: ApprovalsResult = { findings: [], kills: { service: 0, store: 0 }, acknowledged: 0, refused: 0, unknown: 0 }
  let last = firstSeed
  for (let left = samples; left > 0; left -= together) {
    const roll = dice(last * 7919)
    const seeds = [...Array(Math.min(left, together)).keys()].map(place => last + place)
    last += seeds.length
    const batch = await Promise.all(seeds.map((seed, team) => submit(seed, team, teams[team] as Team)))
    await Promise.all(batch.map(sample => cardsOf(wecom, sample)))
    const acting = batch.map(sample => actOn(sample))
    await someAnswered(batch, roll)
    await kill(roll)
    await Promise.all(acting)
    await askAgain(batch, roll)
    const judge = await openJudge(dataDir, wecom.calls)
    try {
      await comeToRest(judge)
      for (const sample of batch) found(await judge.findings(sample))
    } finally {
      await judge.close()
    }
    for (const { kind } of batch.flatMap(({ deeds }) => deeds.flatMap(({ heard }) => heard))) {
      if (kind === 'refused') result.refused += 1
      else if (kind === 'unknown') result.unknown += 1
      else result.acknowledged += 1
    }
    onProgress?.(
      `${last - firstSeed} cases, ${result.kills.service + result.kills.store} kills, ${result.findings.length} findings`,
    )
  }
  await product.stop()
  await wecom.close()
  if (result.findings.length === 0) rmSync(dataDir, { recursive: true, force: true })
  return result

  async function submit(seed: number, team: number, people: Team): Promise<Sample> {
    const roll = dice(seed)
    const seller = await browser(userOf('sales', team))
    const input = {
      key: pick(PROCESSES, roll).key,
      form: { title: `第${seed}号` },
      choices: { first: [people.ann, people.ben], second: [people.cat] },
    }
    const { caseId } = await insist(() => seller.command<RequestSubmitted>('requests.submit', input, `submit-${seed}`))
    return { seed, team, caseId, people, deeds: deedsOf(roll).map(deed => ({ deed, delayMs: roll() * 400, heard: [] })) }
  }

  /** Every deed is delivered twice, as double clicks and platforms' retries are. */
  async function actOn(sample: Sample): Promise<void> {
    await Promise.all(
      sample.deeds.flatMap(entry =>
        [0, 30].map(async extraMs => {
          await sleep(entry.delayMs + extraMs)
          entry.heard.push(await perform(sample, entry.deed))
        }),
      ),
    )
  }

  async function perform(sample: Sample, deed: Deed): Promise<Heard> {
    const userId = deed.role === 'admin' ? ADMIN : userOf(deed.role, sample.team)
    if (deed.isClick) {
      const { attempts } = await wecom.userClicksCardRaw(userId, sample.cards?.[deed.role as 'ann' | 'ben'] ?? '', 'approve')
      return attempts.some(({ status }) => status === 200) ? { kind: 'accepted' } : { kind: 'unknown' }
    }
    const input = { caseId: sample.caseId, ...deed.input(sample.people) }
    const key = `deed-${sample.seed}-${deed.type}`
    try {
      const answer = await (await browser(userId)).command(`approvals.${deed.command}`, input, key)
      if (answer.status === 200) return { kind: 'done' }
      const { code } = (answer.body as { error: { code: string } }).error
      return answer.status < 500 ? { kind: 'refused', code } : { kind: 'unknown' }
    } catch (error) {
      if ((error as Error).name === 'TimeoutError')
        found([`case ${sample.seed}: ${deed.type} of ${deed.role} was never answered`])
      return { kind: 'unknown' }
    }
  }

  /** Until so many of the deeds have been answered as the dice say, and a moment more. */
  async function someAnswered(batch: readonly Sample[], roll: () => number): Promise<void> {
    const deeds = batch.flatMap(sample => sample.deeds)
    const enough = Math.floor(roll() * deeds.length * 2)
    for (const endMs = Date.now() + ANSWER_LIMIT_MS; Date.now() < endMs; await sleep(5))
      if (deeds.reduce((sum, { heard }) => sum + heard.length, 0) >= enough) break
    await sleep(roll() * 50)
  }

  async function kill(roll: () => number): Promise<void> {
    const which = roll()
    if (which < 0.4) {
      killStore(dataDir)
      result.kills.store += 1
    }
    if (which < 0.15 || which >= 0.4) {
      await killHard(product)
      result.kills.service += 1
      product = await begin()
    }
  }

  /** Half of those who heard nothing ask again, under the same key. */
  async function askAgain(batch: readonly Sample[], roll: () => number): Promise<void> {
    for (const sample of batch) {
      for (const entry of sample.deeds) {
        if (!entry.heard.some(({ kind }) => kind === 'unknown') || entry.deed.isClick || roll() < 0.5) continue
        entry.heard.push(await perform(sample, entry.deed))
      }
    }
  }

  async function comeToRest(judge: Judge): Promise<void> {
    for (const endMs = Date.now() + REST_LIMIT_MS; Date.now() < endMs; await sleep(250)) if (await judge.isAtRest()) return
    found(['it never came to rest'])
  }

  function found(findings: readonly string[]): void {
    result.findings.push(...findings)
    for (const finding of findings) onProgress?.(finding)
  }
}

type Team = Record<Role, string>

async function teamOf(admin: WebClient, team: number): Promise<Team> {
  const entries = ROLES.map(async role => {
    const text = userOf(role, team)
    // The contacts may still be on their way.
    for (const endMs = Date.now() + PATIENCE_MS; ; await sleep(200)) {
      const { items } = await insist(() => admin.query<{ items: PersonRef[] }>('people.search', { q: text }))
      const id = items.find(({ name }) => name === text)?.id
      if (id) return [role, id] as const
      if (Date.now() > endMs) throw new Error(`nobody is called ${text}`)
    }
  })
  return Object.fromEntries(await Promise.all(entries)) as Team
}

/** Until it is answered. @throws when it was refused */
async function insist<Body>(ask: () => Promise<{ status: number; body: Body; text: string }>): Promise<Body> {
  for (const endMs = Date.now() + PATIENCE_MS; ; await sleep(200)) {
    const answer = await ask().catch(() => null)
    if (answer?.status === 200) return answer.body
    if ((answer && answer.status < 500) || Date.now() > endMs) throw new Error(`not answered: ${answer?.text ?? 'no connection'}`)
  }
}

/** The cards of the first two, on their phones. */
async function cardsOf(wecom: WeComEmulator, sample: Sample): Promise<void> {
  const cardOf = async (role: 'ann' | 'ben'): Promise<string> => {
    for (const endMs = Date.now() + CARD_LIMIT_MS; Date.now() < endMs; await sleep(50)) {
      const shown = wecom
        .view(userOf(role, sample.team))
        .findLast(({ card }) => JSON.stringify(card ?? '').includes(`第${sample.seed}号`))
      if (shown?.card) return shown.card.taskId
    }
    throw new Error(`no card of case ${sample.seed} came`)
  }
  const [ann, ben] = await Promise.all([cardOf('ann'), cardOf('ben')])
  sample.cards = { ann, ben }
}

/** On a busy machine the store killed last may not be back yet. */
function killStore(dataDir: string): void {
  try {
    process.kill(storePid(dataDir), 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
