import type { Ref } from './intent.ts'
import { halfWidth } from './text.ts'

const CHINESE = '一二三四五六七八九'

/** 1–99 from `2`, `二`, `十二`, `二十`; null for anything else. */
export function readIndex(text: string): number | null {
  if (/^[1-9]\d?$/.test(text)) return Number(text)
  const match = /^([一二三四五六七八九])?(十)?([一二三四五六七八九])?$/.exec(text.replace('两', '二'))
  if (!match || text === '') return null
  const [, first, ten, last] = match
  if (!ten) return first && !last ? CHINESE.indexOf(first) + 1 : null
  return (first ? CHINESE.indexOf(first) + 1 : 1) * 10 + (last ? CHINESE.indexOf(last) + 1 : 0)
}

const PRINTED = /^([a-z]{1,4})-?(\d{4})-?(\d{3,8})$/i

/**
 * One word as a reference: `HT-2026-0041` (any case, full width, without dashes), `2`, `#2`, `第二个`; null when it is none.
 * Other digits (`0041`) count as a number, so that nothing is ever taken for the wrong case.
 */
export function readRef(word: string): Ref | null {
  const key = halfWidth(word)
    .replace(/[‐‑–—−]/g, '-')
    .replace(/^#/, '')
  const printed = PRINTED.exec(key)
  if (printed) return { kind: 'number', number: `${printed[1]}-${printed[2]}-${printed[3]}`.toUpperCase() }
  const place = /^第([\d一二三四五六七八九十两]{1,3})(?:个|条|份|项|单|笔|张)?$/.exec(key)?.[1] ?? (/^\d+$/.test(key) ? key : '')
  const index = readIndex(place)
  if (index !== null) return { kind: 'place', index }
  return /^(?:\d{1,20}|[a-z]{1,4}-?\d[\d-]{0,20})$/i.test(key) ? { kind: 'number', number: key.toUpperCase() } : null
}

/** A reference at the head of `text`, and what follows it. */
export function takeRef(text: string): { ref?: Ref; rest: string } {
  const [, word = '', rest = ''] =
    /^([^\s,\uff0c。、;\uff1b:\uff1a]*)[\s,\uff0c。、;\uff1b:\uff1a]*([\s\S]*)$/.exec(text.trim()) ?? []
  const ref = readRef(word)
  return ref ? { ref, rest: rest.trim() } : { rest: text.trim() }
}
