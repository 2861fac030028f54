import { computed, onActivated, onScopeDispose, reactive, ref, shallowRef, watch } from 'vue'
import type { Page } from '../../../common/contract/page.ts'
import { changeCount } from './changes.ts'
import type { Queries, QueryName } from './operations.ts'
import { asProblem, type Problem } from './problem.ts'
import { answers, api, clock } from './services.ts'
import { whenKnown } from './session.ts'

const PAGE_SIZE = 30
const MAX_PAGE_SIZE = 100

/** The queries that answer page by page. */
export type PagedQueryName = { [Name in QueryName]: Queries[Name]['output'] extends Page<infer _Row> ? Name : never }[QueryName]
/** What a list screen shows and does; see {@link usePages}. */
export interface PagedList<Row> {
  readonly rows: readonly Row[]
  readonly problem: Problem | null
  readonly isLoading: boolean
  /** The first page is there, even if it is empty. */
  readonly isLoaded: boolean
  /** When the shown rows were received, if they are kept ones; else null. */
  readonly keptAt: number | null
  readonly hasMore: boolean
  reload(): Promise<void>
  loadMore(): Promise<void>
  retry(): Promise<void>
}

type RowOf<Name extends PagedQueryName> = Queries[Name]['output'] extends Page<infer Row> ? Row : never

/**
 * A list that grows while scrolling. A new `input` starts it afresh and answers that were overtaken are dropped; offline the first
 * page of the last visit is shown, with its time in `keptAt`.
 */
export function usePages<Name extends PagedQueryName>(name: Name, input: () => Queries[Name]['input']): PagedList<RowOf<Name>> {
  const rows = shallowRef<RowOf<Name>[]>([])
  const nextCursor = ref<string | null>(null)
  const problem = shallowRef<Problem | null>(null)
  const isLoading = ref(false)
  const isLoaded = ref(false)
  const keptAt = ref<number | null>(null)
  let current: AbortController | null = null
  let seenChanges = changeCount.value

  async function ask(cursor: string | null, limit: number): Promise<void> {
    current?.abort()
    const mine = new AbortController()
    current = mine
    isLoading.value = true
    problem.value = null
    const question = `${name} ${JSON.stringify(input())}`
    try {
      const asked = { ...input(), ...(cursor && { cursor }), limit } as Queries[Name]['input']
      const answer = (await api.query(name, asked, mine.signal)) as Page<RowOf<Name>>
      if (current !== mine) return
      take(answer, cursor !== null)
      keptAt.value = null
      if (!cursor) void whenKnown().then(me => answers.keep(me.person.id, question, { at: clock.now(), value: answer }))
    } catch (thrown) {
      if (current !== mine) return
      await fail(asProblem(thrown), question, mine)
    } finally {
      if (current === mine) isLoading.value = false
    }
  }

  function take(answer: Page<RowOf<Name>>, isMore: boolean): void {
    rows.value = isMore ? [...rows.value, ...answer.items] : answer.items
    nextCursor.value = answer.nextCursor
    isLoaded.value = true
  }

  async function fail(failure: Problem, question: string, mine: AbortController): Promise<void> {
    if (failure.kind === 'offline' && rows.value.length === 0) {
      const kept = answers.find((await whenKnown()).person.id, question)
      if (current !== mine) return
      if (kept) {
        take({ ...(kept.value as Page<RowOf<Name>>), nextCursor: null }, false)
        keptAt.value = kept.at
        return
      }
    }
    problem.value = failure
  }

  /** Asks for what is shown again, in one piece, so that the place in the list is kept. */
  async function reload(): Promise<void> {
    seenChanges = changeCount.value
    await ask(null, Math.min(MAX_PAGE_SIZE, Math.max(PAGE_SIZE, rows.value.length)))
  }

  async function loadMore(): Promise<void> {
    if (!isLoading.value && nextCursor.value && !problem.value) await ask(nextCursor.value, PAGE_SIZE)
  }

  async function retry(): Promise<void> {
    if (rows.value.length > 0 && nextCursor.value) await ask(nextCursor.value, PAGE_SIZE)
    else await reload()
  }

  watch(
    () => JSON.stringify(input()),
    () => {
      rows.value = []
      nextCursor.value = null
      isLoaded.value = false
      void reload()
    },
    { immediate: true },
  )
  onActivated(() => {
    if (seenChanges !== changeCount.value) void reload()
  })
  const onOnline = () => {
    if (keptAt.value !== null || problem.value?.kind === 'offline') void retry()
  }
  window.addEventListener('online', onOnline)
  onScopeDispose(() => {
    current?.abort()
    window.removeEventListener('online', onOnline)
  })

  const hasMore = computed(() => nextCursor.value !== null)
  return reactive({ rows, problem, isLoading, isLoaded, keptAt, hasMore, reload, loadMore, retry })
}
