import { AppError, asAppError } from '../common/errors.ts'
import { deriveId } from '../common/ids.ts'
import type { CardActionEvent, InboundEvent } from '../common/inbound.ts'
import type { Viewer } from '../engine/policy/index.ts'
import type { NewCard } from '../models/kernel/card-ledger.ts'
import type { NewMessage, OutboxDoc } from '../models/kernel/outbox.ts'
import type { PersonDoc } from '../models/people/index.ts'
import type { Catalogue } from './catalogue.ts'
import { followExternalContact } from './external-contacts/index.ts'
import { welcomeText } from './help/index.ts'
import { type Face, presentFace } from './kernel/paint.ts'
import { type Reply, say } from './kernel/reply.ts'
import type { Services } from './kernel/services.ts'
import { createTurn, type Turn } from './kernel/turn.ts'
import { personBehind, syncChanged } from './people/index.ts'
import { attachFile } from './talk/attachments.ts'
import { converse } from './talk/converse.ts'
import { hearOther } from './talk/other-messages.ts'

/** Opening the conversation greets once in this time. */
const GREETING_PAUSE_MS = 12 * 3_600_000

/**
 * Handle one accepted delivery: who is it, may they, do it, queue the answer. Business refusals become words to the person; anything
 * else is thrown, so that the work item is tried again.
 *
 * @returns the clicked card as it looks now to the clicker, for channels that answer a click with the card
 */
export async function handleDelivery(
  services: Services,
  catalogue: Catalogue,
  key: string,
  event: InboundEvent,
): Promise<Face | null> {
  if (event.type === 'contact_changed') {
    await syncChanged(services, event)
    return null
  }
  if (event.type === 'customer_contact') {
    await followExternalContact(services, key, event)
    return null
  }
  if (event.type === 'native_approval') {
    const { platform, number, state } = event
    services.log.info({ code: 'native_approval.changed', platform, number, state, delivery: key }, 'noted, nothing to do')
    return null
  }
  if (event.conversation.kind === 'group' && event.type !== 'card_action') {
    await services.models.outbox.put([groupAnswer(key, event)], now(services))
    services.poke('outbox')
    return null
  }
  const person = await personBehind(services, event)
  if (!person) {
    // Somebody of another organisation has no account to write to; the message itself may be answered.
    if (event.type === 'enter' || (!event.userId && !event.replyTo)) return null
    await services.models.outbox.put([strangerAnswer(key, event)], now(services))
    services.poke('outbox')
    services.log.warn(
      { code: 'person.unknown', platform: event.platform },
      'a sender whom the platform does not know or who left',
    )
    return null
  }
  await services.models.people.touchPlatform(person._id, event.platform)
  if (person.lastPlatform !== event.platform) services.organisation.forget()
  const viewer = (await services.organisation.current()).viewer(person._id)
  const turn = createTurn(services, key, event, person, viewer)

  if (event.type === 'card_action') return click(turn, catalogue, event, person, viewer)
  await answer(turn, await speak(turn, catalogue))
  return null
}

/** Nobody waits for an answer to these. */
const UNSAID = new Set<InboundEvent['type']>(['enter', 'contact_changed', 'customer_contact', 'native_approval'])

const now = (services: Services): Date => new Date(services.clock.now())

/** The words for a refusal: what happened, and the code, small, at the end. */
function refusalWords(services: Services, error: unknown): string {
  const refused = asAppError(error)
  if (refused.status >= 500) throw error
  services.log.info({ code: refused.code }, 'refused')
  return `${refused.message}(${refused.code})`
}

async function speak(turn: Turn, catalogue: Catalogue): Promise<Reply> {
  const { event, services } = turn
  try {
    switch (event.type) {
      case 'text':
        return await converse(turn, catalogue.draftKinds, event.text)
      case 'menu':
        return await converse(turn, catalogue.draftKinds, event.key)
      case 'file':
        return await attachFile(turn, catalogue.draftKinds, event)
      case 'location':
      case 'link':
        return await hearOther(turn, catalogue.draftKinds, event)
      case 'other_message':
        return say('目前只能看懂文字消息,图片和语音我还处理不了。可以直接打字告诉我,发送"帮助"查看说法。')
      case 'enter':
        return (await greetedLately(turn)) ? {} : say(welcomeText(turn.person.name))
      case 'card_action':
      case 'contact_changed':
      case 'customer_contact':
      case 'native_approval':
        return {}
    }
  } catch (error) {
    return say(refusalWords(services, error))
  }
}

