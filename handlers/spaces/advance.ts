import { asAppError, PlatformRefused } from '../../common/errors.ts'
import { deriveId, randomId } from '../../common/ids.ts'
import type { SpaceDoc } from '../../models/spaces/index.ts'
import type { Services } from '../kernel/services.ts'
import { spaceCard } from './card.ts'

const LEASE_MS = 60_000
const MOST_AT_ONCE = 20
const MAX_ATTEMPTS = 6

/**
 * Bring a wished-for group into being: make it, then send its first card. Each step is repeatable (the platform knows the wish by its id) and
 * remembered; whatever a crash or an absent platform left undone is taken up again.
 */
export async function advanceSpace(services: Services, spaceId: string): Promise<void> {
  const { spaces } = services.models
  const space = await spaces.claim(spaceId, randomId(), LEASE_MS)
  if (!space) return
  try {
    await stepOn(services, space)
  } catch (error) {
    await putOff(services, space, error)
  }
}

/** Everything that is left undone. */
export async function advanceSpaces(services: Services): Promise<void> {
  const waiting = await services.models.spaces.unfinished(new Date(services.clock.now()), MOST_AT_ONCE)
  for (const { _id } of waiting) await advanceSpace(services, _id)
}

async function stepOn(services: Services, space: SpaceDoc): Promise<void> {
  const { spaces } = services.models
  const groups = services.groups.get(space.platform)
  if (!groups) throw new PlatformRefused('space.no_groups', '这个平台没有开通建群。')
  let { groupId } = space
  if (groupId === undefined) {
    const { name, ownerUserId, memberUserIds, requestId } = space
    groupId = (await groups.createGroup({ name, ownerId: ownerUserId, memberIds: memberUserIds, requestId })).groupId
    if (!(await spaces.advance(space, { groupId, status: 'greeting' }))) return
  }
  await groups.sendToGroup(groupId, {
    card: await spaceCard(services, space),
    cardId: deriveId('space-card', space._id, groupId),
  })
  await spaces.finish(space, { status: 'open' })
}

async function putOff(services: Services, space: SpaceDoc, thrown: unknown): Promise<void> {
  const { spaces, outbox } = services.models
  const failure = asAppError(thrown)
  const error = { code: failure.code, message: failure.message }
  const attempts = space.attempts + 1
  services.log.warn({ code: failure.code, spaceId: space._id, attempts }, 'a space is not open yet')
  const isFinal = (thrown instanceof PlatformRefused && !thrown.retryable) || attempts >= MAX_ATTEMPTS
  const nextAt = new Date(services.clock.now() + 1_000 * 2 ** attempts)
  await spaces.finish(space, isFinal ? { status: 'failed', attempts, error } : { attempts, error, nextAt })
  if (!isFinal) return
  const text = `协作群没有建成:${space.name}。${failure.message}(${failure.code})`
  const message = {
    _id: deriveId('space-failed', space.requestId),
    to: { personId: space.openedById },
    text,
    urgency: 'reply' as const,
  }
  await outbox.put([message], new Date(services.clock.now()))
  services.poke('outbox')
}
