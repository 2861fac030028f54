/** One line of the doctor's report. `next`: what to do about it. */
export interface Finding {
  state: 'ok' | 'warn' | 'bad'
  text: string
  next?: string
}

export const ok = (text: string): Finding => ({ state: 'ok', text })
export const warn = (text: string, next: string): Finding => ({ state: 'warn', text, next })
export const bad = (text: string, next: string): Finding => ({ state: 'bad', text, next })
