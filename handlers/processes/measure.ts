import { z } from 'zod'
import { type ProcessMeasureView, type ProcessPace, processMeasureInput } from '../../common/contract/processes.ts'
import { NotFoundError } from '../../common/errors.ts'
import { elapsedWorking } from '../../engine/calendar/index.ts'
import type { Viewer } from '../../engine/policy/index.ts'
import { measureProcess, type ProcessDefinition, readState } from '../../engine/process/index.ts'
import { publishedDefinition } from '../approvals/index.ts'
import { defineQuery } from '../kernel/command.ts'
import type { Services } from '../kernel/services.ts'

/** Cases of each process that an overview looks at. */
const OVERVIEW_CASES = 100

/** What finished cases took: where the time goes, how often it passed from hand to hand, how many kept to the target. */
export const processMeasure = defineQuery({
  name: 'processes.measure',
  title: '流程用时',
  input: processMeasureInput,
  surfaces: ['chat', 'h5'],
  async run({ services, viewer }, { key, lastCases }): Promise<ProcessMeasureView> {
    const definition = await publishedDefinition(services, key)
    if (!definition) throw new NotFoundError('process.unknown', '没有这个流程。')
    return measured(services, viewer, definition, lastCases)
  },
})

/** The same at a glance for every process with finished cases, those that take longest first. */
export const processesPace = defineQuery({
  name: 'processes.pace',
  title: '流程用时一览',
  input: z.object({}),
  surfaces: ['chat', 'h5'],
  async run({ services, viewer }): Promise<{ items: ProcessPace[] }> {
    const offered = await services.models.processes.offered()
    const rows: ProcessPace[] = []
    for (const { key, name, definition } of offered) {
      const { nodes: _, ...whole } = await measured(services, viewer, definition as ProcessDefinition, OVERVIEW_CASES)
      if (whole.cases > 0) rows.push({ key, name, ...whole })
    }
    return { items: rows.sort((a, b) => b.workingSeconds - a.workingSeconds) }
  },
})

/** An admin learns of all cases, anybody else of their own and of those below them. */
async function measured(
  services: Services,
  viewer: Viewer,
  definition: ProcessDefinition,
  lastCases: number,
): Promise<ProcessMeasureView> {
  const submitterIds = viewer.isAdmin ? undefined : [...new Set([viewer.personId, ...viewer.subtreePersonIds])]
  const [heads, calendars, organisation] = await Promise.all([
    services.models.cases.finishedOf(definition.key, lastCases, submitterIds),
    services.calendars.current(),
    services.organisation.current(),
  ])
  const time = calendars.ofPeople(organisation, [])
  const states = heads.map(head => readState(head.state))
  return measureProcess(definition, states, (from, to) => elapsedWorking(time, from, to))
}
