import { element, part } from './dom.js'

const NAMES = { wecom: '企业微信', dingtalk: '钉钉' }

let signature = ''

/**
 * The side panel: what people did and what the service called, oldest first.
 * @param {import('./api.js').TraceLine[]} lines
 */
export function showTrace(lines) {
  const next = JSON.stringify(lines)
  if (next === signature) return
  signature = next
  const list = part(document, '#trace')
  // The list scrolls and holds no button: the keyboard needs a way in.
  list.tabIndex = 0
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60
  part(document, '#trace-empty').hidden = lines.length > 0
  list.replaceChildren(...lines.map(lineNode))
  if (atEnd) list.scrollTop = list.scrollHeight
}

/** @param {import('./api.js').TraceLine} line */
function lineNode({ at, platform, direction, title, detail, ms, ok }) {
  const name = NAMES[/** @type {keyof typeof NAMES} */ (platform)]
  const time = new Date(at).toLocaleTimeString('zh-CN', { hour12: false })
  return element('li', { class: `${platform} ${direction}${ok ? '' : ' failed'}` }, [
    element('span', { class: `arrow ${direction}`, role: 'img', 'aria-label': direction === 'in' ? '送到服务' : '服务调用' }, [
      direction === 'in' ? '→' : '←',
    ]),
    element('span', { class: 'trace-words' }, [
      element('span', { class: 'trace-title' }, [title]),
      element('small', {}, [`${time} · ${name}${ms === undefined ? '' : ` · ${ms} 毫秒`}`]),
      element('small', { class: 'trace-detail' }, [detail]),
    ]),
  ])
}
