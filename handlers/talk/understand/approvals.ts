import { cleanName } from '../../../common/names.ts'
import type { PhraseReader, Ref } from './intent.ts'
import { readRef, takeRef } from './ref.ts'

const LONGEST_REASON = 500
const BREAK = /^[\s,，。、;；:：!！]/

/**
 * What follows the verb, when the verb is a word of its own: `同意`, `同意 …`, `同意,…`, `同意2`, `同意HT-…`. A sentence that merely begins
 * with it (同意书怎么写) is not a decision, for decisions by word act at once.
 */
function afterVerb(text: string, verb: RegExp): string | null {
  const said = verb.exec(text)?.[0]
  if (said === undefined) return null
  const rest = text.slice(said.length)
  const word = /^[^\s,，。、;；:：]*/.exec(rest)?.[0] ?? ''
  return rest === '' || BREAK.test(rest) || readRef(word) ? rest.replace(/^[\s,，。、;；:：!！]+/, '') : null
}

/** Reference and words. Two references in one breath are not guessed at: null. */
function refAndWords(rest: string): { ref?: Ref; words: string } | null {
  const { ref, rest: words } = takeRef(rest)
  if (ref && takeRef(words).ref) return null
  return { ...(ref && { ref }), words: cleanName(words, LONGEST_REASON) }
}

const approve: PhraseReader = text => {
  const rest = afterVerb(text, /^(?:同意|批准|审批通过)(?:了|吧)?/)
  const read = rest === null ? null : refAndWords(rest)
  return read && { type: 'approval.approve', ...(read.ref && { ref: read.ref }), ...(read.words && { comment: read.words }) }
}

const reject: PhraseReader = text => {
  const rest = afterVerb(text, /^(?:拒绝|驳回|不同意|不批准)(?:了|吧)?/)
  const read = rest === null ? null : refAndWords(rest)
  const reason = read?.words.replace(/^(?:理由|原因)(?:是|[:：])?\s*/, '')
  return read && { type: 'approval.reject', ...(read.ref && { ref: read.ref }), ...(reason && { reason }) }
}

/** `转交 李明`, `转交2 李明`, `转交 李明 HT-2026-0041`, `转交给@李明`, `把 HT-2026-0041 转交给李明`. */
const transfer: PhraseReader = text => {
  const match = /^(?:把\s*(\S{1,30}?)\s*)?(?:转交|转办|转给)(?:给|到)?([\s\S]*)$/.exec(text)
  if (!match) return null
  const words = (match[2] ?? '').split(/[\s,，。、;；:：]+/).filter(word => word !== '' && word !== '给')
  const refs = [match[1] ?? '', ...words].map(readRef).filter(ref => ref !== null)
  const names = words.filter(word => !readRef(word))
  if (refs.length > 1) return null
  const to = cleanName((names[0] ?? '').replace(/^[@给]+/, ''), 30)
  return { type: 'approval.transfer', ...(refs[0] && { ref: refs[0] }), ...(to && { to }) }
}

const urge: PhraseReader = text => {
  const match = /^(?:催一下|催一催|催催|催办|催审批|催)(?:审批|进度)?(?=$|[\s,，。]|[a-zA-Z\d#第])([\s\S]*)$/.exec(text)
  if (!match) return null
  const { ref } = takeRef((match[1] ?? '').replace(/^[\s,，。]+/, ''))
  return { type: 'approval.urge', ...(ref && { ref }) }
}

/** Nothing but a reference may follow: 撤回刚才那句话 is about something else. */
const withdraw: PhraseReader = text => {
  const rest = /^撤回(?:审批|合同|申请)?(?:吧|一下)?(?![\u4e00-\u7b2b\u7b2d-\u9fff])([\s\S]*)$/.exec(text)?.[1]
  if (rest === undefined) return null
  const { ref, rest: more } = takeRef(rest.replace(/^[\s,，。!！]+/, ''))
  return more === '' ? { type: 'approval.withdraw', ...(ref && { ref }) } : null
}

/** 同意, 拒绝, 转交, 催一下, 撤回: words that act at once. */
export const readApproval: PhraseReader = text => {
  return approve(text) ?? reject(text) ?? transfer(text) ?? urge(text) ?? withdraw(text)
}
