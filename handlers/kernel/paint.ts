import { type Card, hasCallback } from '../../cards/model.ts'
import { AppError, asAppError, PlatformRefused, PlatformUnreachable } from '../../common/errors.ts'
import { deriveId, sha256 } from '../../common/ids.ts'
import type { Viewer } from '../../engine/policy/index.ts'
import type { CardDoc } from '../../models/kernel/card-ledger.ts'
import { leaseOf } from '../../models/kernel/lease.ts'
import type { PersonDoc } from '../../models/people/index.ts'
import type { CardTemplates } from './card-template.ts'
import { insist } from './insist.ts'
import { routes } from './links.ts'
import type { Channel } from './ports.ts'
import { retryAfterMs } from './retry.ts'
import type { Services } from './services.ts'

/** Of the database's time, and renewed while the platform is asked: what a dead process held is soon taken up. */
export const PAINT_LEASE_MS = 5_000

export const faceOf = (card: Card): string => sha256(JSON.stringify(card)).slice(0, 32)

/** A card as it looks now to its clicker, and what the ledger is told once they have it. */
export interface Face {
  cardId: string
  version: number
  card: Card
}

/** The card as it looks now to somebody, for channels that answer a click with it. */
export async function presentFace(
  services: Services,
  templates: CardTemplates,
  cardId: string,
  viewer: Viewer,
): Promise<Face | null> {
  const row = await services.models.cards.find(cardId)
  const template = row && templates.get(row.template)
  const channel = row?.platform ? services.channels.get(row.platform) : undefined
  if (!row || !template || !channel?.abilities.answersClicks) return null
  return { cardId, version: row.wanted, card: await template.present(services, row.params, viewer) }
}

/** The clicker got this face with the answer to the click: nothing is left to paint. */
export const faceDelivered = ({ models }: Services, { cardId, version, card }: Face): Promise<void> =>
  models.cards.answered(cardId, version, faceOf(card), hasCallback(card))

/** The app last written or clicked in, else the first of the channels in their order; only active accounts whose channel runs. */
export function preferredAccount(
  services: Services,
  person: PersonDoc,
): { platform: string; corp: string; userId: string } | null {
  const usable = person.accounts.filter(account => account.active && services.channels.has(account.platform))
  const order = [person.lastPlatform, ...services.channels.keys()]
  for (const platform of order) {
    const account = usable.find(candidate => candidate.platform === platform)
    if (account) return account
  }
  return null
}

/** What a painting did: the fields to write, and those to drop. `later`: too many messages to this person in the last minute. */
type Painted = Partial<CardDoc> & { drop?: (keyof CardDoc & string)[]; later?: Date }

/** The lease went to another process before anything was sent: the card is theirs. */
const LOST = Symbol('lease lost')

/**
 * Bring one card up to what is wanted: send it, repaint it, or say in a newer message that it can no longer be repainted. Called by
 * the one worker that holds the card's lease.
 */
export async function paint(services: Services, templates: CardTemplates, row: CardDoc): Promise<void> {
  const { cards } = services.models
  const lease = leaseOf(row)
  const painted = await paintOnce(services, templates, row).catch((error: unknown) =>
    recordFailure(services, templates, row, error),
  )
  if (!painted || painted === LOST) return
  const { drop, later, ...set } = painted
  if (later) {
    await cards.failed(lease, { nextAt: later })
    return
  }
  const kept = await insist(() => cards.painted(lease, row.wanted, set, drop))
  if (!kept) await insist(() => cards.cameLate(row._id, set, new Date(services.clock.now())))
}

