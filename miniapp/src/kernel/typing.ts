/** What an input shows after a key stroke, and where the caret stands. */
export interface Typed {
  text: string
  caret: number
}

/** Puts the caret behind as many kept characters as stood before it. */
function caretBehind(text: string, kept: number, isKept: (char: string) => boolean): number {
  let seen = 0
  for (let index = 0; index < text.length; index++) {
    if (seen === kept) return index
    if (isKept(text.charAt(index))) seen++
  }
  return text.length
}

const countKept = (text: string, isKept: (char: string) => boolean) => Array.from(text).filter(isKept).length

const isDigit = (char: string) => char >= '0' && char <= '9'

/** Mobile numbers in groups of 3-4-4 while typing. Landlines, extensions and foreign prefixes stay as they are typed. */
export function typePhone(text: string, caret: number): Typed {
  const digits = text.replace(/[\s-]/g, '')
  if (!/^1\d{0,10}$/.test(digits)) return { text, caret }
  const grouped = [digits.slice(0, 3), digits.slice(3, 7), digits.slice(7)].filter(Boolean).join(' ')
  return { text: grouped, caret: caretBehind(grouped, countKept(text.slice(0, caret), isDigit), isDigit) }
}

/** Thousands while typing plain figures; `80万` and other words stay as they are typed. */
export function typeAmount(text: string, caret: number): Typed {
  const plain = text.replace(/,/g, '')
  if (!/^\d{1,15}(\.\d*)?$/.test(plain)) return { text, caret }
  const [whole = '', ...rest] = plain.split('.')
  const grouped = [whole.replace(/\B(?=(\d{3})+$)/g, ','), ...rest].join('.')
  const isKept = (char: string) => char !== ','
  return { text: grouped, caret: caretBehind(grouped, countKept(text.slice(0, caret), isKept), isKept) }
}
