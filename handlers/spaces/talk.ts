import type { SpaceOpened, SpaceSubject } from '../../common/contract/spaces.ts'
import { execute } from '../kernel/execute.ts'
import { type Reply, say } from '../kernel/reply.ts'
import type { Turn } from '../kernel/turn.ts'
import { advanceSpace } from './advance.ts'
import { openSpace } from './open.ts'

const CONTRACT_NUMBER = /^[A-Z]{1,4}-?\d{4}-?\d{1,8}$/i

/** 建群 <客户> */
export const openSpaceByWord = (turn: Turn, customer: { _id: string }): Promise<Reply> => open(turn, 'customer', customer._id)

/** 建群 HT-2026-0041: null when no case has this number. */
export async function openContractSpaceByWord(turn: Turn, said: string): Promise<Reply | null> {
  if (!CONTRACT_NUMBER.test(said)) return null
  const found = await turn.services.models.cases.byNumber(said.toUpperCase())
  const contractId = /^contract:(.+)$/.exec(found?.subject ?? '')?.[1]
  return contractId === undefined ? null : open(turn, 'contract', contractId)
}

async function open(turn: Turn, subject: SpaceSubject, id: string): Promise<Reply> {
  const call = { actor: turn.viewer, commandId: turn.id('space'), via: turn.event.platform, surface: 'chat' } as const
  const opened = await execute(turn.services, openSpace, { subject, id }, call)
  await advanceSpace(turn.services, opened.spaceId)
  const space = await turn.services.models.spaces.byId(opened.spaceId)
  // Why it failed is told by a message of its own.
  if (space?.status === 'failed') return {}
  return say(words(opened, space?.status === 'open'))
}

const words = ({ name, platform, memberNames, leftOutNames }: SpaceOpened, isOpen: boolean): string =>
  [
    isOpen ? `已在${platform}建群:${name}` : `正在${platform}建群:${name},稍后就好。`,
    `成员 ${memberNames.length} 人:${memberNames.join('、')}`,
    ...(leftOutNames.length > 0 ? [`不在${platform}上、没有加入:${leftOutNames.join('、')}`] : []),
  ].join('\n')
