import { setTimeout as sleep } from 'node:timers/promises'
import type { CompanySeed, Delivery, WeComEmulator } from '../../emulator/index.ts'

/** Slow enough for what one person may be sent in a minute. */
const PAUSE_MS = 3_000
const CARD_LIMIT_MS = 20_000

/** What was answered with 200, by something unique in it. */
export interface Accepted {
  /** Phones of leads asked for, and of leads confirmed. */
  asked: Set<string>
  confirmed: Set<string>
  /** Titles of contracts confirmed. */
  submitted: Set<string>
  /** Ids of approval cards on which 同意 was clicked. */
  approved: Set<string>
}

const person = (wecomUserId: string, name: string, n: number): CompanySeed['people'][number] => ({
  wecomUserId,
  name,
  mobile: `1390000${String(n).padStart(4, '0')}`,
  title: '职员',
  departmentId: 2,
})

/** So many sellers, each with a superior, and two in finance. */
export function salesCompany(sellers: number): CompanySeed {
  const index = [...Array(sellers).keys()]
  return {
    name: '压测公司',
    departments: [{ id: 2, name: '销售部', parentId: 1 }],
    people: [
      ...index.map(n => ({ ...person(`s${n}`, `销售${n}`, n), directLeader: `l${n}` })),
      ...index.map(n => person(`l${n}`, `主管${n}`, 100 + n)),
      ...[0, 1].map(n => ({ ...person(`f${n}`, `财务${n}`, 200 + n), roles: ['财务'] })),
    ],
  }
}

/** Somebody does something; whether it was accepted, whatever else went wrong, is what counts. */
const was = async (deed: Promise<Delivery>): Promise<boolean> =>
  (await deed.catch(() => null))?.attempts.some(attempt => attempt.status === 200) ?? false

/** People who make leads and contracts, approve them, and lose an answer now and then, until told to stop. */
export function startSales(wecom: WeComEmulator, sellers: number): { accepted: Accepted; stop(): Promise<void> } {
  const accepted: Accepted = { asked: new Set(), confirmed: new Set(), submitted: new Set(), approved: new Set() }
  let running = true
  let last = 0

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

  const index = [...Array(sellers).keys()]
  const people = [...index.flatMap(n => [sell(`s${n}`), approve(`l${n}`)]), ...[0, 1].map(n => approve(`f${n}`)), loseAnswers()]
  return {
    accepted,
    async stop() {
      running = false
      await Promise.all(people)
    },
  }
}
