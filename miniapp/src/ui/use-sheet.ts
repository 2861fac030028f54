import { onMounted, ref, watch } from 'vue'

/** A sheet that its parent puts there with `v-if`: it slides in once mounted and tells the parent when it was closed. */
export function useSheet(onClose: () => void) {
  const show = ref(false)
  onMounted(() => {
    show.value = true
  })
  watch(show, isShown => {
    if (!isShown) onClose()
  })
  return show
}
