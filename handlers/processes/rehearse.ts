import { processRehearseInput, type RehearsalView } from '../../common/contract/processes.ts'
import { readState, rehearse } from '../../engine/process/index.ts'
import { withAnswers } from '../approvals/index.ts'
import { defineQuery } from '../kernel/command.ts'
import { requireSound } from './check.ts'

/** 演练: a draft over the last finished cases, with today's people; nothing of them is touched. */
export const processRehearse = defineQuery({
  name: 'processes.rehearse',
  title: '演练流程',
  input: processRehearseInput,
  surfaces: ['admin'],
  async run({ services, now }, { definition: raw, lastCases }): Promise<RehearsalView> {
    const draft = await requireSound(services, raw)
    const heads = await services.models.cases.finishedOf(draft.key, lastCases)
    const organisation = await services.organisation.current()
    const states = heads.map(head => readState(head.state))
    const result = withAnswers(organisation, now, answers => rehearse(draft, states, { now, answers }))
    const numbers = new Map(heads.map(head => [head._id, head.number]))
    return {
      cases: result.cases.map(({ caseId, steps, added, removed, stop }) => ({
        caseId,
        number: numbers.get(caseId) ?? caseId,
        steps: steps.map(step => ({ name: step.name, people: step.assigneeIds.map(id => organisation.ref(id)) })),
        added,
        removed,
        ...(stop !== undefined && { stop }),
      })),
      different: result.different,
      dead: result.dead,
      nobody: result.nobody,
    }
  },
})
