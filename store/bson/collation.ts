import { badValue, failedToParse, location, notSupported } from '../errors.ts'
import { type Doc, isNullish, isObject, toNumber } from './values.ts'

/** An order of texts: negative, zero or positive. */
export type TextOrder = (left: string, right: string) => number

const known = new Set(
  'locale caseLevel caseFirst strength numericOrdering alternate maxVariable normalization backwards version'.split(' '),
)
const sensitivities = ['base', 'accent', 'variant'] as const

function localeOf(name: unknown): string {
  if (name === undefined) throw location(40414, "BSON field 'collation.locale' is missing but a required field")
  const [tag = '', kind] = String(name).replaceAll('_', '-').split('@collation=')
  const locale = kind ? `${tag}-u-co-${kind === 'traditional' ? 'trad' : kind}` : tag
  try {
    if (Intl.Collator.supportedLocalesOf(locale).length > 0) return locale
  } catch {
    // Not a language tag at all: refused below.
  }
  throw badValue(`Field 'locale' is invalid in: { locale: "${String(name)}" }`)
}

function sensitivityOf({ strength, caseLevel }: Doc): 'base' | 'accent' | 'case' | 'variant' {
  const level = isNullish(strength) ? 3 : toNumber(strength)
  if (!Number.isInteger(level) || level < 1 || level > 5)
    throw failedToParse(`Enumeration value '${String(strength)}' for field 'collation.strength' is not a valid value.`)
  if (level > 3) throw notSupported(`a collation of strength ${level}`)
  if (caseLevel !== true) return sensitivities[level - 1] ?? 'variant'
  return level === 1 ? 'case' : 'variant'
}

function refuseOthers(spec: Doc): void {
  const { backwards, maxVariable, alternate, caseFirst } = spec
  for (const name of Object.keys(spec))
    if (!known.has(name)) throw location(40415, `BSON field 'collation.${name}' is an unknown field.`)
  if (backwards === true) throw notSupported("a collation with 'backwards'")
  if (maxVariable === 'space') throw notSupported("a collation with maxVariable 'space'")
  const oneOf = (value: unknown, name: string, values: string[]) => {
    if (value !== undefined && !values.includes(String(value)))
      throw badValue(`Enumeration value '${String(value)}' for field 'collation.${name}' is not a valid value.`)
  }
  oneOf(maxVariable, 'maxVariable', ['punct', 'space'])
  oneOf(alternate, 'alternate', ['non-ignorable', 'shifted'])
  oneOf(caseFirst, 'caseFirst', ['off', 'upper', 'lower'])
}

/**
 * The order of texts that a `collation` asks for (manual: "Collation"), undefined for the binary one.
 *
 * @throws StoreError 2, 9, 14, 40414, 40415 for what is no collation, 115 for what `Intl.Collator` cannot do
 */
export function compileCollation(spec: unknown): TextOrder | undefined {
  if (isNullish(spec)) return undefined
  if (!isObject(spec)) throw badValue("'collation' must be a document")
  if (Object.keys(spec).length === 0) return undefined
  refuseOthers(spec)
  if (spec.locale === 'simple') return undefined
  const { caseFirst } = spec
  const collator = new Intl.Collator(localeOf(spec.locale), {
    sensitivity: sensitivityOf(spec),
    numeric: spec.numericOrdering === true,
    ignorePunctuation: spec.alternate === 'shifted',
    caseFirst: caseFirst === 'upper' || caseFirst === 'lower' ? caseFirst : 'false',
  })
  return collator.compare
}
