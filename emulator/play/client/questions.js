import { element } from './dom.js'

/**
 * The choices of a card, as a form that its button reads.
 * @param {string} taskId
 * @param {import('./api.js').Question[]} questions
 * @returns {HTMLElement}
 */
export function questionsNode(taskId, questions) {
  const groups = questions.map(({ key, title, many, options }) =>
    element('fieldset', { 'data-question': key }, [
      element('legend', title ? {} : { class: 'unseen' }, [title || '请选择']),
      ...options.map(({ id, text }) =>
        element('label', {}, [
          element('input', { type: many ? 'checkbox' : 'radio', name: `${taskId} ${key}`, value: id }),
          element('span', {}, [text]),
        ]),
      ),
    ]),
  )
  return element('div', { class: 'card-questions' }, groups)
}

/**
 * What is chosen on a card: question → option ids; undefined when the card asks nothing.
 * @param {Element | null} card
 * @returns {Record<string, string[]> | undefined}
 */
export function chosenIn(card) {
  const groups = [...(card?.querySelectorAll('[data-question]') ?? [])]
  if (groups.length === 0) return undefined
  return Object.fromEntries(
    groups.map(group => [
      group.getAttribute('data-question') ?? '',
      [...group.querySelectorAll('input:checked')].map(input => input.getAttribute('value') ?? ''),
    ]),
  )
}
