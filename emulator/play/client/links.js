/**
 * The address a phone really opens: DingTalk's own scheme is unwrapped, and pages of the service learn which phone they are in.
 * Undefined for anything that is not a web address.
 * @param {string} address
 * @param {string} publicUrl
 * @param {'left' | 'right'} slot
 * @returns {string | undefined}
 */
export function openableAddress(address, publicUrl, slot) {
  if (!URL.canParse(address)) return undefined
  let url = new URL(address)
  if (url.protocol === 'dingtalk:') {
    const inner = url.searchParams.get('url') ?? url.searchParams.get('redirect_url') ?? ''
    if (!URL.canParse(inner)) return undefined
    url = new URL(inner)
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined
  const own = URL.canParse(publicUrl) && new URL(publicUrl).origin === url.origin
  if (own) {
    url.searchParams.set('slot', slot)
    url.searchParams.set('via', slot === 'left' ? 'wecom' : 'dingtalk')
  }
  return url.href
}

const TOKEN = /<a\s+href="([^"]*)"[^>]*>([^<]*)<\/a>|\[([^\]]+)\]\(([^)\s]+)\)|\*\*([^*]+)\*\*|(https?:\/\/[^\s<>"'，。)]+)/gi

/**
 * Words with their links and bold parts, as both apps show them; everything else is plain text.
 * @param {string} text
 * @param {(address: string, label: string) => Node} link
 * @returns {Node[]}
 */
export function richText(text, link) {
  /** @type {Node[]} */
  const nodes = []
  let from = 0
  for (const match of text.matchAll(TOKEN)) {
    if (match.index > from) nodes.push(document.createTextNode(text.slice(from, match.index)))
    const [whole, htmlAddress, htmlLabel, label, address, bold, bare] = match
    if (bold !== undefined) {
      const strong = document.createElement('strong')
      strong.textContent = bold
      nodes.push(strong)
    } else {
      const target = htmlAddress ?? address ?? bare ?? ''
      nodes.push(link(target, htmlLabel ?? label ?? target))
    }
    from = match.index + whole.length
  }
  if (from < text.length) nodes.push(document.createTextNode(text.slice(from)))
  return nodes
}
