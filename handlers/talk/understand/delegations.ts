import { cleanName } from '../../../common/names.ts'
import type { DayWord, PhraseReader } from './intent.ts'
import { halfWidth } from './text.ts'

const WEEK = '一二三四五六日'
const NEAR: Readonly<Record<string, number>> = { 前天: -2, 昨天: -1, 今天: 0, 今日: 0, 明天: 1, 明日: 1, 后天: 2, 大后天: 3 }
/** Longer absences are given by date. */
const LONGEST_DAYS = 366

const DAY =
  '(?:前天|昨天|今天|今日|明天|明日|大后天|后天|月底|月末|(?:本|这|下下|下)?(?:个)?(?:周|星期|礼拜)[一二三四五六日天]|(?:\\d{4}[-年/.])?\\d{1,2}[-月/.]\\d{1,2}[日号]?)'

/** `周五`, `下周五`, `明天`, `月底`, `11-30`, `11月30日`, `2026-11-30`; null for anything else. */
export function readDayWord(text: string): DayWord | null {
  if (Object.hasOwn(NEAR, text)) return { kind: 'offset', days: NEAR[text] ?? 0 }
  if (/^月[底末]$/.test(text)) return { kind: 'monthEnd' }
  const week = /^(本|这|下下|下)?个?(?:周|星期|礼拜)([一二三四五六日天])$/.exec(text)
  if (week) {
    const weekday = WEEK.indexOf(week[2] === '天' ? '日' : (week[2] ?? '')) + 1
    const ahead = { 本: 0, 这: 0, 下: 1, 下下: 2 }[week[1] ?? '']
    return { kind: 'weekday', weekday, ...(ahead !== undefined && { weeksAhead: ahead }) }
  }
  const date = /^(?:(\d{4})[-年/.])?(\d{1,2})[-月/.](\d{1,2})[日号]?$/.exec(text)
  if (!date) return null
  const [month, day] = [Number(date[2]), Number(date[3])]
  if (month < 1 || month > 12 || day < 1 || day > 31) return null
  return { kind: 'date', month, day, ...(date[1] && { year: Number(date[1]) }) }
}

const SPAN = new RegExp(
  `^([\\s\\S]*?)[\\s,，]*(?:从?(${DAY})(?:开始|起)?[\\s,，]*)?(?:到|至|直到|-|~)\\s*(${DAY})(?:为止|止)?[。!！]?$`,
)
const COUNT = new RegExp(
  `^([\\s\\S]*?)[\\s,，]*(?:从?(${DAY})(?:开始|起)[\\s,，]*)?(\\d{1,3}|[一两二三四五六七八九十])\\s*(?:天|日)[。!！]?$`,
)
const NUMBERS = '一二三四五六七八九十'

const personOf = (text: string): string =>
  cleanName(text.replace(/^(?:给|由|@)+/, '').replace(/(?:代|替|帮)(?:我|为)?(?:审批|处理)?$/, ''), 30)

/** `委托 李明 到 周五`, `委托李明 从明天到11-30`, `委托 李明 3天`, `委托 李明` (until when?). */
function readSet(text: string): ReturnType<PhraseReader> {
  const rest = /^委托(?!书|方|人|代理|合同|协议|加工|函)[\s:,，]*([\s\S]*)$/.exec(text)?.[1]
  if (rest === undefined) return null
  const said = halfWidth(rest)
  const span = SPAN.exec(said)
  if (span) {
    const [to, from, until] = [personOf(span[1] ?? ''), readDayWord(span[2] ?? ''), readDayWord(span[3] ?? '')]
    if (until) return { type: 'delegation.set', ...(to && { to }), ...(from && { from }), until }
  }
  const count = COUNT.exec(said)
  if (count) {
    const word = count[3] ?? ''
    const days = Number(word) || NUMBERS.indexOf(word.replace('两', '二')) + 1
    const from = readDayWord(count[2] ?? '')
    const to = personOf(count[1] ?? '')
    if (to && days >= 1 && days <= LONGEST_DAYS) return { type: 'delegation.set', to, ...(from && { from }), days }
  }
  // A whole sentence that begins with 委托 is about something else.
  if (/\s\S+\s/.test(said) || said.length > 12) return null
  const to = personOf(said)
  return { type: 'delegation.set', ...(to && { to }) }
}

/** Standing in for somebody who is away: 委托 李明 到 周五, 取消委托, 我的委托. */
export const readDelegation: PhraseReader = text => {
  if (/^(?:取消|结束|撤销|停止)(?:我的)?委托[。!！]?$/.test(text)) return { type: 'delegation.end' }
  if (/^(?:查看)?我的委托[。!！]?$/.test(text)) return { type: 'delegation.list' }
  return readSet(text)
}
