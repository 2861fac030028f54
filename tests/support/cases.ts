import type { ApprovalDetail, ApprovalResult } from '../../common/contract/approvals.ts'
import type { RequestSubmitted } from '../../common/contract/requests.ts'
import { openClient, type Refusal, type WebAnswer, type WebClient } from './web-client.ts'
import type { World } from './world.ts'

/** Acts of people on cases through the mini-app's API, with the world at rest after each. */
export interface Cases {
  /** Somebody's own browser, logged in. WeCom ids begin with a letter other than u+digits. */
  browser(userId: string): Promise<WebClient>
  customer(name: string): Promise<string>
  person(name: string): Promise<string>
  /** Roles beat titles; the world knows at once. */
  roles(assigned: Readonly<Record<string, readonly string[]>>): Promise<void>
  submit(userId: string, key: string, form: Record<string, unknown>, more?: Record<string, unknown>): Promise<RequestSubmitted>
  /** One command on a case. @throws when it was refused */
  act(userId: string, command: string, input: Record<string, unknown>): Promise<ApprovalResult>
  /** The refusal's code. @throws when it was not refused */
  refused(userId: string, command: string, input: Record<string, unknown>): Promise<string>
  detail(userId: string, caseId: string): Promise<ApprovalDetail>
  status(caseId: string): Promise<string>
  /** The names of the steps where somebody is asked now, with who is: `技术评估:陈涛`. */
  waiting(caseId: string): Promise<string[]>
}

export function openCases(world: World): Cases {
  const browsers = new Map<string, Promise<WebClient>>()
  const { models, organisation } = world.service.services

  async function login(userId: string): Promise<WebClient> {
    const client = openClient(world)
    await (/^u\d+$/.test(userId) ? client.loginDingTalk(userId) : client.loginWeCom(userId))
    return client
  }

  async function command<Body>(userId: string, name: string, input: unknown): Promise<WebAnswer<Body>> {
    const answer = await (await cases.browser(userId)).command<Body>(name, input)
    await world.settle()
    return answer
  }

  function accepted<Body>(answer: WebAnswer<Body>): Body {
    if (answer.status !== 200) throw new Error(`refused with ${answer.status}: ${answer.text}`)
    return answer.body
  }

  const cases: Cases = {
    browser(userId) {
      const open = browsers.get(userId) ?? login(userId)
      browsers.set(userId, open)
      return open
    },
    async customer(name) {
      const row = await models.customers.model.findOne({ name }).lean()
      if (!row) throw new Error(`no customer ${name}`)
      return row._id
    },
    async person(name) {
      const [row] = await models.people.byName(name)
      if (!row) throw new Error(`nobody is called ${name}`)
      return row._id
    },
    async roles(assigned) {
      for (const [name, roles] of Object.entries(assigned))
        await models.people.assign(await cases.person(name), { roles: [...roles] })
      organisation.forget()
    },
    async submit(userId, key, form, more = {}) {
      return accepted(await command<RequestSubmitted>(userId, 'requests.submit', { key, form, ...more }))
    },
    async act(userId, name, input) {
      return accepted(await command<ApprovalResult>(userId, `approvals.${name}`, input))
    },
    async refused(userId, name, input) {
      const answer = await command<Refusal>(userId, `approvals.${name}`, input)
      if (answer.status === 200) throw new Error(`not refused: ${answer.text}`)
      return answer.body.error.code
    },
    async detail(userId, caseId) {
      return accepted(await (await cases.browser(userId)).query<ApprovalDetail>('approvals.get', { caseId }))
    },
    async status(caseId) {
      return (await models.requests.byCase(caseId))?.status ?? (await models.contracts.byCase(caseId))?.status ?? '?'
    },
    async waiting(caseId) {
      const people = await organisation.current()
      const head = await models.cases.byId(caseId)
      const { openTasks } = (head?.state ?? { openTasks: [] }) as { openTasks: { name: string; assigneeIds: string[] }[] }
      return openTasks.map(({ name, assigneeIds }) => `${name}:${assigneeIds.map(id => people.name(id)).join('、')}`)
    },
  }
  return cases
}
