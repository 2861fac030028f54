/** Why a written amount is refused. Stable: the wording beside it may change, the code does not. */
export type AmountProblem =
  | 'amount.not_positive'
  | 'amount.exponent'
  | 'amount.too_many_decimals'
  | 'amount.too_large'
  | 'amount.unreadable'

/** `minor` is a positive safe integer of 分. `message` is a Chinese sentence for the person who wrote the amount. */
export type ParsedAmount = { ok: true; minor: number } | { ok: false; code: AmountProblem; message: string }

/** An exact number of 元: `digits` ÷ 10^`decimals`. */
interface Exact {
  digits: bigint
  decimals: number
}

const MAX_LENGTH = 64
const MESSAGES: Record<AmountProblem, string> = {
  'amount.not_positive': '金额要大于 0,例如 80万。',
  'amount.exponent': '金额请直接写数字,不用科学计数法,例如 80万 或 800,000.00。',
  'amount.too_many_decimals': '金额最多到分(两位小数),例如 800,000.50。',
  'amount.too_large': '这个金额太大,系统记不下,请核对一下。',
  'amount.unreadable': '没看懂这个金额,请写成 80万 或 800,000.00 这样。',
}

const CHARACTERS: Record<string, string> = {
  〇: '零',
  壹: '一',
  贰: '二',
  貳: '二',
  两: '二',
  兩: '二',
  叁: '三',
  叄: '三',
  肆: '四',
  伍: '五',
  陆: '六',
  陸: '六',
  柒: '七',
  捌: '八',
  玖: '九',
  拾: '十',
  佰: '百',
  仟: '千',
  萬: '万',
  億: '亿',
  圆: '元',
  圓: '元',
  正: '整',
  '−': '-',
  '﹣': '-',
  '—': '-',
  '–': '-',
}
const DIGITS = '零一二三四五六七八九'
const CURRENCY = /^(?:人民币|rmb|cny|¥)/
const SMALL =
  /^(?:(\d+(?:\.\d+)?|[一二三四五六七八九])千)?零?(?:(\d+(?:\.\d+)?|[一二三四五六七八九])百)?零?(?:(\d+(?:\.\d+)?|[一二三四五六七八九])?(十))?零?([1-9]|[一二三四五六七八九])?$/

const no = (code: AmountProblem): ParsedAmount => ({ ok: false, code, message: MESSAGES[code] })
const whole = (digits: bigint): Exact => ({ digits, decimals: 0 })
const digitOf = (char: string): bigint => BigInt(DIGITS.includes(char) ? DIGITS.indexOf(char) : char)
const times = (value: Exact, factor: bigint): Exact => ({ digits: value.digits * factor, decimals: value.decimals })

function plus(a: Exact, b: Exact): Exact {
  const decimals = Math.max(a.decimals, b.decimals)
  const scale = (value: Exact) => value.digits * 10n ** BigInt(decimals - value.decimals)
  return { digits: scale(a) + scale(b), decimals }
}

