import type { Directory } from '../kernel/company.ts'
import type { CardJson } from './state.ts'

/** `$userName=zhang3$` and its kin become names in the rendered copy; what is unknown stays as typed (vendor page 通讯录展示组件). */
export function translateIds(directory: Directory, text: string): string {
  return text.replace(/\$(userName|userAlias|userAliasOrName|departmentName)=([^$]+)\$/g, (typed, kind: string, id: string) => {
    const found = kind === 'departmentName' ? directory.department(Number(id)) : directory.person(id)
    return found?.name ?? typed
  })
}

/** The places of a template card that are translated; everything else is left alone. */
export function translatedCard(directory: Directory, card: CardJson): CardJson {
  const text = (value: unknown) => (typeof value === 'string' ? translateIds(directory, value) : value)
  const part = (value: unknown, names: string[]): unknown =>
    typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, names.includes(name) ? text(entry) : entry]))
      : value
  const rows = card.horizontal_content_list
  return {
    ...card,
    ...(card.source ? { source: part(card.source, ['desc']) } : {}),
    ...(card.main_title ? { main_title: part(card.main_title, ['title', 'desc']) } : {}),
    ...(card.sub_title_text ? { sub_title_text: text(card.sub_title_text) } : {}),
    ...(Array.isArray(rows) ? { horizontal_content_list: rows.map(row => part(row, ['value'])) } : {}),
  }
}
