import { element, part } from './dom.js'

/**
 * The sheet in which a phone opens pages; its frame is named `phone:<slot>`, by which login pages know whose phone it is.
 * @param {HTMLElement} root
 * @param {'left' | 'right'} slot
 */
export function createSheet(root, slot) {
  const box = part(root, '.sheet')
  const body = part(root, '.sheet-body')
  const title = part(root, '.sheet-title')
  /** @type {HTMLIFrameElement | undefined} */
  let frame
  /** @type {HTMLElement | undefined} */
  let opener

  const close = () => {
    if (box.hidden) return
    box.hidden = true
    body.replaceChildren()
    frame = undefined
    opener?.focus()
  }
  part(root, '.sheet-close').addEventListener('click', close)
  part(root, '.sheet-back').addEventListener('click', () => {
    try {
      if (frame?.contentWindow && frame.contentWindow.history.length > 1) frame.contentWindow.history.back()
    } catch {
      close()
    }
  })
  box.addEventListener('keydown', event => {
    if (event.key === 'Escape') close()
  })

  return {
    close,
    /** @param {string} address */
    open(address) {
      opener = document.activeElement instanceof HTMLElement ? document.activeElement : undefined
      const fresh = /** @type {HTMLIFrameElement} */ (element('iframe', { name: `phone:${slot}`, title: '网页' }))
      title.textContent = '正在打开…'
      fresh.addEventListener('load', () => {
        title.textContent = titleOf(fresh)
      })
      fresh.src = address
      frame = fresh
      body.replaceChildren(fresh)
      box.hidden = false
      part(root, '.sheet-close').focus()
    },
  }
}

/** @param {HTMLIFrameElement} frame */
function titleOf(frame) {
  try {
    return frame.contentDocument?.title || '网页'
  } catch {
    return '网页'
  }
}
