import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { startWorld, type World } from '../support/world.ts'

const BOT = { id: 'aibot-1', token: 'botToken01', encodingAesKey: 'QPONMLKJIHGFEDCBAzyxwvutsrqponmlkjihgfedcba' }

let world: World

beforeAll(async () => {
  world = await startWorld({
    wecom: { bot: { ...BOT, pollMs: 50 }, honourPassiveCardUpdate: true },
    env: {
      WECOM_PASSIVE_CARDS: '1',
      WECOM_BOT_ID: BOT.id,
      WECOM_BOT_TOKEN: BOT.token,
      WECOM_BOT_ENCODING_AES_KEY: BOT.encodingAesKey,
    },
  })
})
afterAll(() => world.close())
afterEach(() => expect(world.wecom.violations).toEqual([]))

const models = () => world.service.services.models
const bot = () => {
  if (!world.wecom.bot) throw new Error('the platform has a bot')
  return world.wecom.bot
}
const heard = (chat: string) =>
  bot()
    .chat(chat)
    .filter(({ from }) => from === 'bot')
    .map(({ text }) => text)

/** Somebody says something to the bot, and its answer is complete. */
async function ask(userId: string, text: string): Promise<string> {
  const turn = await bot().says(userId, text)
  await turn.finished
  await world.settle()
  return heard(userId).at(-1) ?? ''
}

describe('the bot as a second way in', () => {
  test('its address is verified, and whoever opens it is greeted by name', async () => {
    expect(await bot().verifyUrl()).toMatchObject({ ok: true })
    await bot().enters('zhang3')
    expect(heard('zhang3').at(-1)).toContain('张三,您好')
  })

  test('a lead is begun, shown and confirmed in words; the same card stands in the app and closes with it', async () => {
    const shown = await ask('zhang3', '新建线索 重庆机器人公司 张伟 13812345678')
    expect(shown).toContain('重庆机器人公司')
    expect(shown).toContain('按钮在应用消息的卡片上')
    expect(world.lastCard('zhang3').buttons.map(({ text }) => text)).toContain('确认')
    expect(await ask('zhang3', '确认')).toContain('已写入')
    expect(await models().leads.model.countDocuments({ company: '重庆机器人公司' })).toBe(1)
    expect(world.lastCard('zhang3').buttons.filter(button => button.key && button.enabled)).toEqual([])
  })

  test('an answer costs no message of the app', async () => {
    const sends = () => world.wecom.calls.filter(call => call.path.endsWith('/message/send')).length
    const before = sends()
    expect(await ask('li4', '待办')).toContain('待办')
    expect(sends()).toBe(before)
  })

  test('a group shows no customer data', async () => {
    const turn = await bot().says('zhang3', '查 重庆机器人公司', 'group-1')
    await turn.finished
    expect(heard('group-1')).toEqual([expect.stringContaining('群聊里不显示客户资料')])
  })

  test('anybody in the company may ask what it can do', async () => {
    const { status } = await bot().says('sunli', '帮助')
    expect(status).toBe(200)
    expect(heard('sunli').at(-1)).toContain('我能帮您')
  })
})

describe('a click answered with the new card itself', () => {
  const updates = () => world.wecom.calls.filter(call => call.path.endsWith('/update_template_card')).length

  test('shows the outcome at once and costs no call', async () => {
    await world.say('zhang3', '新建线索 重庆被动公司 李被 13812345670')
    const { taskId } = world.lastCard('zhang3')
    const before = updates()
    const delivery = await world.wecom.userClicksCard('zhang3', taskId, 'confirm')
    expect(delivery.warnings).toEqual([])
    expect(delivery.passiveReply).toMatchObject({ MsgType: 'update_template_card' })
    const card = world.lastCard('zhang3')
    expect(card.subTitle).toContain('已写入')
    expect(card.buttons.filter(button => button.key && button.enabled)).toEqual([])
    await world.settle()
    expect(updates()).toBe(before)
  })

  test('what the clicker of a foreign card sees is not the owner’s', async () => {
    await world.say('zhang3', '新建线索 重庆旁人公司 李旁 13812345671')
    const { taskId } = world.lastCard('zhang3')
    const delivery = await world.wecom.userClicksCardRaw('li4', taskId, 'confirm')
    expect(delivery.body).toBe('')
    await world.settle()
    expect(world.lastCard('zhang3').buttons.map(({ text }) => text)).toContain('确认')
  })
})
