import { z } from 'zod'
import { PlatformRefused } from '../../../common/errors.ts'
import type { WeComClient } from './client.ts'
import type { WeComSettings } from './settings.ts'

/** An entry says words to the app, as if they were typed, or opens a page. */
export type MenuEntry = { name: string; says: string } | { name: string; opens: string }
/** A button of the menu: an entry, or a name with entries below it. */
export type MenuButton = MenuEntry | { name: string; below: readonly MenuEntry[] }

const button = z.object({
  type: z.string().optional(),
  name: z.string(),
  key: z.string().optional(),
  url: z.string().optional(),
  sub_button: z.array(z.unknown()).optional(),
})
const menu = z.object({ button: z.array(button) })
const done = z.object({})

/**
 * Make the app's menu what it should be (pages "创建菜单", "获取菜单"): read first and written only when it differs, because each writing makes
 * every client load it anew.
 *
 * @returns whether it was written
 */
export async function ensureMenu(settings: WeComSettings, call: WeComClient, wanted: readonly MenuButton[]): Promise<boolean> {
  const query = { agentid: String(settings.agentId) }
  const shown = await call({ method: 'GET', path: 'menu/get', query, answer: menu }).catch((error: unknown) => {
    // No menu yet (46003), or one that cannot be read: then it is written.
    if (error instanceof PlatformRefused && !error.retryable && !error.details.operator) return null
    throw error
  })
  const body = { button: wanted.map(drawn) }
  if (shown && isSame(shown.button, body.button)) return false
  await call({ method: 'POST', path: 'menu/create', query, body, answer: done })
  return true
}

type Drawn = { name: string; type?: 'click' | 'view'; key?: string; url?: string; sub_button?: Drawn[] }

function drawn(entry: MenuButton): Drawn {
  if ('below' in entry) return { name: entry.name, sub_button: entry.below.map(drawn) }
  return 'says' in entry
    ? { type: 'click', name: entry.name, key: entry.says }
    : { type: 'view', name: entry.name, url: entry.opens }
}

/** The platform adds empty lists and drops what it does not use; only what we set counts. */
function isSame(shown: readonly unknown[], wanted: readonly Drawn[]): boolean {
  if (shown.length !== wanted.length) return false
  return wanted.every((entry, at) => {
    const other = shown[at] as Partial<Drawn>
    const below = other.sub_button ?? []
    return (
      other.name === entry.name &&
      (entry.sub_button !== undefined || (other.type === entry.type && other.key === entry.key && other.url === entry.url)) &&
      isSame(below, entry.sub_button ?? [])
    )
  })
}
