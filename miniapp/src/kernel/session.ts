import { computed, reactive, readonly } from 'vue'
import type { Me } from '../../../common/contract/people.ts'
import { noteLoginTry } from './login-guard.ts'
import { asProblem } from './problem.ts'
import { answers, api, onLoginNeeded, page, sessionStore } from './services.ts'
import { setTimeZone } from './time.ts'

const ME_KEY = `kelian:me:${page.slot ?? ''}`

interface Session {
  /** `in`: the person is known, from the server or, offline, from the last visit of this tab. */
  phase: 'starting' | 'in' | 'login' | 'unreachable'
  me: Me | null
}

const state = reactive<Session>({ phase: 'starting', me: null })

/** Who is logged in; the frame and all pages read this one. */
export const session = readonly(state)

/** See {@link Me.isSetup}. */
export const isSetup = computed(() => state.me?.isSetup === true)

let settle: (me: Me) => void = () => undefined
const known = new Promise<Me>(resolve => {
  settle = resolve
})

/** Waits until the person is known. Pending for as long as the login page is shown. */
export const whenKnown = () => known

/** Asks the server who is logged in: at the start, and after each change that moves the counts. */
export async function refreshSession(): Promise<void> {
  try {
    enter(await api.me())
  } catch (thrown) {
    const kind = asProblem(thrown).kind
    if (kind === 'login' || state.phase === 'in') return
    const last = lastMe()
    if (last) enter(last)
    else state.phase = 'unreachable'
  }
}

function enter(me: Me): void {
  setTimeZone(me.timeZone)
  state.me = me
  state.phase = 'in'
  sessionStore.setItem(ME_KEY, JSON.stringify(me))
  settle(me)
}

function lastMe(): Me | null {
  try {
    return JSON.parse(sessionStore.getItem(ME_KEY) ?? 'null') as Me | null
  } catch {
    return null
  }
}

/** Ends the session here and on the server, and forgets what this person saw. */
export async function leaveSession(): Promise<void> {
  await api.logout()
  if (state.me) answers.forget(state.me.person.id)
  sessionStore.removeItem(ME_KEY)
  noteLoginTry()
  state.me = null
  state.phase = 'login'
}

onLoginNeeded(() => {
  state.phase = 'login'
})