/** What the platform surely did not take is tried again; what it may have taken is `unknown` where a repetition would be a second card. */
async function recordFailure(
  services: Services,
  templates: CardTemplates,
  row: CardDoc,
  thrown: unknown,
): Promise<Painted | null> {
  const { cards } = services.models
  const lease = leaseOf(row)
  const failure = asAppError(thrown)
  const error = { code: failure.code, message: failure.message }
  const attempts = row.attempts + 1
  services.log.warn(
    { code: failure.code, cardId: row._id, attempts, err: thrown instanceof Error ? thrown.message : '' },
    'a card was not painted',
  )
  const platform = (await cards.find(row._id))?.platform
  const unsent = row.status === 'new' || row.status === 'sending'
  const lost = unsent && thrown instanceof PlatformUnreachable && thrown.applied === 'unknown'
  if (lost && !canRepeatSend(services, platform)) {
    services.meter.sent(platform ?? 'none', 'card', 'unknown')
    await cards.lost(lease, row.wanted, { attempts, error })
    return null
  }
  // Only an answer of the platform proves that the card did not go out; any other failure leaves that open.
  const refused = thrown instanceof PlatformRefused
  const surelyUnsent = unsent && (refused || (thrown instanceof PlatformUnreachable && thrown.applied === 'no'))
  const waitMs = retryAfterMs(thrown, failure, attempts)
  if (waitMs !== null) {
    services.meter.retried('cards')
    const nextAt = new Date(services.clock.now() + waitMs)
    await cards.failed(lease, { ...(surelyUnsent && { status: 'new' }), attempts, error, nextAt })
    return null
  }
  services.meter.sent(platform ?? 'none', unsent ? 'card' : 'repaint', 'dead')
  if (!unsent && row.open) return giveUpRepainting(services, row, error)
  await cards.failed(lease, { status: 'dead', due: false, attempts, error })
  if (unsent) await tellInWords(services, templates, row)
  return null
}

/** The old face stays and still asks for something: a newer message says so. */
async function giveUpRepainting(services: Services, row: CardDoc, error: { code: string; message: string }): Promise<Painted> {
  const successor = deriveId('supersede', row._id, String(row.wanted))
  await sayInstead(services, row, successor, '上一张卡片无法更新,请以最新状态为准。发送"待办"或"我的审批"查看。')
  return { open: false, status: 'superseded', successor, error, drop: ['handle', 'handleAt'] }
}

/** No card reached its reader: a text says what it asked for. */
async function tellInWords(services: Services, templates: CardTemplates, row: CardDoc): Promise<void> {
  const viewer = (await services.organisation.current()).viewer(row.personId)
  const card = await templates
    .get(row.template)
    ?.present(services, row.params, viewer)
    .catch(() => null)
  const what = card ? `${nameOf(card)}(${card.status})` : '有一项需要您处理的内容'
  const link = card?.link ?? services.links.h5(routes.todos)
  await sayInstead(services, row, deriveId('in-words', row._id), `${what}\n卡片没有送达,请打开查看:${link}`)
}

/** A platform that knows our card id takes the same card only once. */
const canRepeatSend = (services: Services, platform: string | undefined): boolean =>
  platform !== undefined && services.channels.get(platform)?.abilities.cardUpdate === 'always'

async function paintOnce(services: Services, templates: CardTemplates, row: CardDoc): Promise<Painted | typeof LOST> {
  const template = templates.get(row.template)
  const organisation = await services.organisation.current()
  const person = await services.models.people.byId(row.personId)
  if (!template || !person) throw new AppError('card.orphan', '卡片的模板或收件人已不存在。', { status: 400 })
  const card = await template.present(services, row.params, organisation.viewer(person._id))
  if (row.status === 'new' || row.status === 'sending') return sendNew(services, row, person, card)
  const face = faceOf(card)
  return row.face === face ? {} : repaint(services, row, card, face)
}

async function sendNew(services: Services, row: CardDoc, person: PersonDoc, card: Card): Promise<Painted | typeof LOST> {
  const account = chooseAccount(services, row, person)
  const channel = account && services.channels.get(account.platform)
  if (!account || !channel) throw new AppError('person.no_channel', '收件人没有可用的账号。', { status: 400 })
  if (row.status === 'sending' && !canRepeatSend(services, account.platform)) {
    throw new PlatformUnreachable('上次发送的结果未知,未重复发送', { applied: 'unknown' })
  }
  const waitMs = await services.governor.take(
    channel,
    account.userId,
    row.replyTo ? 'reply' : 'urgent',
    `${row._id}:${row.fence}`,
  )
  if (waitMs > 0) return { later: new Date(services.clock.now() + waitMs) }
  if (!(await services.models.cards.sendingTo(leaseOf(row), { ...account, title: nameOf(card) }))) return LOST
  const receipt = await channel.sendCard({ kind: 'person', userId: account.userId }, card, {
    cardId: row._id,
    ...(row.replyTo?.platform === account.platform && { replyTo: row.replyTo.token }),
  })
  if (receipt.notReached) throw new AppError('card.not_reached', '平台没有送达这张卡片。', { status: 400 })
  // The first attempt may have arrived, with the face of that time.
  if (row.status === 'sending') await channel.updateCard({ kind: 'person', userId: account.userId }, card, { cardId: row._id })
  services.meter.sent(channel.platform, 'card', 'sent')
  const at = new Date(services.clock.now())
  return {
    ...account,
    status: 'shown',
    face: faceOf(card),
    open: hasCallback(card),
    sentAt: at,
    ...(receipt.messageId && { messageId: receipt.messageId }),
    ...(receipt.handle && { handle: receipt.handle, handleAt: at }),
  }
}

