import { clock, page, sessionStore } from './services.ts'

/** A login that sent us back without a session, or a log-out, within this time: nothing starts by itself. */
const GUARD_MS = 15_000
const KEY = `kelian:login-tried:${page.slot ?? ''}`

export const noteLoginTry = () => sessionStore.setItem(KEY, String(clock.now()))

export const wasLoginJustTried = () => clock.now() - Number(sessionStore.getItem(KEY) ?? 0) < GUARD_MS
