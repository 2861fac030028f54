import type { ApiReply } from './http.ts'

/** A person whom a visitor of a login page may be. */
export interface Identity {
  value: string
  name: string
  note: string
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string) => text.replace(/[&<>"']/g, character => ESCAPES[character] ?? character)

const SCRIPT = `
const go = value => { const to = new URL(location.href); to.searchParams.set('as', value); location.replace(to) }
const show = () => { document.querySelector('main').hidden = false }
const phone = /^phone:([a-z]+)$/.exec(window.name)
if (phone) fetch('/__emu/phone/' + phone[1]).then(answer => answer.json()).then(({ userId }) => userId ? go(userId) : show()).catch(show)
else show()
for (const button of document.querySelectorAll('button')) button.addEventListener('click', () => go(button.value))
`

const STYLE = `
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:420px;margin:0 auto;padding:16px}
button{display:block;width:100%;min-height:48px;margin:8px 0;padding:8px 12px;font:inherit;text-align:left;border:1px solid #8884;border-radius:8px;background:#8881}
small{opacity:.75}`

/**
 * A login page: a frame named `phone:<slot>` asks who holds that phone and goes on at once; any other visitor chooses a person.
 * Both continue by adding `as=` to the same address.
 */
export function identityPage(title: string, people: readonly Identity[]): ApiReply {
  const rows = people.map(
    ({ value, name, note }) => `<button value="${escaped(value)}">${escaped(name)} <small>${escaped(note)}</small></button>`,
  )
  return htmlPage(
    title,
    `<main hidden><h1 style="font-size:20px">${escaped(title)}</h1><p>请选择以谁的身份继续:</p>${rows.join('')}</main><script>${SCRIPT}</script>`,
  )
}

/** A plain page that says one sentence. */
export const sentencePage = (title: string, sentence: string): ApiReply =>
  htmlPage(title, `<main><h1 style="font-size:20px">${escaped(title)}</h1><p>${escaped(sentence)}</p></main>`)

const htmlPage = (title: string, body: string): ApiReply => ({
  headers: { 'content-type': 'text/html; charset=UTF-8', 'cache-control': 'no-store' },
  body: `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escaped(title)}</title><style>${STYLE}</style>${body}</html>`,
})

/** An address with parameters added to its query, before any fragment. */
export function withQuery(address: string, parameters: Record<string, string>): string {
  const url = new URL(address)
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}
