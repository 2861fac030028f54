const MOBILE = /^(?:(?:\+|00)?86)?(1[3-9]\d{9})$/
const SERVICE = /^(400|800)(\d{3})(\d{4})$/
/** Area codes: 010 and 02x have three digits, the rest four (numbering plan of MIIT, 电信网编号计划). */
const LANDLINE = /^(?:(?:(?:\+|00)?86)?0?)(10|2\d|[3-9]\d{2})([1-9]\d{6,7})$/

/**
 * A Chinese telephone number in its one stored form, or null.
 *
 * Mobile `138 1234-5678`, `+86 13812345678` → `13812345678`; landline `(023) 1234 5678 转 801` → `023-12345678-801`;
 * 400/800 numbers → `400-123-4567`. Full-width digits are read; anything else is not guessed at.
 */
export function parsePhone(text: string): string | null {
  const folded = text.slice(0, 80).normalize('NFKC').trim().toLowerCase()
  if (folded.length > 40 || !/^[+(]?\d/.test(folded)) return null
  const [number = '', extension, ...more] = folded.split(/转|ext\.?|x/)
  if (more.length > 0) return null
  const suffix = extension?.replace(/[\s:-]/g, '')
  if (suffix !== undefined && !/^\d{1,6}$/.test(suffix)) return null
  const dashed = /^(\(?0\d{2,3}\)?[\s-]*\d{3,4}[\s-]?\d{4})-(\d{1,6})$/.exec(number.trim())
  const compact = (dashed?.[1] ?? number).replace(/[\s\-.()‐‑–—]/g, '')
  const inside = suffix ?? dashed?.[2]

  const mobile = MOBILE.exec(compact)
  if (mobile?.[1]) return inside === undefined ? mobile[1] : null
  const service = SERVICE.exec(compact)
  const isLocal = compact.startsWith('0') || compact.startsWith('+86') || compact.startsWith('86')
  const landline = isLocal ? LANDLINE.exec(compact) : null
  const base = service ? service.slice(1).join('-') : landline && `0${landline[1]}-${landline[2]}`
  return base && (inside === undefined ? base : `${base}-${inside}`)
}

/** `13812345678` → `138 1234 5678`, for forms and cards; other numbers stay as they are. @param phone as `parsePhone` gives it */
export function formatPhone344(phone: string): string {
  return /^1\d{10}$/.test(phone) ? `${phone.slice(0, 3)} ${phone.slice(3, 7)} ${phone.slice(7)}` : phone
}

/** `13812345678` → `138****5678`, for those who need not call and for logs. Short numbers disappear whole. */
export function maskPhone(phone: string): string {
  return phone.length < 8 ? '****' : `${phone.slice(0, 3)}****${phone.slice(-4)}`
}
