import { computed, nextTick, onScopeDispose, reactive, ref, watch } from 'vue'
import { clock, drafts } from './services.ts'
import { whenKnown } from './session.ts'

const SAVE_AFTER_MS = 400

export interface FormOptions<Field extends string> {
  /** The route whose draft this is. */
  route: string
  fields: readonly Field[]
  /** What is wrong with a value, as a sentence; null when it is fine. */
  rules: Partial<Record<Field, (value: string) => string | null>>
}

/** A form's values and errors, with a draft on the phone that survives closing the page. */
export function useForm<Field extends string>({ route, fields, rules }: FormOptions<Field>) {
  const blank = () => Object.fromEntries(fields.map(field => [field, ''])) as Record<Field, string>
  const values = reactive(blank()) as Record<Field, string>
  const errors = reactive({}) as Partial<Record<Field, string>>
  const savedAt = ref<number | null>(null)
  const isRestored = ref(false)
  let personId = ''
  let timer: ReturnType<typeof setTimeout> | undefined
  let isClosed = false
  /** What stands in the form without anybody having typed. */
  let untouched = ''

  /** Fills the form: a draft on the phone beats what the caller suggests. */
  async function open(suggested: Partial<Record<string, string>> = {}): Promise<void> {
    personId = (await whenKnown()).person.id
    const kept = drafts.find(personId, route, clock.now())
    for (const field of fields) values[field] = kept?.values[field] ?? suggested[field] ?? values[field]
    untouched = JSON.stringify(values)
    isRestored.value = kept !== null
    savedAt.value = kept?.at ?? null
    await nextTick()
    watch(values, saveSoon)
  }

  /** Adds something nobody typed, such as the name behind an id; it is not worth a draft of its own. */
  function fill(known: Partial<Record<Field, string>>): void {
    const isUntouched = JSON.stringify(values) === untouched
    Object.assign(values, known)
    if (isUntouched) untouched = JSON.stringify(values)
  }

  function saveSoon(): void {
    if (JSON.stringify(values) === untouched) return
    clearTimeout(timer)
    timer = setTimeout(save, SAVE_AFTER_MS)
  }

  function save(): void {
    clearTimeout(timer)
    timer = undefined
    if (isClosed || !personId) return
    const at = clock.now()
    if (drafts.save(personId, route, { at, values: { ...values } })) savedAt.value = at
  }

  /** Sent, or thrown away: nothing is left on the phone. */
  function close(): void {
    isClosed = true
    clearTimeout(timer)
    if (personId) drafts.drop(personId, route)
  }

  function clear(): void {
    for (const field of fields) {
      values[field] = ''
      delete errors[field]
    }
    isRestored.value = false
    if (personId) drafts.drop(personId, route)
  }

  function check(field: Field): boolean {
    const fault = rules[field]?.(values[field]) ?? null
    if (fault) errors[field] = fault
    else delete errors[field]
    return !fault
  }

  /** Checks everything, and brings the first fault into view. */
  async function checkAll(): Promise<boolean> {
    const isFine = fields.map(check).every(Boolean)
    if (!isFine) await showFirstFault()
    return isFine
  }

  /** What the server said about fields; names the form does not have are left to the caller. */
  async function takeFaults(faults: Record<string, string>): Promise<void> {
    for (const field of fields) {
      const fault = faults[field]
      if (fault) errors[field] = fault
    }
    await showFirstFault()
  }

  async function showFirstFault(): Promise<void> {
    await nextTick()
    const first = document.querySelector<HTMLElement>('[aria-invalid="true"]')
    first?.scrollIntoView({ block: 'center' })
    first?.focus({ preventScroll: true })
  }

  const flush = () => {
    if (timer) save()
  }
  window.addEventListener('pagehide', flush)
  onScopeDispose(() => {
    flush()
    window.removeEventListener('pagehide', flush)
  })

  const isBlank = computed(() => fields.every(field => values[field].trim() === ''))
  return { values, errors, savedAt, isRestored, isBlank, open, fill, close, clear, check, checkAll, takeFaults }
}
