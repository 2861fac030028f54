import { act } from './api.js'
import { cardNode, linkNode } from './card.js'
import { button, element, part } from './dom.js'
import { openableAddress, richText } from './links.js'
import { createPicker } from './picker.js'
import { createSheet } from './sheet.js'

const PLATFORM_NAMES = { wecom: '企业微信', dingtalk: '钉钉' }
const PHRASES = ['新建线索 重庆长安汽车 张伟 13812345678 专线 预算80万', '查 长安', '待办', '帮助']
const TOAST_MS = 6000
const GAP_MS = 5 * 60_000

/**
 * One phone: its holder, conversation, typing box, and the pages that open inside it.
 * @param {HTMLElement} root
 * @param {'left' | 'right'} slot
 * @returns {{ show: (phone: import('./api.js').PhoneState, publicUrl: string) => void }}
 */
export function createPhone(root, slot) {
  root.append(template())
  const log = part(root, '.log')
  const words = /** @type {HTMLInputElement} */ (part(root, '.words'))
  const sheet = createSheet(root, slot)
  const picker = createPicker(root, choosePerson)
  let publicUrl = location.origin
  /** @type {import('./api.js').PhoneState | undefined} */
  let phone
  let holder = ''
  /** @type {Map<string, { signature: string, node: HTMLElement }>} */
  const shown = new Map()

  const toast = createToast(part(root, '.toast'))
  const hands = {
    /** @param {string} address */
    open(address) {
      const target = openableAddress(address, publicUrl, slot)
      if (target) sheet.open(target)
      else toast('这个链接只能在真的手机里打开。')
    },
    /**
     * @param {string} taskId
     * @param {string} key
     * @param {boolean} menu
     * @param {HTMLButtonElement} pressed
     * @param {Record<string, string[]>} [selected]
     */
    async press(taskId, key, menu, pressed, selected) {
      if (pressed.getAttribute('aria-busy')) return
      pressed.setAttribute('aria-busy', 'true')
      report(await act('click', { slot, taskId, key, menu, selected }))
      pressed.removeAttribute('aria-busy')
    },
  }

  /** @param {import('./api.js').Outcome} outcome */
  function report(outcome) {
    if (!outcome.ok) toast(`${outcome.message}(${outcome.code})`)
  }

  /** @param {string} userId */
  async function choosePerson(userId) {
    sheet.close()
    report(await act('person', { slot, userId }))
    words.focus()
  }

  /** @param {string} text */
  async function say(text) {
    report(await act('text', { slot, text }))
  }

  // A long conversation must scroll by keyboard, also while it holds no button.
  log.tabIndex = 0
  // Whoever reads the end stays there when a menu, a keyboard or a turned phone leaves less room.
  let isAtEnd = true
  log.addEventListener('scroll', () => {
    isAtEnd = isNearEnd()
  })
  new ResizeObserver(() => {
    if (isAtEnd) log.scrollTop = log.scrollHeight
  }).observe(log)
  part(root, '.composer').addEventListener('submit', event => {
    event.preventDefault()
    const text = words.value.trim()
    if (!text) return
    words.value = ''
    void say(text)
  })
  part(root, '.suggestions').append(
    ...PHRASES.map(phrase =>
      button(phrase, { class: 'suggestion', title: phrase }, () => {
        words.value = phrase
        words.focus()
      }),
    ),
  )

  const isNearEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 80

  /** @param {import('./api.js').Message[]} messages */
  function showMessages(messages) {
    const atEnd = isNearEnd()
    const focused =
      document.activeElement instanceof HTMLElement && log.contains(document.activeElement)
        ? document.activeElement.dataset.key
        : undefined
    let changed = false
    const wanted = messages.map((message, index) => {
      const since = message.at - (messages[index - 1]?.at ?? 0)
      const signature = JSON.stringify([message, since > GAP_MS])
      const known = shown.get(message.msgid)
      if (known?.signature === signature) return known.node
      changed = true
      const node = bubble(message, since > GAP_MS)
      shown.set(message.msgid, { signature, node })
      return node
    })
    if (!changed && log.childElementCount === wanted.length && wanted.length > 0) return
    log.replaceChildren(
      ...(wanted.length > 0 ? wanted : [element('p', { class: 'empty' }, ['还没有消息。说"帮助"看看能做什么。'])]),
    )
    if (focused) focusKey(log, focused)
    if (atEnd || changed) log.scrollTop = log.scrollHeight
    isAtEnd = isNearEnd()
  }

  /**
   * @param {import('./api.js').Message} message
   * @param {boolean} timed
   */
  function bubble(message, timed) {
    const row = element('div', { class: `row ${message.from} is-${message.kind}` })
    if (timed) row.append(element('time', { class: 'when' }, [clock(message.at)]))
    if (message.recalled) {
      row.append(element('p', { class: 'recalled' }, ['消息已撤回']))
      return row
    }
    const name = message.from === 'user' ? (phone?.holder.name ?? '') : '客联'
    const avatar = element('span', { class: 'avatar', 'aria-hidden': 'true' }, [name.slice(-2)])
    const body = message.card
      ? cardNode(message.card, phone?.platform ?? 'wecom', hands)
      : element(
          'div',
          { class: 'bubble' },
          richText(message.text ?? '', (address, label) => linkNode(address, label, hands)),
        )
    row.append(element('div', { class: 'line' }, [avatar, element('div', { class: 'content' }, [body])]))
    return row
  }

  /** @param {import('./api.js').MenuItem[]} menu */
  function showMenu(menu) {
    const box = part(root, '.bottom-menu')
    // A menu that is open stays open.
    const signature = JSON.stringify(menu)
    if (box.dataset.signature === signature) return
    box.dataset.signature = signature
    box.hidden = menu.length === 0
    box.replaceChildren(...menu.map(item => menuNode(item)))
  }

  /**
   * @param {import('./api.js').MenuItem} item
   * @returns {HTMLElement}
   */
  function menuNode({ name = '', url, key, sub_button: children = [] }) {
    if (children.length > 0) {
      return element('details', {}, [element('summary', {}, [name]), element('div', {}, children.map(menuNode))])
    }
    return button(name, {}, async () => {
      if (url) hands.open(url)
      else if (key) report(await act('menu', { key }))
    })
  }

  return {
    show(next, base) {
      publicUrl = base
      phone = next
      part(root, '.platform').textContent = PLATFORM_NAMES[next.platform]
      part(root, '.who-name').textContent = next.holder.name
      part(root, '.who-note').textContent = [next.holder.title, next.holder.department].filter(Boolean).join(' · ')
      if (holder !== next.holder.userId) {
        holder = next.holder.userId
        shown.clear()
        log.replaceChildren()
        sheet.close()
      }
      picker.show(next.people, next.holder.userId)
      showMenu(next.menu)
      showMessages(next.messages)
    },
  }
}

/**
 * @param {HTMLElement} root
 * @param {string} key
 */
function focusKey(root, key) {
  const node = root.querySelector(`[data-key="${CSS.escape(key)}"]`)
  if (node instanceof HTMLElement) node.focus()
}

function template() {
  const node = /** @type {HTMLTemplateElement} */ (part(document, '#phone-template'))
  return node.content.cloneNode(true)
}

/** @param {HTMLElement} node */
function createToast(node) {
  let timer = 0
  /** @param {string} text */
  return text => {
    node.textContent = text
    node.hidden = false
    clearTimeout(timer)
    timer = setTimeout(() => {
      node.hidden = true
    }, TOAST_MS)
  }
}

/** @param {number} at */
const clock = at => new Date(at).toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit' })
