import { button, element, part } from './dom.js'

/**
 * The list from which another person takes the phone, with a search by name, title or department.
 * @param {HTMLElement} root
 * @param {(userId: string) => void} onChoose
 */
export function createPicker(root, onChoose) {
  const box = part(root, '.picker')
  const opener = part(root, '.who')
  const search = /** @type {HTMLInputElement} */ (part(root, '.picker-search'))
  const list = part(root, '.picker-list')
  /** @type {import('./api.js').Person[]} */
  let people = []
  let current = ''
  let signature = ''

  const close = () => {
    box.hidden = true
    opener.setAttribute('aria-expanded', 'false')
    opener.focus()
  }
  const fill = () => {
    const wanted = search.value.trim().toLowerCase()
    const found = people.filter(({ userId, name, title, department }) =>
      `${name} ${title} ${department} ${userId}`.toLowerCase().includes(wanted),
    )
    part(root, '.picker-empty').hidden = found.length > 0
    list.replaceChildren(
      ...found.map(({ userId, name, title, department }) => {
        const row = button('', { class: 'person', 'aria-current': userId === current ? 'true' : undefined }, () => {
          close()
          onChoose(userId)
        })
        const note = [title, department].filter(Boolean).join(' · ')
        row.append(
          element('span', { class: 'avatar', 'aria-hidden': 'true' }, [name.slice(-2)]),
          element('span', { class: 'person-words' }, [element('strong', {}, [name]), element('small', {}, [note])]),
        )
        return element('li', {}, [row])
      }),
    )
  }
  opener.addEventListener('click', () => {
    box.hidden = false
    opener.setAttribute('aria-expanded', 'true')
    search.value = ''
    fill()
    search.focus()
  })
  search.addEventListener('input', fill)
  search.addEventListener('keydown', event => {
    const first = list.querySelector('button')
    if (event.key !== 'Enter') return
    // Without this the key also presses the button that gets the focus back, and the list opens again.
    event.preventDefault()
    first?.click()
  })
  box.addEventListener('keydown', event => {
    if (event.key === 'Escape') close()
  })
  part(root, '.picker-close').addEventListener('click', close)

  return {
    /**
     * @param {import('./api.js').Person[]} all
     * @param {string} holder
     */
    show(all, holder) {
      const next = JSON.stringify([all, holder])
      if (next === signature) return
      signature = next
      people = all
      current = holder
      if (!box.hidden) fill()
    },
  }
}
