import { button, element } from './dom.js'
import { richText } from './links.js'
import { chosenIn, questionsNode } from './questions.js'

/**
 * @typedef {{ open: (address: string) => void, press: (taskId: string, key: string, menu: boolean, pressed: HTMLButtonElement, selected?: Record<string, string[]>) => void }} Hands
 */

const TONES = [
  ['good', /已同意|已通过|已创建|已确认|已完成/],
  ['bad', /已拒绝|拒绝|失败/],
  ['over', /已撤回|已取消|已转交|已退回|已超时|已失效/],
]

/**
 * The colour a status word has everywhere: waiting amber, good green, bad red, over grey.
 * @param {string} status
 */
export const toneOf = status =>
  TONES.find(([, words]) => /** @type {RegExp} */ (words).test(status))?.[0]?.toString() ?? 'waiting'

/**
 * A card as the app of this phone paints it.
 * @param {import('./api.js').Card} card
 * @param {'wecom' | 'dingtalk'} platform
 * @param {Hands} hands
 * @returns {HTMLElement}
 */
export function cardNode(card, platform, hands) {
  const node = element('article', { class: 'card', 'aria-label': card.title })
  if (card.menu.length > 0) node.append(menuNode(card, hands))
  const source = /** @type {{ desc?: string } | undefined} */ (card.raw.source)
  if (source?.desc) node.append(element('p', { class: 'card-source' }, [source.desc]))
  node.append(element('h2', { class: 'card-title' }, [card.title]))
  if (platform === 'dingtalk' && card.status) node.append(statusNode(card.status))
  if (card.description) node.append(wordsNode('card-description', card.description, hands))
  if (card.subTitle) node.append(wordsNode('card-subtitle', card.subTitle, hands))
  if (card.facts.length > 0) node.append(factsNode(card, hands))
  if (card.questions) node.append(questionsNode(card.taskId, card.questions))
  const live = card.buttons.filter(({ enabled, text }) => enabled && text)
  if (platform === 'wecom' && card.status)
    node.append(element('p', { class: `card-outcome ${toneOf(card.status)}` }, [card.status]))
  else if (live.length > 0) node.append(buttonsNode(card, live, hands))
  return node
}

/** @param {string} status */
const statusNode = status => element('p', { class: `card-status ${toneOf(status)}` }, [status])

/**
 * @param {string} name
 * @param {string} text
 * @param {Hands} hands
 */
const wordsNode = (name, text, hands) =>
  element(
    'p',
    { class: name },
    richText(text, (address, label) => linkNode(address, label, hands)),
  )

/**
 * @param {string} address
 * @param {string} label
 * @param {Hands} hands
 */
export const linkNode = (address, label, hands) => button(label, { class: 'link' }, () => hands.open(address))

/**
 * @param {import('./api.js').Card} card
 * @param {Hands} hands
 */
function factsNode({ facts }, hands) {
  const rows = facts.map(({ label, value, url }) =>
    element('div', {}, [element('dt', {}, [label]), element('dd', {}, [url ? linkNode(url, value, hands) : value])]),
  )
  return element('dl', { class: 'card-facts' }, rows)
}

/**
 * @param {import('./api.js').Card} card
 * @param {import('./api.js').Button[]} buttons
 * @param {Hands} hands
 */
function buttonsNode({ taskId }, buttons, hands) {
  const nodes = buttons.map(({ text, key, url, style }) =>
    button(
      text,
      { class: `card-button style-${style ?? '0'}${url ? ' opens' : ''}`, 'data-key': `${taskId} ${key ?? url}` },
      pressed => {
        if (url) hands.open(url)
        else if (key) hands.press(taskId, key, false, pressed, chosenIn(pressed.closest('article')))
      },
    ),
  )
  return element('div', { class: `card-buttons count-${Math.min(nodes.length, 4)}` }, nodes)
}

/**
 * @param {import('./api.js').Card} card
 * @param {Hands} hands
 */
function menuNode({ taskId, menu }, hands) {
  const items = menu.map(({ text, key }) => button(text, {}, pressed => hands.press(taskId, key, true, pressed)))
  return element('details', { class: 'card-menu' }, [
    element('summary', { 'aria-label': '更多' }, ['···']),
    element('div', {}, items),
  ])
}
