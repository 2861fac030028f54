import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { startWorld, type World } from '../support/world.ts'

let world: World

const SECRETS = ['13812345678', '张伟', '620,000', '62万', '机房扩容', '谈妥了折扣', '重庆长安汽车']

beforeAll(async () => {
  world = await startWorld()
  const enter = async (userId: string, text: string) => {
    await world.say(userId, text)
    await world.press(userId, '确认')
  }
  await enter('zhang3', '新建线索 重庆长安汽车 张伟 13812345678 专线 预算80万')
  await enter('zhang3', '写跟进 重庆长安汽车 谈妥了折扣')
  await enter('zhang3', '提交合同 重庆长安汽车 机房扩容 其他 62万')
  await enter('zhang3', '新建线索 长安福特 李雷 13700000001')
  await enter('zhang3', '新建线索 重庆小康 孙一 13700000002')
  await enter('li4', '新建线索 重庆小康动力 孙二 13700000003')
  await enter('li4', '新建线索 长安民生物流 韩梅 13700000004')
})
afterAll(() => world.close())
// WeCom takes 30 messages a minute to one person.
beforeEach(() => world.advance(60_000))

const models = () => world.service.services.models
const title = (userId: string) => `${world.lastCard(userId).title} ${world.lastCard(userId).description}`
const factsOf = (userId: string) => Object.fromEntries(world.lastCard(userId).facts.map(({ label, value }) => [label, value]))
/** Every byte that the platform was given for this person from now on. */
function watch(userId: string): () => string {
  const from = world.wecom.calls.length
  return () =>
    world.wecom.calls
      .slice(from)
      .map(call => JSON.stringify(call.body))
      .filter(body => body.includes(`"${userId}"`))
      .join('\n')
}

describe('查', () => {
  test.each([
    ['a part of the name', '查 安汽'],
    ['the whole name', '查 重庆长安汽车'],
    ['the name with its legal form', '查 重庆长安汽车股份有限公司'],
    ['pinyin initials', '查 caqc'],
    ['initials in capitals', '查 CAQC'],
    ['full pinyin', '查 changanqiche'],
    ['the word 历史', '重庆长安汽车 历史'],
    ['a part and 历史', '长安汽车 历史'],
    ['no space', '查长安汽车'],
    ['full-width letters', '查 CAQC'],
  ])('by %s finds the one customer', async (_, text) => {
    await world.say('zhang3', text)
    expect(title('zhang3')).toContain('重庆长安汽车')
    expect(world.lastCard('zhang3').buttons.map(button => button.text)).toEqual(['写跟进', '提交合同', '分享进度'])
  })

  test('the card shows owner, stage, contacts, contracts and amounts, open to-dos, latest events', async () => {
    await world.say('zhang3', '查 长安汽车')
    const facts = factsOf('zhang3')
    expect(facts.负责人).toBe('张三')
    expect(facts.阶段).toBe('跟进中')
    expect(facts.联系人).toContain('张伟 13812345678')
    expect(facts.合同).toContain('620,000.00')
    expect(facts.待办).toContain('跟进线索 重庆长安汽车')
    expect(facts.最近).toContain('620,000.00')
    expect(world.lastCard('zhang3').url).toContain('/m/#/customers/')
  })

  test('an exact name wins over partial ones', async () => {
    await world.say('liuqiang', '查 重庆小康')
    expect(title('liuqiang')).toContain('重庆小康')
    expect(title('liuqiang')).not.toContain('动力')
  })

  test('an exact name of a colleague wins over a partial one of one’s own', async () => {
    const received = watch('li4')
    await world.say('li4', '查 重庆小康')
    expect(world.lastText('li4')).toContain('张三')
    expect(received()).not.toMatch(/孙一|13700000002|孙二/)
  })

  test('several give a list told apart by owner, which is answered by its number, also after a restart', async () => {
    await world.say('liuqiang', '查 长安')
    const list = world.lastList('liuqiang')
    expect(list).toContain('找到 3 位客户')
    expect(list).toMatch(/\d\. 长安民生物流 · 李四/)
    expect(list).toMatch(/\d\. 长安福特 · 张三/)
    const place = /(\d)\. 长安民生物流/.exec(list)?.[1] ?? ''
    await world.say('liuqiang', place)
    expect(title('liuqiang')).toContain('长安民生物流')
    await world.restart()
    await world.say('liuqiang', `第${/(\d)\. 长安福特/.exec(list)?.[1]}个`)
    expect(title('liuqiang')).toContain('长安福特')
    await world.say('liuqiang', '9')
    expect(world.lastText('liuqiang')).toContain('没有第 9 项')
  })

  test('of very many at most five are listed, and the count is not made up', async () => {
    const owner = (await models().people.byName('孙丽'))[0]
    const row = (n: number) => ({
      _id: `many-${n}`,
      name: `万州${n}号商店`,
      nameKey: `万州${n}号商店`,
      grams: [`万州${n}号商店`],
      initials: [],
      stage: '潜在',
      source: '导入',
      tags: [],
      ownerId: owner?._id,
      ownerSince: new Date(),
      createdAt: new Date(),
      lastActivityAt: new Date(),
    })
    await models().customers.model.insertMany(Array.from({ length: 37 }, (_, n) => row(n)))
    await world.say('sunli', '查 万州')
    const list = world.lastList('sunli')
    expect(list.split('\n').filter(line => /^\d\. /.test(line))).toHaveLength(5)
    expect(list).toContain('37 位')
    expect(list).toContain('32 位')
  })

  test('none gives the nearest names and 新建; the list is answered by its number', async () => {
    await world.say('zhang3', '查 长安骑车')
    expect(world.lastText('zhang3')).toContain('重庆长安汽车')
    expect(world.lastText('zhang3')).toContain('新建线索 长安骑车')
    const place = /(\d)\. 重庆长安汽车/.exec(world.lastText('zhang3'))?.[1] ?? ''
    await world.say('zhang3', place)
    expect(title('zhang3')).toContain('重庆长安汽车')
    await world.say('zhang3', '查 毫不相干的北极熊')
    expect(world.lastText('zhang3')).not.toMatch(/1\. /)
    expect(world.lastText('zhang3')).toContain('新建线索')
  })

  test('查 alone asks for whom', async () => {
    await world.say('zhang3', '查')
    expect(world.lastText('zhang3')).toContain('查哪个客户')
  })
})

