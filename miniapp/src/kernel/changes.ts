import { ref, watch } from 'vue'
import { refreshSession } from './session.ts'

/** Counts what this person changed, so that a list kept alive in the background knows it is out of date. */
export const changeCount = ref(0)

export const noteChange = () => {
  changeCount.value++
}

/** Keeps the counts on the tabs true: after a change of ours, and when the person comes back to the page. */
export function keepBadgesFresh(): void {
  watch(changeCount, () => void refreshSession())
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) void refreshSession()
  })
}
