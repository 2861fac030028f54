import type { InboundEvent } from '../../common/inbound.ts'
import { cleanName } from '../../common/names.ts'
import { type Reply, say } from '../kernel/reply.ts'
import type { Turn } from '../kernel/turn.ts'
import type { DraftKinds } from './draft-kinds.ts'
import { answerDraft } from './drafts.ts'

type Said = Extract<InboundEvent, { type: 'location' | 'link' }>

const LONGEST_WORDS = 200

/** A place or a link answers the question that is open; else we say how it gets into a follow-up. */
export async function hearOther(turn: Turn, kinds: DraftKinds, event: Said): Promise<Reply> {
  const isPlace = event.type === 'location'
  const said = isPlace ? event.label || `${event.latitude},${event.longitude}` : `${event.title} ${event.url}`
  const words = cleanName(said, LONGEST_WORDS)
  const answered = await answerDraft(turn, kinds, words)
  if (answered) return answered
  return say(
    isPlace
      ? `收到位置:${words}\n要记为拜访,请发送:写跟进 客户名 到访 ${words}`
      : `收到链接:${words}\n要记到客户名下,请发送:写跟进 客户名 ${words}`,
  )
}
