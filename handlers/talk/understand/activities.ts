import { cleanName, cleanText } from '../../../common/names.ts'
import type { PhraseReader } from './intent.ts'

const LONGEST_NOTE = 2000
/** A single word up to this long is taken for the customer, a longer one for the note. */
const LONGEST_LONE_NAME = 14

/** `写跟进 <客户> <内容>`: the first word is the customer, the rest the note, line breaks kept. */
export const readActivity: PhraseReader = text => {
  const said =
    /^(?:(?:写|记|记录|新建|添加|新增|录|加)(?:一?[条下个笔])?跟进(?:记录)?|跟进(?=[\s:：]))[\s:：,，]*([\s\S]*)$/.exec(text)?.[1]
  if (said === undefined) return null
  const [, first = '', more = ''] = /^(?:客户[:：]\s*)?([^\s,，。:：;；]*)[\s,，。:：;；]*([\s\S]*)$/.exec(said) ?? []
  const isLoneNote = more === '' && first.length > LONGEST_LONE_NAME
  const customer = isLoneNote ? '' : cleanName(first, 60)
  const note = cleanText(isLoneNote ? first : more.replace(/^内容[:：]\s*/, ''), LONGEST_NOTE)
  return { type: 'activity.write', ...(customer && { customer }), ...(note && { text: note }) }
}
