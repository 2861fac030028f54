import { ref } from 'vue'

const SHOWN_FOR_MS = 3_000

/** The sentence on screen now; `ToastHost.vue` shows and reads it out. */
export const toastText = ref('')

let timer: ReturnType<typeof setTimeout> | undefined

/** One short sentence that goes away by itself. */
export function toast(text: string): void {
  clearTimeout(timer)
  toastText.value = text
  timer = setTimeout(() => {
    toastText.value = ''
  }, SHOWN_FOR_MS)
}
