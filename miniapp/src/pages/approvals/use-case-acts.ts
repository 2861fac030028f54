import { computed, type Ref, ref } from 'vue'
import type { ApprovalResult } from '../../../../common/contract/approvals.ts'
import type { CommandName, Commands } from '../../kernel/operations.ts'
import { useCommand } from '../../kernel/use-command.ts'
import { toast } from '../../ui/toast.ts'

/** Commands on a case that answer with one sentence. */
export type CaseAct = {
  [Name in CommandName]: Commands[Name]['output'] extends ApprovalResult ? Name : never
}[CommandName]

/**
 * Acts on the case shown. Whoever was too late, or may not, is told and sees the committed state; a fault in what was typed stays with
 * the sheet.
 *
 * @param settled the act is over, one way or the other: close what is open and read the case anew
 */
export function useCaseActs(isSheetOpen: Ref<boolean>, settled: () => void) {
  const commands = new Map<CaseAct, ReturnType<typeof useCommand<CaseAct>>>()
  const fault = ref('')
  const busy = ref(0)
  const isBusy = computed(() => busy.value > 0)

  async function act<Name extends CaseAct>(name: Name, input: Commands[Name]['input']): Promise<void> {
    const command = commands.get(name) ?? useCommand<CaseAct>(name)
    commands.set(name, command)
    busy.value += 1
    const outcome = await command.press(input as Commands[CaseAct]['input'])
    busy.value -= 1
    if (outcome.ok) {
      toast(outcome.result.message)
      settled()
      return
    }
    const { problem } = outcome
    if (!problem) return
    const isOver = problem.kind === 'conflict' || problem.kind === 'forbidden'
    if (isOver || !isSheetOpen.value) toast(problem.message)
    if (isOver) settled()
    else fault.value = Object.values(problem.fields)[0] ?? problem.message
  }

  return { act, fault, isBusy }
}