async function greetedLately(turn: Turn): Promise<boolean> {
  const { talk } = turn.services.models
  const { greetedAt } = await talk.dialogue(turn.person._id)
  if (greetedAt && turn.now - greetedAt.getTime() < GREETING_PAUSE_MS) return true
  await talk.remember(turn.person._id, { greetedAt: new Date(turn.now) })
  return false
}

async function answer(turn: Turn, reply: Reply): Promise<void> {
  const { models } = turn.services
  const at = new Date(turn.now)
  const replyTo = turn.event.replyTo ? { platform: turn.event.platform, token: turn.event.replyTo } : undefined
  const cards: NewCard[] = (reply.cards ?? []).map((card, index) => ({
    ...card,
    _id: turn.id('card', String(index)),
    personId: turn.person._id,
    ...(replyTo && { replyTo }),
  }))
  await models.cards.want(cards, at)
  if (cards.length > 0) turn.services.poke('cards')
  if (!reply.text) return
  await models.outbox.put(
    [
      {
        _id: turn.id('reply'),
        to: accountOf(turn.event),
        text: reply.text,
        urgency: 'reply',
        ...(reply.secret && { secret: true }),
        ...(replyTo && { replyTo }),
      },
    ],
    at,
  )
  turn.services.poke('outbox')
}

const accountOf = (event: InboundEvent): OutboxDoc['to'] => ({ platform: event.platform, corp: event.corp, userId: event.userId })

async function click(
  turn: Turn,
  catalogue: Catalogue,
  event: CardActionEvent,
  person: PersonDoc,
  viewer: Viewer,
): Promise<Face | null> {
  const { services } = turn
  const { models } = services
  const at = new Date(turn.now)
  const card = await models.cards.find(event.cardId)
  const template = card && catalogue.templates.get(card.template)
  if (!card || !template) {
    await answer(turn, say('这张卡片无法识别,可能已经过期。发送"待办"或"我的审批"查看最新内容。(card.unknown)'))
    return null
  }
  // The new right to repaint is the clicker's: it is of use only where the card was theirs.
  if (event.updateHandle && card.personId === person._id) await models.cards.keepHandle(card._id, event.updateHandle, at)
  try {
    const act = Object.hasOwn(template.actions, event.action) ? template.actions[event.action] : undefined
    if (!act) throw new AppError('card.unknown_action', '这个按钮已经失效,请查看最新的卡片。')
    const outcome = await act({
      services,
      actor: viewer,
      card,
      event,
      onceId: deriveId('click', card._id, person._id, event.action),
      clickId: turn.id('click'),
    })
    await models.cards.want(outcome.cards ?? [], at)
    if (outcome.text) await answer(turn, { text: outcome.text, ...(outcome.secret && { secret: true }) })
  } catch (error) {
    const words = refusalWords(services, error)
    await answer(turn, say(words))
    await models.cards.touch(card.subject, at)
  }
  services.poke('cards')
  return card.personId === person._id ? presentFace(services, catalogue.templates, card._id, viewer) : null
}

/** After the last attempt the person hears that it did not work; the admin sees why. */
export async function tellFailure(services: Services, key: string, event: InboundEvent): Promise<void> {
  if (UNSAID.has(event.type) || !event.userId || event.conversation.kind === 'group') return
  const text = '刚才的操作没有处理成功,已记录并通知管理员。请稍后再试。(work.failed)'
  await services.models.outbox.put(
    [{ _id: deriveId('failed', key), to: accountOf(event), text, urgency: 'reply' }],
    now(services),
  )
  services.poke('outbox')
}

const groupAnswer = (key: string, event: InboundEvent): NewMessage => ({
  _id: deriveId('group', key),
  to: { platform: event.platform, corp: event.corp, groupId: event.conversation.kind === 'group' ? event.conversation.id : '' },
  text: '群聊里不显示客户资料。请点我的头像,在单聊中使用客联。',
  urgency: 'reply',
  ...(event.replyTo && { replyTo: { platform: event.platform, token: event.replyTo } }),
})

const strangerAnswer = (key: string, event: InboundEvent): NewMessage => ({
  _id: deriveId('stranger', key),
  to: accountOf(event),
  text: '暂时无法确认您的身份,请联系管理员把您加入应用的可见范围。(person.unknown)',
  urgency: 'reply',
  ...(event.replyTo && { replyTo: { platform: event.platform, token: event.replyTo } }),
})
