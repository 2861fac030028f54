/**
 * An element with attributes and children; text always goes through text nodes, never through HTML.
 * @param {string} tag
 * @param {Record<string, string | boolean | undefined>} [attributes]
 * @param {(Node | string)[]} [children]
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, children = []) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue
    node.setAttribute(name, value === true ? '' : value)
  }
  node.append(...children)
  return node
}

/**
 * A part of a phone that must be there.
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function part(root, selector) {
  const found = root.querySelector(selector)
  if (!(found instanceof HTMLElement)) throw new Error(`missing ${selector}`)
  return found
}

/**
 * A button that calls back when pressed.
 * @param {string} text
 * @param {Record<string, string | boolean | undefined>} attributes
 * @param {(button: HTMLButtonElement) => void} onPress
 * @returns {HTMLButtonElement}
 */
export function button(text, attributes, onPress) {
  const node = /** @type {HTMLButtonElement} */ (element('button', { type: 'button', ...attributes }, [text]))
  node.addEventListener('click', () => onPress(node))
  return node
}
