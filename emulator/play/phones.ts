import type { DingTalkEmulator } from '../dingtalk/index.ts'
import type { Push } from '../dingtalk/push.ts'
import { EmulatorError } from '../kernel/errors.ts'
import type { ChatMessage } from '../kernel/view.ts'
import type { Delivery } from '../wecom/delivery.ts'
import type { Selected } from '../wecom/driver.ts'
import type { WeComEmulator } from '../wecom/index.ts'
import { callLine, dingtalkEvent, type TraceLine, wecomEvent } from './trace.ts'

export type Slot = 'left' | 'right'

export interface PhonePerson {
  userId: string
  name: string
  title: string
  department: string
}

export interface PhoneState {
  platform: 'wecom' | 'dingtalk'
  holder: PhonePerson
  people: readonly PhonePerson[]
  messages: ChatMessage[]
  menu: readonly unknown[]
}

export interface PlayState {
  publicUrl: string
  phones: Record<Slot, PhoneState>
  trace: TraceLine[]
}

/** How a gesture ended: fine, or a sentence for the person and a code. */
export type Outcome = { ok: true } | { ok: false; message: string; code: string }

/** The two phones of the chat window: left WeCom, right DingTalk. */
export interface Phones {
  state(): PlayState
  hold(slot: Slot, userId: string): void
  sendText(slot: Slot, text: string): Promise<Outcome>
  click(slot: Slot, taskId: string, key: string, menu: boolean, selected?: Selected): Promise<Outcome>
  clickMenu(key: string): Promise<Outcome>
  onChange(listener: () => void): () => void
}

const SHOWN_MESSAGES = 80
const SHOWN_LINES = 60
const SCANNED_CALLS = 200

/** Two phones on two emulators; the first holders are a salesperson on WeCom and someone who is only on DingTalk. */
export function createPhones(wecom: WeComEmulator, dingtalk: DingTalkEmulator, publicUrl: string): Phones {
  const onlyDingTalk = dingtalk.people.find(({ name }) => !wecom.people.some(person => person.name === name))
  const holders: Record<Slot, string> = {
    left: (wecom.people.find(({ title }) => title === '客户经理') ?? wecom.people[0])?.userId ?? '',
    right: (onlyDingTalk ?? dingtalk.people[0])?.userId ?? '',
  }
  wecom.holdPhone('left', holders.left)
  dingtalk.holdPhone('right', holders.right)
  const platformOf = (slot: Slot) => (slot === 'left' ? wecom : dingtalk)

  const phone = (slot: Slot): PhoneState => {
    const emulator = platformOf(slot)
    const people = emulator.people.map(({ userId, name, title, department }) => ({ userId, name, title, department }))
    const userId = holders[slot]
    return {
      platform: slot === 'left' ? 'wecom' : 'dingtalk',
      holder: people.find(person => person.userId === userId) ?? { userId, name: userId, title: '', department: '' },
      people,
      messages: emulator.transcript(userId).slice(-SHOWN_MESSAGES),
      menu: slot === 'left' ? wecom.menu : [],
    }
  }
  const trace = () => {
    const calls = (['wecom', 'dingtalk'] as const).flatMap(platform => {
      const all = platform === 'wecom' ? wecom.calls : dingtalk.calls
      const from = Math.max(0, all.length - SCANNED_CALLS)
      return all.slice(from).flatMap((call, index) => callLine(platform, call, from + index) ?? [])
    })
    const events = [
      ...wecom.deliveries.slice(-SHOWN_LINES).map(delivery => wecomEvent(wecom.people, delivery)),
      ...dingtalk.deliveries.slice(-SHOWN_LINES).map(push => dingtalkEvent(dingtalk.people, push)),
    ]
    return [...events, ...calls].sort((left, right) => left.at - right.at).slice(-SHOWN_LINES)
  }
  return {
    state: () => ({ publicUrl, phones: { left: phone('left'), right: phone('right') }, trace: trace() }),
    hold(slot, userId) {
      if (!platformOf(slot).people.some(person => person.userId === userId))
        throw new EmulatorError('person.unknown', '没有这个人')
      holders[slot] = userId
      platformOf(slot).holdPhone(slot, userId)
    },
    sendText: (slot, text) =>
      slot === 'left'
        ? wecomOutcome(wecom.userSendsText(holders.left, text))
        : dingtalkOutcome(dingtalk.userSendsText(holders.right, text)),
    click(slot, taskId, key, menu, selected) {
      if (slot === 'right') return dingtalkOutcome(dingtalk.userClicksCard(holders.right, taskId, key))
      const clicked = menu
        ? wecom.userClicksCardMenu(holders.left, taskId, key)
        : wecom.userClicksCard(holders.left, taskId, key, selected)
      return wecomOutcome(clicked)
    },
    clickMenu: key => wecomOutcome(wecom.userClicksMenu(holders.left, key)),
    onChange(listener) {
      const stops = [wecom.onChange(listener), dingtalk.onChange(listener)]
      return () => {
        for (const stop of stops) stop()
      }
    },
  }
}

async function wecomOutcome(delivery: Promise<Delivery>): Promise<Outcome> {
  const { status } = await delivery
  if (status === 200) return { ok: true }
  if (status === 0) return { ok: false, code: 'callback.no_answer', message: '服务没有回应。请确认它正在运行,再试一次。' }
  return { ok: false, code: `callback.http_${status}`, message: '服务没有接受这次回调。原因见服务的日志。' }
}

async function dingtalkOutcome(push: Promise<Push>): Promise<Outcome> {
  const { acked, reason, label } = await push
  if (acked) return { ok: true }
  if (reason === 'no_connection')
    return { ok: false, code: 'stream.no_connection', message: '服务还没有连上钉钉。请稍等几秒再试。' }
  const message = label === 'card' ? '操作没有在 2 秒内完成。请稍后看卡片上的结果。' : '服务没有确认收到。请稍后再试。'
  return { ok: false, code: `stream.${reason ?? 'timeout'}`, message }
}
