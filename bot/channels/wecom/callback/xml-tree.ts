import { decodeText } from './flat-xml.ts'

/** An element of XML: its children, or the text of one that has none. */
export interface XmlElement {
  name: string
  text: string
  children: XmlElement[]
}

const PIECE = /<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([A-Za-z_][\w.-]{0,63})(\/?)>|([^<]+)/g

/**
 * Everything inside one child of the root, for the few events whose inner elements matter (`SelectedItems`, `ApprovalInfo`). Only for text that
 * `readFlatXml` has taken: there its tags are known to be balanced and free of attributes, and the child to stand at the root once.
 */
export function elementIn(xml: string, name: string): XmlElement | undefined {
  const root: XmlElement = { name: '', text: '', children: [] }
  const open = [root]
  for (const [, cdata, closes, tag = '', isEmpty, bare] of xml.matchAll(PIECE)) {
    const inner = open.at(-1) ?? root
    if (cdata !== undefined) inner.text += cdata
    else if (bare !== undefined) inner.text += bare.trim() && (decodeText(bare) ?? '')
    else if (closes) open.pop()
    else {
      const element: XmlElement = { name: tag, text: '', children: [] }
      inner.children.push(element)
      if (!isEmpty) open.push(element)
    }
  }
  return root.children[0]?.children.find(child => child.name === name)
}

/** The children of that name. */
export const childrenOf = (element: XmlElement | undefined, name: string): XmlElement[] =>
  element?.children.filter(child => child.name === name) ?? []

/** The text of the first child of that name; empty when there is none. */
export const textOf = (element: XmlElement | undefined, name: string): string => childrenOf(element, name)[0]?.text ?? ''
