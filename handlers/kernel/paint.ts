import { type Card, hasCallback } from '../../cards/model.ts'
import { AppError, asAppError, PlatformRefused, PlatformUnreachable } from '../../common/errors.ts'
import { deriveId, sha256 } from '../../common/ids.ts'
import type { Viewer } from '../../engine/policy/index.ts'
import type { CardDoc } from '../../models/kernel/card-ledger.ts'
import type { PersonDoc } from '../../models/people/index.ts'
import type { CardTemplates } from './card-template.ts'
import { insist } from './insist.ts'
import type { Channel } from './ports.ts'
import type { Services } from './services.ts'

const MAX_ATTEMPTS = 5

export const faceOf = (card: Card): string => sha256(JSON.stringify(card)).slice(0, 32)

const backoffMs = (attempts: number): number => Math.min(60_000, 1_000 * 2 ** attempts)

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

/**
 * Bring one card up to what is wanted: send it, repaint it, or say in a newer message that it can no longer be repainted. Called by
 * the one worker that holds the card's lease.
 */
export async function paint(services: Services, templates: CardTemplates, row: CardDoc, leaseBy: string): Promise<void> {
  const { cards } = services.models
  const painted = await paintOnce(services, templates, row).catch((error: unknown) =>
    recordFailure(services, row, leaseBy, error),
  )
  if (!painted) return
  const { drop, later, ...set } = painted
  if (later) await cards.failed(row._id, leaseBy, { nextAt: later, attempts: row.attempts - 1 }, new Date())
  else await insist(() => cards.painted(row._id, leaseBy, row.wanted, set, new Date(), drop))
}

/** What the platform surely did not take is tried again; what it may have taken is `unknown` where a repetition would be a second card. */
async function recordFailure(services: Services, row: CardDoc, leaseBy: string, error: unknown): Promise<null> {
  const { cards } = services.models
  const failure = asAppError(error)
  const trouble = { code: failure.code, message: failure.message }
  services.log.warn(
    { code: failure.code, cardId: row._id, attempts: row.attempts, err: error instanceof Error ? error.message : '' },
    'a card was not painted',
  )
  const unsent = row.status === 'new' || row.status === 'sending'
  const lost = unsent && error instanceof PlatformUnreachable && error.applied === 'unknown'
  const refused = error instanceof PlatformRefused
  const retryable = refused ? error.retryable : failure.status >= 500
  // Only an answer of the platform proves that the card did not go out; any other failure leaves that open.
  const surelyUnsent = unsent && (refused || (error instanceof PlatformUnreachable && error.applied === 'no'))
  if (lost && !canRepeatSend(services, (await cards.find(row._id))?.platform)) {
    await cards.failed(row._id, leaseBy, { status: 'unknown', due: false, error: trouble }, new Date())
  } else if (retryable && row.attempts < MAX_ATTEMPTS) {
    const nextAt = new Date(services.clock.now() + backoffMs(row.attempts))
    await cards.failed(row._id, leaseBy, { ...(surelyUnsent && { status: 'new' }), error: trouble, nextAt }, new Date())
  } else {
    await cards.failed(row._id, leaseBy, { status: 'dead', due: false, error: trouble }, new Date())
  }
  return null
}

/** A platform that knows our card id takes the same card only once. */
const canRepeatSend = (services: Services, platform: string | undefined): boolean =>
  platform !== undefined && services.channels.get(platform)?.abilities.cardUpdate === 'always'

/** `later`: too many messages to this person in the last minute. */
type Painted = Partial<CardDoc> & { drop?: (keyof CardDoc)[]; later?: Date }

async function paintOnce(services: Services, templates: CardTemplates, row: CardDoc): Promise<Painted> {
  const template = templates.get(row.template)
  const organisation = await services.organisation.current()
  const person = await services.models.people.byId(row.personId)
  if (!template || !person) throw new AppError('card.orphan', '卡片的模板或收件人已不存在。', { status: 400 })
  const card = await template.present(services, row.params, organisation.viewer(person._id))
  const face = faceOf(card)

  if (row.status === 'new' || row.status === 'sending') {
    const account = chooseAccount(services, row, person)
    const channel = account && services.channels.get(account.platform)
    if (!account || !channel) throw new AppError('person.no_channel', '收件人没有可用的账号。', { status: 400 })
    if (row.status === 'sending' && !canRepeatSend(services, account.platform)) {
      throw new PlatformUnreachable('上次发送的结果未知,未重复发送', { applied: 'unknown' })
    }
    const now = services.clock.now()
    const waitMs = services.governor.take(
      `${account.platform}:${account.userId}`,
      'reply',
      channel.abilities.perPersonPerMinute,
      now,
    )
    if (waitMs > 0) return { later: new Date(now + waitMs) }
    await services.models.cards.sendingTo(row._id, account)
    const receipt = await channel.sendCard({ kind: 'person', userId: account.userId }, card, {
      cardId: row._id,
      ...(row.replyTo?.platform === account.platform && { replyTo: row.replyTo.token }),
    })
    const at = new Date(services.clock.now())
    if (receipt.notReached) throw new AppError('card.not_reached', '平台没有送达这张卡片。', { status: 400 })
    return {
      ...account,
      status: 'shown',
      face,
      open: hasCallback(card),
      sentAt: at,
      ...(receipt.handle && { handle: receipt.handle, handleAt: at }),
    }
  }
  if (row.face === face) return {}
  return repaint(services, row, card, face)
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

async function repaint(services: Services, row: CardDoc, card: Card, face: string): Promise<Painted> {
  const channel = row.platform ? services.channels.get(row.platform) : undefined
  if (!channel || !row.userId) return supersede(services, row, card, face)
  const to = { kind: 'person', userId: row.userId } as const
  if (channel.abilities.cardUpdate === 'always' && row.status === 'shown') {
    await channel.updateCard(to, card, { cardId: row._id, ...(row.handle && { handle: row.handle }) })
    return { face, open: hasCallback(card) }
  }
  if (channel.abilities.cardUpdate === 'once' && row.status === 'shown' && row.handle)
    return spendHandle(services, channel, row, card, face)
  return supersede(services, row, card, face)
}

/** One code, one repaint: it is kept for the face without decisions. */
async function spendHandle(services: Services, channel: Channel, row: CardDoc, card: Card, face: string): Promise<Painted> {
  if (hasCallback(card)) return {}
  try {
    await channel.updateCard({ kind: 'person', userId: row.userId ?? '' }, card, {
      cardId: row._id,
      ...(row.handle && { handle: row.handle }),
    })
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
  const at = new Date(services.clock.now())
  const name = [card.kind, card.number].filter(Boolean).join(' ')
  await services.models.outbox.put(
    [
      {
        _id: deriveId('supersede', row._id, face),
        to: { personId: row.personId },
        text: `上一张卡片(${name} ${card.title})已失效。最新状态:${card.note ?? card.status}${card.link ? `\n${card.link}` : ''}`,
        urgency: 'notice',
      },
    ],
    at,
  )
  services.poke('outbox')
  return { face, open: false, status: 'superseded', drop: ['handle', 'handleAt'] }
}
