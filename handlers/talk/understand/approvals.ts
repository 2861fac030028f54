import { cleanName, cleanText } from '../../../common/names.ts'
import type { PhraseReader, Ref } from './intent.ts'
import { readRef, takeRef } from './ref.ts'

/** More than the engine takes: what is too long is refused there, and never cut here without a word. */
const LONGEST_WORDS = 4000
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
  return { ...(ref && { ref }), words: cleanName(words, LONGEST_WORDS) }
}

const approve: PhraseReader = text => {
  const rest = afterVerb(text, /^(?:同意|批准|审批通过)(?:了|吧)?/)
  const read = rest === null ? null : refAndWords(rest)
  return read && { type: 'approval.approve', ...(read.ref && { ref: read.ref }), ...(read.words && { comment: read.words }) }
}

/** `完成 QC-2026-0001 已上架`; words alone (完成了今天的拜访) are about something else. */
const finish: PhraseReader = text => {
  const rest = afterVerb(text, /^(?:完成|办完|办理完成)(?:了)?/)
  const read = rest === null ? null : refAndWords(rest)
  if (!read || (read.words && !read.ref)) return null
  return { type: 'approval.finish', ...(read.ref && { ref: read.ref }), ...(read.words && { comment: read.words }) }
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

/** `退回 HT-… 资料不全`. */
const sendBack: PhraseReader = text => {
  const rest = afterVerb(text, /^(?:退回|打回)(?:了|吧|修改)?/)
  const read = rest === null ? null : refAndWords(rest)
  const reason = read?.words.replace(/^(?:理由|原因)(?:是|[:：])?\s*/, '')
  return read && { type: 'approval.return', ...(read.ref && { ref: read.ref }), ...(reason && { reason }) }
}

/** A verb with nothing but a reference behind it. */
const withRef = (text: string, verb: RegExp): { ref?: Ref } | null => {
  const rest = afterVerb(text, verb)
  if (rest === null) return null
  const { ref, rest: more } = takeRef(rest)
  return more === '' ? { ...(ref && { ref }) } : null
}

const resubmit: PhraseReader = text => {
  const read = withRef(text, /^重新提交(?:审批|申请)?/)
  return read && { type: 'approval.resubmit', ...read }
}

const retract: PhraseReader = text => {
  const read = withRef(text, /^(?:撤销|撤消|收回)(?:同意|拒绝|审批|我的审批)/)
  return read && { type: 'approval.retract', ...read }
}

const approveAll: PhraseReader = text =>
  /^(?:全部|都|批量|一键)(?:同意|批准|通过)(?:了|吧)?[\s。!！]*$/.test(text) ? { type: 'approval.approveAll' } : null

const PLACEMENTS = { 前: 'before', 后: 'after', 并: 'parallel' } as const

/** Names, and at most one reference among them; null when there are two. */
function refAndNames(rest: string): { ref?: Ref; people: string[] } | null {
  const words = rest.split(/[\s,，。、;；:：]+/).filter(word => word !== '' && word !== '给' && word !== '和')
  const refs = words.map(readRef).filter(ref => ref !== null)
  if (refs.length > 1) return null
  const people = words.filter(word => !readRef(word)).map(word => cleanName(word.replace(/^[@给]+/, ''), 30))
  return { ...(refs[0] && { ref: refs[0] }), people: [...new Set(people.filter(Boolean))] }
}

/** `加签 李明`, `后加签 HT-2026-0041 李明、王敏`. */
const addSign: PhraseReader = text => {
  const [, place, rest] = /^([前后并]?)加签(?:给|一下)?(?=$|[\s,，:：@]|[\u4e00-\u9fffa-zA-Z\d])([\s\S]*)$/.exec(text) ?? []
  const read = rest === undefined ? null : refAndNames(rest)
  const placement = place ? PLACEMENTS[place as keyof typeof PLACEMENTS] : 'before'
  return read && { type: 'approval.addSign', ...read, placement }
}

/** `抄送 HT-2026-0041 李明`, `抄送给李明`. */
const copy: PhraseReader = text => {
  const rest = /^抄送(?:给)?([\s\S]*)$/.exec(text)?.[1]
  const read = rest === undefined ? null : refAndNames(rest)
  return read && { type: 'approval.copy', ...read }
}

/** `评论 HT-2026-0041 附件请补盖章页 @李明`. */
const comment: PhraseReader = text => {
  const rest = afterVerb(text, /^评论(?:一下)?/)
  if (rest === null) return null
  const { ref, rest: words } = takeRef(rest)
  const said = cleanText(words, LONGEST_WORDS)
  const mentions = [...said.matchAll(/@([^\s@,，。、;；:：!！?？]{1,30})/g)].map(([, name = '']) => name)
  return { type: 'approval.comment', ...(ref && { ref }), ...(said && { text: said }), mentions: [...new Set(mentions)] }
}

const READERS: readonly PhraseReader[] = [
  approveAll,
  approve,
  finish,
  reject,
  transfer,
  urge,
  retract,
  withdraw,
  sendBack,
  resubmit,
  addSign,
  copy,
  comment,
]

/** 同意, 拒绝, 转交, 催一下, 撤回, 退回 …: words that act at once. */
export const readApproval: PhraseReader = text => {
  for (const read of READERS) {
    const intent = read(text)
    if (intent) return intent
  }
  return null
}
