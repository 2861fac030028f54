import { ref } from 'vue'
import { noteChange } from './changes.ts'
import type { CommandName, Commands } from './operations.ts'
import { asProblem, type Problem } from './problem.ts'
import { api } from './services.ts'

/** How a press ended. `problem` is null when it was ignored because the one before is still on its way. */
export type Outcome<Result> = { ok: true; result: Result } | { ok: false; problem: Problem | null }

/** One command behind one button: `isBusy` while it is on its way, and a second press in that time does nothing. */
export function useCommand<Name extends CommandName>(name: Name) {
  const isBusy = ref(false)

  async function press(input: Commands[Name]['input']): Promise<Outcome<Commands[Name]['output']>> {
    if (isBusy.value) return { ok: false, problem: null }
    isBusy.value = true
    try {
      const result = await api.command(name, input)
      noteChange()
      return { ok: true, result }
    } catch (thrown) {
      return { ok: false, problem: asProblem(thrown) }
    } finally {
      isBusy.value = false
    }
  }

  return { isBusy, press }
}
