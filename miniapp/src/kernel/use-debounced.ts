import { onScopeDispose, type Ref, ref, toValue, watch } from 'vue'

const PAUSE_MS = 250

/** What was typed, once the typing pauses. */
export function useDebounced(words: Ref<string> | (() => string)): Readonly<Ref<string>> {
  const settled = ref(toValue(words).trim())
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(words, text => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      settled.value = text.trim()
    }, PAUSE_MS)
  })
  onScopeDispose(() => clearTimeout(timer))
  return settled
}
