import { cleanName } from '../../../common/names.ts'
import type { PhraseReader } from './intent.ts'

/** `建群 长安汽车`, `拉群 HT-2026-0041`, `给长安汽车建个群`. */
export const readSpace: PhraseReader = text => {
  if (text.length > 120 || text.includes('\n')) return null
  const named =
    /^(?:建|拉|开)(?:一个|个)?(?:协作)?群(?:聊)?(?![\u4e00-\u9fff]{0,2}(?:里|吗|了))([\s\S]*)$/.exec(text)?.[1] ??
    /^(?:给|为)([^,，。]{2,60}?)(?:建|拉|开)(?:一个|个)?(?:协作)?群$/.exec(text)?.[1]
  if (named === undefined) return null
  const about = cleanName(named.replace(/^[\s:：,，]+|[\s。!！]+$/g, ''), 60)
  return about === '' ? { type: 'space.open' } : { type: 'space.open', about }
}
