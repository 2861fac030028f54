import { XMLParser } from 'fast-xml-parser'

export type XmlValue = string | number | bigint | XmlValue[] | { [name: string]: XmlValue | undefined }

const cdata = (text: string) => `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`

/** Children as WeCom writes them: strings in CDATA, numbers bare, lists as repeated elements. */
export function xmlChildren(fields: { [name: string]: XmlValue | undefined }): string {
  return Object.entries(fields)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map(item => element(name, item)))
    .join('')
}

function element(name: string, value: XmlValue | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'number' || typeof value === 'bigint') return `<${name}>${value}</${name}>`
  if (typeof value === 'string') return `<${name}>${cdata(value)}</${name}>`
  return Array.isArray(value) ? value.map(item => element(name, item)).join('') : `<${name}>${xmlChildren(value)}</${name}>`
}

/** A whole `<xml>` document. */
export const xmlDocument = (fields: { [name: string]: XmlValue | undefined }): string => `<xml>${xmlChildren(fields)}</xml>`

const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, processEntities: false })

/** The fields of an `<xml>` document, all values as text; undefined when it is none. */
export function parseXml(text: string): Record<string, unknown> | undefined {
  try {
    const root = (parser.parse(text) as { xml?: unknown }).xml
    return typeof root === 'object' && root !== null ? (root as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