function readDecimal(text: string): Exact | null {
  const match = /^(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?$/.exec(text)
  if (!match) return null
  const fraction = match[2] ?? ''
  return { digits: BigInt((match[1] ?? '').replaceAll(',', '') + fraction), decimals: fraction.length }
}

/** Below 万: `80.5`, `1,200`, `八十`, `三千零五`, `5千`, `一点二`. `loose` also takes the spoken `三千五` for 3,500. */
function readSmall(text: string, loose: boolean): Exact | null {
  const decimal = readDecimal(text)
  if (decimal) return decimal
  if (text === '零') return whole(0n)
  const [before = '', after, ...more] = text.split('点')
  if (after !== undefined) {
    const head = more.length === 0 && /^[零一二三四五六七八九]+$/.test(after) ? readSmall(before, false) : null
    if (head?.decimals !== 0) return null
    return plus(head, { digits: BigInt([...after].map(digitOf).join('')), decimals: after.length })
  }
  const match = SMALL.exec(text)
  if (!match || text === '' || text.endsWith('零')) return null
  const [, thousands, hundreds, tens = match[4] && '一', , ones] = match
  const pairs = [
    [thousands, 1000n],
    [hundreds, 100n],
    [tens, 10n],
  ] as const
  const given = pairs.filter(([count]) => count !== undefined)
  const spoken = /([千百])[^零]$/.exec(text)?.[1]
  const hasSpokenTail = spoken !== undefined && ones !== undefined
  if (hasSpokenTail && !loose) return null
  if ((given.length > 1 || ones !== undefined) && given.some(([count]) => (count ?? '').length > 1)) return null
  const last = ones === undefined ? 0n : digitOf(ones) * (hasSpokenTail ? (spoken === '千' ? 100n : 10n) : 1n)
  return given.reduce((sum, [count = '', unit]) => {
    return plus(sum, times(readDecimal(count) ?? whole(digitOf(count)), unit))
  }, whole(last))
}

/** `<head><unit><tail>`, where the tail stays below the unit; without the unit, whatever `inner` reads. */
function readAround(text: string, unit: string, worth: bigint, loose: boolean, inner: typeof readSmall): Exact | null {
  const [before = '', after, ...more] = text.split(unit)
  if (after === undefined) return inner(text, loose)
  const head = more.length === 0 ? inner(before, false) : null
  if (!head || after === '') return head && times(head, worth)
  const isSpokenTail = /^[1-9一二三四五六七八九]$/.test(after)
  if (isSpokenTail && !loose) return null
  const tail = isSpokenTail ? whole((digitOf(after) * worth) / 10n) : inner(after.replace(/^零/, ''), loose)
  if (!tail || head.decimals > 0 || tail.digits >= worth * 10n ** BigInt(tail.decimals)) return null
  return plus(times(head, worth), tail)
}

const readWan: typeof readSmall = (text, loose) => readAround(text, '万', 10_000n, loose, readSmall)
const readYi: typeof readSmall = (text, loose) => readAround(text, '亿', 100_000_000n, loose, readWan)

function readYuan(text: string): Exact | null {
  const match = /^([^元块角分整]*)(元|块钱|块)?零?(?:([1-9一二三四五六七八九])角)?零?(?:([1-9一二三四五六七八九])分)?整?$/.exec(
    text,
  )
  if (!match) return null
  const [, before = '', unit, jiao, fen] = match
  const coins = { digits: (jiao ? digitOf(jiao) * 10n : 0n) + (fen ? digitOf(fen) : 0n), decimals: 2 }
  if (jiao === undefined && fen === undefined) return readYi(before, unit === undefined)
  if (before === '' && unit === undefined) return coins
  const yuan = unit === undefined ? null : readYi(before, false)
  return yuan?.decimals === 0 ? plus(yuan, coins) : null
}

/**
 * Read an amount of 元 as people write it: `80万`, `八十万`, `80.5 万元`, `1.2亿`, `800,000.00`, `¥620000`, `62万5千`, `80w`,
 * full-width digits, `捌拾万元整`. Exact: no floating point on the way.
 *
 * Refused: zero and below, exponents, more than two decimals of 元, more 分 than a safe integer holds, and whatever allows two
 * readings (wrong thousands groups, `80 000`, ranges, `一万五元`).
 */
export function parseAmount(text: string): ParsedAmount {
  const folded = text
    .slice(0, MAX_LENGTH * 2)
    .normalize('NFKC')
    .trim()
    .toLowerCase()
  if (folded.length > MAX_LENGTH) return no(/^[\d,]+$/.test(folded) ? 'amount.too_large' : 'amount.unreadable')
  if (/\d\s*e\s*[+-]?\d|\^|[×*]\s*10/.test(folded)) return no('amount.exponent')
  if (/[\d.,]\s+[\d.,]/.test(folded)) return no('amount.unreadable')
  const spelled = [...folded.replace(/\s/g, '')].map(char => CHARACTERS[char] ?? char).join('')
  const signed = spelled.replace(CURRENCY, '')
  const isNegative = /^[-负]/.test(signed)
  const body = (isNegative ? signed.slice(1) : signed).replace(CURRENCY, '').replace(/(?:rmb|cny|人民币)$/, '')
  const plain = body.replace(/(\d)w(?=\d|元|块|$)/, '$1万').replace(/(\d)k(?=元|块|$)/, '$1千')
  if (/亿[万]?亿/.test(plain) && readYuan(plain.replace(/亿[万亿]*亿/, '亿'))) return no('amount.too_large')

  const value = readYuan(plain)
  if (!value) return no('amount.unreadable')
  if (isNegative || value.digits === 0n) return no('amount.not_positive')
  const scale = 10n ** BigInt(value.decimals)
  const isPlain = !/[十百千万亿]/.test(plain)
  if ((isPlain && value.decimals > 2) || (value.digits * 100n) % scale !== 0n) return no('amount.too_many_decimals')
  const minor = (value.digits * 100n) / scale
  return minor > BigInt(Number.MAX_SAFE_INTEGER) ? no('amount.too_large') : { ok: true, minor: Number(minor) }
}

function requireMinor(minor: number): number {
  if (!Number.isSafeInteger(minor)) throw new RangeError('money is a safe integer of 分')
  return minor
}

const grouped = (digits: string): string => digits.replace(/\B(?=(?:\d{3})+$)/g, ',')

/** 62000000 → `620,000.00`. @param minorAmount 分, may be negative */
export function formatYuan(minorAmount: number): string {
  const digits = String(Math.abs(requireMinor(minorAmount))).padStart(3, '0')
  return `${minorAmount < 0 ? '-' : ''}${grouped(digits.slice(0, -2))}.${digits.slice(-2)}`
}

/** 62000000 → `620,000.00 元(62 万)`; below 10 万 only `99,999.00 元`. A rounded figure in brackets says 约. @param minorAmount 分 */
export function formatYuanShort(minorAmount: number): string {
  const full = `${formatYuan(minorAmount)} 元`
  const minor = BigInt(Math.abs(minorAmount))
  if (minor < 10_000_000n) return full
  const [unit, worth] = minor >= 10_000_000_000n ? ['亿', 100_000_000n] : ['万', 10_000n]
  const hundredths = (minor + worth / 2n) / worth
  const [units, fraction = ''] = [
    grouped(String(hundredths / 100n)),
    String(hundredths % 100n)
      .padStart(2, '0')
      .replace(/0+$/, ''),
  ]
  const about = hundredths * worth === minor ? '' : '约 '
  return `${full}(${about}${minorAmount < 0 ? '-' : ''}${units}${fraction && `.${fraction}`} ${unit})`
}

const UPPER_DIGITS = '零壹贰叁肆伍陆柒捌玖'

function upperInteger(value: bigint): string {
  for (const [unit, worth] of [
    ['亿', 100_000_000n],
    ['万', 10_000n],
    ['仟', 1000n],
    ['佰', 100n],
    ['拾', 10n],
  ] as const) {
    if (value < worth) continue
    const rest = value % worth
    const gap = rest > 0n && rest < worth / 10n ? '零' : ''
    return `${upperInteger(value / worth)}${unit}${gap}${rest > 0n ? upperInteger(rest) : ''}`
  }
  return UPPER_DIGITS.charAt(Number(value))
}

/**
 * The amount in capital numerals as on a Chinese contract: 62000000 → `人民币陆拾贰万元整`.
 *
 * @param minorAmount 分, zero or more
 */
export function toUpperYuan(minorAmount: number): string {
  if (requireMinor(minorAmount) < 0) throw new RangeError('capital numerals are for amounts of zero or more')
  const [yuan, jiao, fen] = [BigInt(minorAmount) / 100n, Math.floor(minorAmount / 10) % 10, minorAmount % 10]
  const head = yuan > 0n || minorAmount === 0 ? `${upperInteger(yuan)}元` : ''
  if (jiao === 0 && fen === 0) return `人民币${head}整`
  const coins = `${jiao > 0 ? `${UPPER_DIGITS.charAt(jiao)}角` : head && '零'}${fen > 0 ? `${UPPER_DIGITS.charAt(fen)}分` : ''}`
  return `人民币${head}${coins}`
}
