import { Answers } from './answers.ts'
import { createApi } from './api.ts'
import { Drafts } from './drafts.ts'
import { detectHost, readPageQuery } from './host.ts'
import { createPressKeys, newUuid, type TextStore } from './press-keys.ts'

/** Storage that never throws on access: webviews with storage switched off get one that lives as long as the page. */
function storageOrMemory(pick: () => Storage): TextStore {
  try {
    const store = pick()
    store.getItem('kelian')
    return store
  } catch {
    const memory = new Map<string, string>()
    return {
      getItem: key => memory.get(key) ?? null,
      setItem: (key, value) => void memory.set(key, value),
      removeItem: key => void memory.delete(key),
    }
  }
}

export const sessionStore = storageOrMemory(() => window.sessionStorage)
export const localStore = storageOrMemory(() => window.localStorage)

export const host = detectHost(navigator.userAgent)
export const page = readPageQuery(location.search)
export const clock = { now: () => Date.now() }

const loginListeners = new Set<() => void>()
/** Hear of every answer that says nobody is logged in. */
export const onLoginNeeded = (listener: () => void) => loginListeners.add(listener)

export const api = createApi({
  fetch: (...args) => window.fetch(...args),
  slot: page.slot,
  keys: createPressKeys({ store: sessionStore, scope: page.slot ?? '', newKey: newUuid, now: clock.now }),
  onLoginNeeded: () => {
    for (const listener of loginListeners) listener()
  },
})

export const answers = new Answers(sessionStore)
export const drafts = new Drafts(localStore)
