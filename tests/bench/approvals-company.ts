import type { ProcessState } from '../../engine/process/index.ts'
import { approvalTodoId } from '../../handlers/approvals/card-id.ts'
import { act, publishedDefinition } from '../../handlers/approvals/index.ts'
import { CONTRACT_PROCESS } from '../../handlers/contracts/index.ts'
import type { Services } from '../../handlers/kernel/services.ts'
import type { Organisation } from '../../handlers/people/organisation.ts'
import type { CaseDoc } from '../../models/approvals/index.ts'
import type { StepDoc } from '../../models/kernel/steps.ts'
import type { TodoDoc } from '../../models/todos/index.ts'
import { startWorld } from '../support/world.ts'

const SELLERS = 40
const AT_ONCE = 32

/** One decision that somebody has to make. */
export interface Task {
  caseId: string
  taskId: string
  personId: string
}

export interface Company {
  services: Services
  dataDir: string
  organisation: Organisation
  /** Begin so many contract approvals; who decides first in each. */
  submit(count: number): Promise<Task[]>
  /** Whom a case waits for now; null when it is over. */
  next(caseId: string): Promise<Task | null>
  /** A case that ran to its end, and the last to-do of it. */
  finished(): Promise<{ head: CaseDoc; steps: StepDoc[]; todo: TodoDoc }>
  /** So many cases that wait for this person. */
  waitingFor(personId: string, count: number): Promise<void>
  close(): Promise<void>
}

const person = (wecomUserId: string, name: string, n: number, more: object = {}) => ({
  wecomUserId,
  name,
  mobile: `1390000${String(n).padStart(4, '0')}`,
  title: '职员',
  departmentId: 2,
  ...more,
})

/** So many at a time, each with its turn. */
export async function inParallel<Item>(
  items: readonly Item[],
  callers: number,
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  const rest = items.values()
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (const item of rest) await work(item)
    }),
  )
}

/**
 * The built services on the embedded store: 40 sellers with a superior each, 技术 and 财务. The background workers stand still: what goes
 * to the platforms has measurements of its own.
 */
export async function openCompany(): Promise<Company> {
  const index = [...Array(SELLERS).keys()]
  const world = await startWorld({
    company: {
      name: '压测公司',
      departments: [{ id: 2, name: '销售部', parentId: 1 }],
      people: [
        ...index.map(n => person(`s${n}`, `销售${n}`, n, { directLeader: `l${n}` })),
        ...index.map(n => person(`l${n}`, `主管${n}`, 100 + n)),
        ...index.slice(0, 1).map(n => person(`t${n}`, `技术${n}`, 200 + n, { roles: ['技术'] })),
        ...index.slice(0, 1).map(n => person(`f${n}`, `财务${n}`, 300 + n, { roles: ['财务'] })),
      ],
    },
  })
  await world.settle()
  await world.service.jobs.stop()
  const services: Services = { ...world.service.services, poke: () => undefined }
  const { models } = services
  const organisation = await services.organisation.current()
  const sellers = organisation.people().filter(({ name }) => name.startsWith('销售'))
  const at = new Date(services.clock.now())
  await models.customers.model.insertMany(
    sellers.map(({ _id, name }) => ({
      _id: `customer-${_id}`,
      name: `${name}的客户有限公司`,
      nameKey: `${name}的客户`,
      grams: [],
      initials: [],
      stage: '潜在',
      source: '其他',
      tags: [],
      ownerId: _id,
      ownerSince: at,
      createdAt: at,
      lastActivityAt: at,
    })),
  )
  const definition = await publishedDefinition(services, CONTRACT_PROCESS)
  if (!definition) throw new Error('contracts have no process')
  let serial = 0

  /** Everybody approves until then; what was decided. */
  async function decideUntil(first: Task, until: (task: Task | null) => boolean): Promise<Task[]> {
    const decided: Task[] = []
    for (let task: Task | null = first; task && !until(task); task = await company.next(first.caseId)) {
      const { caseId, taskId, personId } = task
      const event = { type: 'approve' as const, by: personId, via: 'h5', taskId }
      await act(services, { caseId, actorId: personId, commandId: `approve-${taskId}`, via: 'h5', event })
      decided.push(task)
    }
    return decided
  }

  const company: Company = {
    services,
    dataDir: world.dataDir,
    organisation,
    async submit(count) {
      const caseIds: string[] = []
      await inParallel([...Array(count).keys()], AT_ONCE, async () => {
        serial += 1
        const caseId = `case${serial}`
        const by = sellers[serial % sellers.length]?._id ?? ''
        const form = {
          contractId: `contract${serial}`,
          number: `HT-2026-${String(serial).padStart(6, '0')}`,
          customerId: `customer-${by}`,
          customerName: '重庆某某信息技术有限公司',
          title: `第${serial}号专线合同`,
          type: '专线',
          amountMinor: 10_000_000,
          ownerId: by,
          attachmentIds: [],
        }
        const event = { type: 'submit' as const, caseId, by, via: 'h5', form }
        await act(services, { caseId, actorId: by, commandId: `submit-${serial}`, via: 'h5', definition, event })
        caseIds.push(caseId)
      })
      return (await Promise.all(caseIds.map(company.next))).flatMap(task => task ?? [])
    },
    async next(caseId) {
      const head = await models.cases.byId(caseId)
      const task = (head?.state as ProcessState | undefined)?.openTasks[0]
      return task ? { caseId, taskId: task.taskId, personId: task.assigneeIds[0] ?? '' } : null
    },
    async finished() {
      const [first] = await company.submit(1)
      if (!first) throw new Error('nothing was submitted')
      const last = (await decideUntil(first, task => task === null)).at(-1)
      const head = await models.cases.byId(first.caseId)
      const todo = last && (await models.todos.byId(approvalTodoId(last.taskId, last.personId)))
      if (!head || !todo) throw new Error('the case did not end')
      return { head, todo, steps: await models.steps.all(first.caseId) }
    },
    async waitingFor(personId, count) {
      await inParallel(await company.submit(count), AT_ONCE, first => decideUntil(first, task => task?.personId === personId))
    },
    close: () => world.close(),
  }
  return company
}
