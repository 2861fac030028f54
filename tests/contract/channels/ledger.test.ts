import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { CardView } from '../../../emulator/index.ts'
import { startWorld, type World } from '../../support/world.ts'

let world: World
let serial = 0

beforeAll(async () => {
  world = await startWorld()
  await world.say('zhang3', '新建线索 重庆长安汽车 张伟 13812345678')
  await world.press('zhang3', '确认')
})
afterAll(() => world.close())
// WeCom takes 30 messages a minute to one person.
beforeEach(() => world.advance(60_000))

const models = () => world.service.services.models

interface Candidate {
  name: 'wecom' | 'dingtalk'
  /** The first approver's account there, a colleague's, and the submitter's. */
  approver: string
  colleague: string
  submitter: string
  /** Where a repaint arrives. */
  repaint: string
}

const CANDIDATES: Candidate[] = [
  { name: 'wecom', approver: 'liuqiang', colleague: 'li4', submitter: 'zhang3', repaint: '/message/update_template_card' },
  { name: 'dingtalk', approver: 'u1011', colleague: 'u1002', submitter: 'u1001', repaint: '/v1.0/card/instances' },
]

const emulator = (name: Candidate['name']) => (name === 'wecom' ? world.wecom : world.dingtalk)

describe.each(CANDIDATES)('every card on $name tells the truth', ({ name, approver, colleague, submitter, repaint }) => {
  /** A contract that waits for the approver, whose card is on this platform. */
  async function waiting(): Promise<{ number: string; card: CardView }> {
    serial += 1
    await world.say(approver, '帮助')
    await world.say(submitter, `提交合同 重庆长安汽车 第${serial}号 其他 10万`)
    await world.say(submitter, '确认')
    const contract = await models()
      .contracts.model.findOne({ title: `第${serial}号` })
      .lean()
    const number = contract?.number ?? ''
    const card = world.cards(approver).findLast(each => `${each.title}${each.subTitle}`.includes(number))
    if (!card) throw new Error(`${approver} has no card of ${number}; ${world.lastText(submitter)}`)
    return { number, card }
  }
  const now = (card: CardView): CardView | undefined => world.cards(approver).find(each => each.taskId === card.taskId)
  const live = (card: CardView): string[] =>
    (now(card)?.buttons ?? []).filter(button => button.key && button.enabled).map(button => button.text)
  const shown = (card: CardView): string => JSON.stringify(now(card) ?? {})
  const status = async (number: string) => (await models().contracts.model.findOne({ number }).lean())?.status
  const row = (card: CardView) => models().cards.find(card.taskId)
  const clickRaw = (card: CardView, key: string, userId = approver) =>
    name === 'wecom'
      ? world.wecom.userClicksCardRaw(userId, card.taskId, key)
      : world.dingtalk.userClicksCardRaw(userId, card.taskId, key)

  test('while a decision is asked for, the card asks for it', async () => {
    const { card } = await waiting()
    expect(live(card)).toEqual(['同意'])
  })

  test.each([
    ['withdrawn by its submitter', (number: string) => world.say(submitter, `撤回 ${number}`), '已撤回'],
    ['agreed to by word', (number: string) => world.say(approver, `同意 ${number}`), '已同意'],
    ['rejected by word', (number: string) => world.say(approver, `拒绝 ${number} 价格太低`), '已拒绝'],
    ['handed on', (number: string) => world.say(approver, `转交 ${number} 李四`), '已转交'],
  ])('a case that was %s leaves no live button and says so', async (_, change, words) => {
    const { number, card } = await waiting()
    await change(number)
    expect(live(card)).toEqual([])
    expect(shown(card)).toContain(words)
    expect(await row(card)).toMatchObject({ open: false, due: false })
  })

  test('a repaint that is refused for a moment is made later', async () => {
    const { number, card } = await waiting()
    if (name === 'wecom') world.wecom.fault({ path: repaint, errcode: -1 })
    else world.dingtalk.fault({ path: repaint, httpStatus: 403, code: 'Forbidden.AccessDenied.QpsLimitForApi' })
    await world.say(submitter, `撤回 ${number}`)
    for (let times = 0; times < 3; times += 1) await world.advance(30_000)
    expect(live(card)).toEqual([])
    expect(shown(card)).toContain('已撤回')
  })

  test('a click on an old card changes nothing and is answered with the present state', async () => {
    const { number, card } = await waiting()
    await world.say(submitter, `撤回 ${number}`)
    const before = [await status(number), await models().steps.model.countDocuments()]
    await clickRaw(card, 'approve')
    await world.settle()
    expect([await status(number), await models().steps.model.countDocuments()]).toEqual(before)
    expect(world.lastText(approver)).toMatch(/已撤回|已结束/)
    expect(live(card)).toEqual([])
  })

  test('somebody else’s click on the card changes nothing', async () => {
    const { number, card } = await waiting()
    await clickRaw(card, 'approve', colleague)
    await world.settle()
    expect(await status(number)).toBe('审批中')
    expect(live(card)).toEqual(['同意'])
  })

  test('what we asked of the platform was allowed by its pages', () => {
    expect(emulator(name).violations).toEqual([])
  })
})

describe('a card of WeCom that cannot be repainted any more', () => {
  /** A contract is withdrawn while its approver's card can no longer be repainted. */
  async function withdrawn(errcode: number): Promise<CardView> {
    serial += 1
    await world.say('liuqiang', '帮助')
    await world.say('zhang3', `提交合同 重庆长安汽车 第${serial}号 其他 10万`)
    await world.say('zhang3', '确认')
    const card = world.lastCard('liuqiang')
    const contract = await models()
      .contracts.model.findOne({ title: `第${serial}号` })
      .lean()
    world.wecom.fault({ path: '/message/update_template_card', errcode })
    await world.say('zhang3', `撤回 ${contract?.number}`)
    return card
  }
  const lies = ({ taskId }: CardView) => world.cards('liuqiang').some(card => card.taskId === taskId)
  const superseded = { status: 'superseded', open: false }

  test.each([
    ['its right was used up', 60140],
    ['it is not known any more', 42016],
  ])('%s: it disappears, and a newer message says what is true', async (_, errcode) => {
    const card = await withdrawn(errcode)
    expect(lies(card)).toBe(false)
    expect(world.lastText('liuqiang')).toContain('原来的卡片已收回,最新状态:已撤回')
    expect(await models().cards.find(card.taskId)).toMatchObject(superseded)
  })

  test('older than a day it stays, and the newer message says that it is over', async () => {
    world.wecom.fault({ path: '/message/recall', errcode: 42052 })
    const card = await withdrawn(60140)
    expect(lies(card)).toBe(true)
    expect(world.lastText('liuqiang')).toContain('此卡片已过期')
    expect(await models().cards.find(card.taskId)).toMatchObject(superseded)
  })
})