describe('who may see what', () => {
  test('a colleague learns owner and date; nothing else is in any byte sent', async () => {
    const received = watch('wang5')
    for (const text of [
      '查 长安',
      '查 caqc',
      '查 changanqiche',
      '长安汽车 历史',
      '拜访 长安汽车',
      '写跟进 长安汽车 我来试试',
      '提交合同 长安汽车 偷看 其他 1万',
      '分享进度 长安汽车',
      '撤销分享 长安汽车',
      '1',
      '查 安汽',
      '查 长安骑车',
    ]) {
      await world.say('wang5', text)
    }
    expect(received()).toMatch(/张三 自 \d\d-\d\d 起/)
    for (const secret of SECRETS) expect([secret, received().includes(secret)]).toEqual([secret, false])
    expect(await models().activities.model.countDocuments({ text: '我来试试' })).toBe(0)
    expect(await models().shares.model.countDocuments()).toBe(0)
  })

  test('a colleague’s contact is not confirmed: his number and a made-up one are answered alike', async () => {
    const answers = []
    for (const number of ['13812345678', '13812340000']) {
      await world.say('wang5', `查 ${number}`)
      answers.push(world.lastText('wang5').replaceAll(number, 'N'))
    }
    expect(answers[0]).toBe(answers[1])
  })

  test('one letter does not list a colleague’s customers', async () => {
    const received = watch('machao')
    for (const text of ['查 c', '查 长', '查 1']) await world.say('machao', text)
    expect(received()).not.toContain('张三')
    expect(received()).not.toContain('李四')
  })

  test('a head sees the customers of the whole subtree, the head of another department does not', async () => {
    for (const head of ['liuqiang', 'zhoujianguo', 'wangmin']) {
      await world.say(head, '查 长安汽车')
      expect(factsOf(head).联系人).toContain('13812345678')
    }
    const received = watch('zhaomin')
    await world.say('zhaomin', '查 长安汽车')
    expect(world.lastText('zhaomin')).toContain('张三')
    for (const secret of SECRETS) expect(received()).not.toContain(secret)
  })

  test('finance sees the contract and not the customer', async () => {
    const received = watch('lijing')
    await world.say('lijing', '查 长安汽车')
    expect(received()).not.toMatch(/张伟|13812345678|谈妥/)
  })

  test('a number of a list picked after the right to see it ended shows nothing', async () => {
    await world.say('zhang3', '新建线索 涪陵甲榨菜 王甲 13700000011')
    await world.press('zhang3', '确认')
    await world.say('zhang3', '新建线索 涪陵乙榨菜 王乙 13700000012')
    await world.press('zhang3', '确认')
    await world.say('zhang3', '查 涪陵')
    const place = /(\d)\. 涪陵甲榨菜/.exec(world.lastList('zhang3'))?.[1] ?? ''
    const [li4] = await models().people.byName('李四')
    await models().customers.model.updateOne({ name: '涪陵甲榨菜' }, { $set: { ownerId: li4?._id } })
    const received = watch('zhang3')
    await world.say('zhang3', place)
    expect(received()).not.toMatch(/王甲|13700000011/)
    expect(world.lastText('zhang3')).toContain('李四')
    await world.say('zhang3', '查 涪陵甲榨菜')
    expect(world.lastText('zhang3')).toContain('李四')
  })
})

