import { z } from 'zod'
import { type FaultView, type ProcessVersionRow, processCheckInput, processGetInput } from '../../common/contract/processes.ts'
import { NotFoundError } from '../../common/errors.ts'
import { processId } from '../../models/processes/index.ts'
import { defineQuery } from '../kernel/command.ts'
import { checkDraft } from './check.ts'

const MAX_ROWS = 500

/** Every version of every process, with how many cases run on it. */
export const processesList = defineQuery({
  name: 'processes.list',
  title: '流程',
  input: z.object({}),
  surfaces: ['admin'],
  async run({ services }): Promise<{ items: ProcessVersionRow[] }> {
    const { processes, cases } = services.models
    const [rows, running, organisation] = await Promise.all([
      processes.all(MAX_ROWS),
      cases.runningByVersion(),
      services.organisation.current(),
    ])
    const counts = new Map(running.map(({ _id, count }) => [processId(_id.key, _id.version), count]))
    return {
      items: rows.map(row => ({
        key: row.key,
        version: row.version,
        name: row.name,
        state: row.state,
        ...(row.publishedAt && { publishedAt: row.publishedAt.getTime() }),
        ...(row.publishedById && { publishedBy: organisation.ref(row.publishedById) }),
        running: counts.get(row._id) ?? 0,
      })),
    }
  },
})

/** One version as data. */
export const processGet = defineQuery({
  name: 'processes.get',
  title: '流程定义',
  input: processGetInput,
  surfaces: ['admin'],
  async run({ services }, { key, version }): Promise<{ definition: unknown }> {
    const found = await services.models.processes.version(key, version)
    if (!found) throw new NotFoundError('process.unknown', '没有这个版本的流程。')
    return { definition: found.definition }
  },
})

/** What is wrong with a draft, and where. */
export const processCheck = defineQuery({
  name: 'processes.check',
  title: '检查流程',
  input: processCheckInput,
  surfaces: ['admin'],
  async run({ services }, { definition }): Promise<{ faults: FaultView[] }> {
    return { faults: (await checkDraft(services, definition)).faults }
  },
})
