import { cleanName } from '../../../common/names.ts'
import type { PhraseReader } from './intent.ts'

const LONGEST = 200

/** `发起`, `发起 项目报备 长安汽车`, `发起申请`. Which kinds there are is data, so the words are left as they are. */
export const readRequest: PhraseReader = text => {
  const rest = /^(?:我要|我想)?发起(?:申请|审批|流程)?(?=$|[\s:：,，]|[\u4e00-\u9fffa-zA-Z])([\s\S]*)$/.exec(text)?.[1]
  return rest === undefined ? null : { type: 'request.new', words: cleanName(rest.replace(/^[\s:：,，]+/, ''), LONGEST) }
}