describe('hostile searches', () => {
  test.each([
    ['an operator', '查 $where'],
    ['an operator as JSON', '查 {"$gt":""}'],
    ['a pattern for everything', '查 .*'],
    ['a broken pattern', '查 ([a-z'],
    ['a slow pattern', `查 ${'(a+)+'.repeat(20)}$`],
    ['ten thousand characters', `查 ${'长'.repeat(10_000)}`],
    ['ten thousand letters', `查 ${'a'.repeat(10_000)}`],
    ['nothing visible', '查 \u200b\u202e'],
    ['a null character', '查 \u0001'],
    ['a picture', '查 🍲'],
  ])('%s: a correct answer, no customer, and the service goes on', async (_, text) => {
    const cards = world.cards('zhang3').length
    const before = world.texts('zhang3').length
    await world.say('zhang3', text)
    expect(world.cards('zhang3')).toHaveLength(cards)
    const answers = world.texts('zhang3').slice(before)
    expect(answers).toHaveLength(1)
    expect(answers[0]).toMatch(/没有找到客户|查哪个客户/)
    expect(answers[0]).not.toContain('张伟')
  })

  test('HTML in a customer’s name is plain text on the card', async () => {
    await world.say('sunli', '新建线索 <img/src=x>餐饮公司 李娜 13700000021')
    await world.press('sunli', '确认')
    await world.say('sunli', '查 餐饮')
    expect(title('sunli')).toContain('餐饮公司')
  })
})

describe('拜访', () => {
  test('gives the brief: contact, contract, project, service, to-do, latest, interest', async () => {
    await world.say('zhang3', '拜访 长安汽车')
    const card = world.lastCard('zhang3')
    expect(title('zhang3')).toContain('重庆长安汽车')
    expect(Object.keys(factsOf('zhang3'))).toEqual(['联系人', '合同', '项目', '服务', '待办', '最近'])
    expect(JSON.stringify(card.raw)).toContain('关注:专线')
  })
})

describe('写跟进', () => {
  test('shows what will be written, waits for 确认, and is then in the history once', async () => {
    await world.say('zhang3', '写跟进 长安汽车 下周二\n去现场看机房')
    expect(factsOf('zhang3')).toMatchObject({ 客户: '重庆长安汽车' })
    expect(factsOf('zhang3').内容).toContain('去现场看机房')
    const written = () => models().activities.model.countDocuments({ text: /现场看机房/ })
    expect(await written()).toBe(0)
    const { taskId } = world.lastCard('zhang3')
    await world.press('zhang3', '确认')
    await world.wecom.userClicksCardRaw('zhang3', taskId, 'confirm')
    await world.settle()
    expect(await written()).toBe(1)
    expect(await models().timeline.model.countDocuments({ type: 'activity', text: /现场看机房/ })).toBe(1)
    await world.say('zhang3', '查 长安汽车')
    expect(factsOf('zhang3').最近).toContain('去现场看机房')
  })

  test('what a line of the card would cut off is shown in full before 确认', async () => {
    const text = '客户总部下周三到厂里看机房,请技术部提前两天准备好演示环境,并联系蒋医生确认消毒流程和停车位'
    await world.say('zhang3', `写跟进 长安汽车 ${text}`)
    expect(world.lastCard('zhang3').subTitle).toContain(`全文 ${text.length} 字:${text}`)
    await world.press('zhang3', '取消')
  })

  test('without words it asks for them, and takes the next message', async () => {
    await world.say('zhang3', '写跟进 长安汽车')
    expect(world.lastText('zhang3')).toContain('跟进了什么')
    await world.say('zhang3', '客户同意下周签')
    expect(factsOf('zhang3').内容).toBe('客户同意下周签')
    await world.press('zhang3', '取消')
    expect(await models().activities.model.countDocuments({ text: '客户同意下周签' })).toBe(0)
  })

  test('with several customers it asks which and keeps the words', async () => {
    await world.say('zhang3', '写跟进 长安 三家都问过了')
    const place = /(\d)\. 长安福特/.exec(world.lastList('zhang3'))?.[1] ?? ''
    await world.say('zhang3', place)
    expect(factsOf('zhang3')).toEqual({ 客户: '长安福特', 内容: '三家都问过了' })
    await world.say('zhang3', '确认')
    expect(await models().activities.model.countDocuments({ text: '三家都问过了' })).toBe(1)
  })
})

describe('in DingTalk', () => {
  test('the same card, with the same buttons', async () => {
    await world.say('u1001', '查 caqc')
    expect(JSON.stringify(world.lastCard('u1001').facts)).toContain('13812345678')
    expect(world.lastCard('u1001').buttons.map(button => button.text)).toEqual(['写跟进', '提交合同', '分享进度'])
  })
})
