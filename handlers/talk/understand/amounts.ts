import { type ParsedAmount, parseAmount } from '../../../common/money.ts'
import { halfWidth } from './text.ts'

const ABOUT = /^(?:大概|大约|大致|约|差不多|估计|在|是|为|有|[:=~\s])+/
const OR_SO = /(?:左右|上下|以内|之内|不到|吧|的样子|[。!~\s])+$/
const UNDECIDED = /^(?:待定|未定|未知|不详|不清楚|不知道|没有|无|暂无|还没定|保密)$/

/** An amount as spoken, without 大概 and 左右. `none`: the person says that there is none yet. */
export function readSpokenAmount(text: string): ParsedAmount | 'none' {
  const value = halfWidth(text).slice(0, 100).replace(ABOUT, '').replace(OR_SO, '')
  return value === '' || UNDECIDED.test(value) ? 'none' : parseAmount(value)
}

/** Is this word meant as an amount, readable or not? `62万`, `-5`, `1e9`, `九十九亿亿`, `¥620000`. */
export function isAmountLike(word: string): boolean {
  const key = word.replace(/ /g, '')
  return /^(?:人民币|rmb|¥)?[-−–+负]?[\d零〇一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾佰仟](?:[\d.,e^+\-零〇一二三四五六七八九十百千万亿两点壹贰叁肆伍陆柒捌玖拾佰仟元圆块角分整wk]|块钱){0,60}$/i.test(
    key,
  )
}

/** Does the word say that it is money: a unit, a currency, thousands or cents? `62万`, `¥5`, `800,000`, `3.50`. */
export function isPlainlyMoney(key: string): boolean {
  return isAmountLike(key) && /[万亿元圆块¥角分]|rmb|人民币|\d,\d|\d\.\d|\d[wk]$/i.test(key)
}
