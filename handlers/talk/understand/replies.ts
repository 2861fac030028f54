import type { Intent, PhraseReader } from './intent.ts'
import { readIndex } from './ref.ts'
import { halfWidth } from './text.ts'

const REPLIES: readonly [RegExp, Intent][] = [
  [/^(?:确认|确定|是|是的|对|对的|好|好的|好呀|行|可以|没错|没问题|嗯|ok|okay|yes|y)$/i, { type: 'reply.confirm' }],
  [/^(?:取消|算了|不要了|不用了|放弃|否|不|不是|不对|no|n)$/i, { type: 'reply.cancel' }],
  [/^(?:修改|改一下|编辑|我要修改)$/, { type: 'reply.amend' }],
  [/^(?:仍然创建|仍要创建|仍然新建|继续创建|还是要创建)$/, { type: 'reply.proceed' }],
]

/** Whole-message answers to what the bot asked: 确认, 取消, 修改, 仍然创建, `2`, `第2个`. */
export const readReply: PhraseReader = text => {
  if (text.length > 16) return null
  const said = halfWidth(text).replace(/[\s。.!~]+$/, '')
  const reply = REPLIES.find(([pattern]) => pattern.test(said))?.[1]
  if (reply) return reply
  const place = /^(?:我?选择?|回复)?\s*["“「]?(第?)(\d{1,2}|[一二三四五六七八九十两]{1,3})(?:个|条|家|项|位|号)?["”」]?$/.exec(
    said,
  )
  const index = readIndex(place?.[2] ?? '')
  return index === null ? null : { type: 'reply.pick', index }
}
