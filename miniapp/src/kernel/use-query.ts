import { onActivated, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { changeCount } from './changes.ts'
import type { Queries, QueryName } from './operations.ts'
import { asProblem, type Problem } from './problem.ts'
import { answers, api, clock } from './services.ts'
import { whenKnown } from './session.ts'

/**
 * One question to the server and its answer. The question is asked again when `input` changes (null: not yet), and an answer that
 * was overtaken is dropped. Without a network the last answer of this screen is shown, with its time in `keptAt`.
 */
export function useQuery<Name extends QueryName>(name: Name, input: () => Queries[Name]['input'] | null) {
  const data = shallowRef<Queries[Name]['output'] | null>(null)
  const problem = shallowRef<Problem | null>(null)
  const isLoading = ref(false)
  const keptAt = ref<number | null>(null)
  let current: AbortController | null = null
  let seenChanges = changeCount.value

  async function reload(): Promise<void> {
    const asked = input()
    current?.abort()
    if (asked === null) return
    const mine = new AbortController()
    current = mine
    isLoading.value = true
    seenChanges = changeCount.value
    const question = `${name} ${JSON.stringify(asked)}`
    try {
      const answer = await api.query(name, asked, mine.signal)
      if (current !== mine) return
      show(answer, null)
      void whenKnown().then(me => answers.keep(me.person.id, question, { at: clock.now(), value: answer }))
    } catch (thrown) {
      if (current !== mine) return
      await fail(asProblem(thrown), question, mine)
    } finally {
      if (current === mine) isLoading.value = false
    }
  }

  async function fail(failure: Problem, question: string, mine: AbortController): Promise<void> {
    if (failure.kind === 'offline') {
      const kept = answers.find((await whenKnown()).person.id, question)
      if (current !== mine) return
      if (kept) return show(kept.value as Queries[Name]['output'], kept.at)
    }
    problem.value = failure
  }

  function show(answer: Queries[Name]['output'], at: number | null): void {
    data.value = answer
    problem.value = null
    keptAt.value = at
  }

  watch(
    () => JSON.stringify(input()),
    () => {
      data.value = null
      problem.value = null
      void reload()
    },
    { immediate: true },
  )
  onActivated(() => {
    if (seenChanges !== changeCount.value) void reload()
  })
  const onOnline = () => {
    if (keptAt.value !== null || problem.value?.kind === 'offline') void reload()
  }
  window.addEventListener('online', onOnline)
  onScopeDispose(() => {
    current?.abort()
    window.removeEventListener('online', onOnline)
  })

  return { data, problem, isLoading, keptAt, reload }
}