function chooseAccount(
  services: Services,
  row: CardDoc,
  person: PersonDoc,
): { platform: string; corp: string; userId: string } | null {
  if (row.platform && row.corp && row.userId) return { platform: row.platform, corp: row.corp, userId: row.userId }
  // An answer goes where the question came from.
  const asked = person.accounts.find(account => account.platform === row.replyTo?.platform)
  const account = asked ?? preferredAccount(services, person)
  return account && { platform: account.platform, corp: account.corp, userId: account.userId }
}

async function repaint(services: Services, row: CardDoc, card: Card, face: string): Promise<Painted | typeof LOST> {
  const channel = row.platform ? services.channels.get(row.platform) : undefined
  if (!channel || !row.userId || row.status !== 'shown') return supersede(services, row, card, face)
  const to = { kind: 'person', userId: row.userId } as const
  const { cardUpdate } = channel.abilities
  if (cardUpdate === 'once' && row.handle) return spendHandle(services, channel, row, card, face)
  if (cardUpdate !== 'always') return supersede(services, row, card, face)
  if (!(await services.models.cards.holds(leaseOf(row), PAINT_LEASE_MS))) return LOST
  await channel.updateCard(to, card, { cardId: row._id, ...(row.handle && { handle: row.handle }) })
  services.meter.sent(channel.platform, 'repaint', 'sent')
  return { face, open: hasCallback(card) }
}

/** One code, one repaint: it is kept for the face without decisions. */
async function spendHandle(
  services: Services,
  channel: Channel,
  row: CardDoc,
  card: Card,
  face: string,
): Promise<Painted | typeof LOST> {
  if (hasCallback(card)) return {}
  if (!(await services.models.cards.holds(leaseOf(row), PAINT_LEASE_MS))) return LOST
  try {
    await channel.updateCard({ kind: 'person', userId: row.userId ?? '' }, card, {
      cardId: row._id,
      ...(row.handle && { handle: row.handle }),
    })
    services.meter.sent(channel.platform, 'repaint', 'sent')
    return { face, open: false, drop: ['handle', 'handleAt'] }
  } catch (error) {
    if (error instanceof PlatformUnreachable && error.applied === 'no') throw error
    if (error instanceof PlatformRefused && error.retryable) throw error
    return supersede(services, row, card, face)
  }
}

/** It cannot be repainted any more: a newer message says what is true now. Only where the old face still asks for something. */
async function supersede(services: Services, row: CardDoc, card: Card, face: string): Promise<Painted> {
  if (!row.open && row.status !== 'unknown') return { face }
  const isGone = await takeBack(services, row)
  const successor = deriveId('supersede', row._id, face)
  const link = card.link ? `\n${card.link}` : ''
  const what = isGone ? '原来的卡片已收回' : '此卡片已过期'
  await sayInstead(services, row, successor, `${what},最新状态:${card.note ?? card.status}\n${nameOf(card)}${link}`)
  services.meter.sent(row.platform ?? 'none', 'repaint', 'superseded')
  return { face, open: false, status: 'superseded', successor, drop: ['handle', 'handleAt'] }
}

/** Where the platform can, the old card disappears from the phone; where it cannot (any more), the newer message has to do. */
async function takeBack(services: Services, row: CardDoc): Promise<boolean> {
  const channel = row.platform ? services.channels.get(row.platform) : undefined
  if (!channel?.recall || !row.messageId) return false
  return channel.recall(row.messageId).then(
    () => true,
    (error: unknown) => {
      services.log.info({ code: asAppError(error).code, cardId: row._id }, 'an old card could not be taken back')
      return false
    },
  )
}

const nameOf = (card: Card): string => [card.kind, card.number, card.title].filter(Boolean).join(' ')

/** Words in the place of a card. They pass quiet hours: the old card lies as long as they have not come. */
async function sayInstead(services: Services, row: CardDoc, _id: string, text: string): Promise<void> {
  const message = { _id, to: { personId: row.personId }, text, urgency: 'urgent' as const, topic: 'card', subject: row.subject }
  await services.models.outbox.put([message], new Date(services.clock.now()))
  services.poke('outbox')
}
