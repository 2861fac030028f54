/** One page back, or to `fallback` (a hash route without `#`) when the page was opened by a link from outside. */
export function goBack(fallback: string): void {
  const state = history.state as { back?: string | null } | null
  if (state?.back) history.back()
  else location.replace(`#${fallback}`)
}
