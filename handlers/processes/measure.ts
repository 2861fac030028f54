import { type ProcessMeasureView, processMeasureInput } from '../../common/contract/processes.ts'
import { NotFoundError } from '../../common/errors.ts'
import { elapsedWorking } from '../../engine/calendar/index.ts'
import { measureProcess, readState } from '../../engine/process/index.ts'
import { publishedDefinition } from '../approvals/index.ts'
import { defineQuery } from '../kernel/command.ts'

/** What finished cases took: where the time goes, how often it passed from hand to hand, how many kept to the target. */
export const processMeasure = defineQuery({
  name: 'processes.measure',
  title: '流程用时',
  input: processMeasureInput,
  surfaces: ['admin'],
  async run({ services }, { key, lastCases }): Promise<ProcessMeasureView> {
    const definition = await publishedDefinition(services, key)
    if (!definition) throw new NotFoundError('process.unknown', '没有这个流程。')
    const [heads, calendars, organisation] = await Promise.all([
      services.models.cases.finishedOf(key, lastCases),
      services.calendars.current(),
      services.organisation.current(),
    ])
    const time = calendars.ofPeople(organisation, [])
    const states = heads.map(head => readState(head.state))
    return measureProcess(definition, states, (from, to) => elapsedWorking(time, from, to))
  },
})
