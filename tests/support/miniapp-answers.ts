import type { FileRef } from '../../common/contract/contracts.ts'
import { miniappFixtures } from './miniapp-fixtures.ts'
import { type Answer, pageOf } from './miniapp-server.ts'
import { upkeepAnswers } from './miniapp-upkeep.ts'

type Paging = { cursor?: string; limit?: number }

/** An answer for everything the mini-app asks, from the fixtures; tests replace single ones. */
export function miniappAnswers(now: number): Record<string, Answer> {
  const data = miniappFixtures(now)
  const customers = Array.from({ length: 1_000 }, (_, index) => data.customerRow(index + 1))
  const { people } = data
  const decided = (message: string) => () => ({ caseId: 'c1', status: '审批中', message })
  return {
    '/api/me': () => data.me,
    '/api/auth/options': () => ({ companyName: '渝通电信', wecom: true, dingtalk: { corpId: 'ding1', clientId: 'client1' } }),
    '/api/auth/logout': () => null,
    '/api/files': (_input: never, call): FileRef => ({
      id: 'f9',
      name: new URL(call.url, 'http://x').searchParams.get('name') ?? '',
      sizeBytes: 12_345,
      type: 'application/pdf',
    }),
    'query todos.list': (input: Paging & { state?: string }) => pageOf(input.state === 'done' ? [] : data.todos, input),
    'query approvals.list': (input: Paging & { box?: string }) => pageOf(input.box === 'submitted' ? [] : data.approvals, input),
    'query approvals.get': () => data.approval,
    'query customers.search': (input: Paging & { q?: string }) =>
      pageOf(
        customers.filter(({ name }) => name.includes(input.q ?? '')),
        input,
      ),
    'query customers.get': () => data.customer,
    'query customers.timeline': (input: Paging & { type?: string }) =>
      pageOf(
        data.timeline.filter(({ type }) => !input.type || input.type === 'all' || type === input.type),
        input,
      ),
    'query people.search': (input: { q?: string }) => ({
      items: Object.values(people).filter(({ name }) => name.includes(input.q ?? '')),
    }),
    'query drafts.get': () => ({
      draftId: 'd-lead',
      kind: 'lead',
      status: 'open',
      values: { company: '重庆长安汽车', contact: '张伟', phone: '13812345678', interest: '专线', budget: '800,000.00' },
    }),
    'query leads.duplicates': () => [],
    'query contracts.route': () => ({
      steps: [
        { name: '直属上级', people: [people.head] },
        { name: '技术审批', people: [people.tech], reason: '类型 专线 → 技术' },
        { name: '财务审批', people: [people.finance] },
        { name: '副总审批', people: [people.vice], reason: '金额 620,000.00 > 500,000.00 → 副总' },
      ],
    }),
    'query people.list': (input: Paging & { q?: string }) =>
      pageOf(
        data.rows.filter(({ name }) => name.includes(input.q ?? '')),
        input,
      ),
    'query settings.get': () => ({ companyName: '渝通电信' }),
    'query work.deadLetters': () => ({ items: data.deadLetters, nextCursor: null }),
    'command leads.create': () => ({ leadId: 'l1', number: 'XS-2026-0077', customerId: 'k1' }),
    'command activities.create': () => ({ activityId: 'a1' }),
    'command contracts.submit': () => ({ contractId: 'h9', number: 'HT-2026-0042', caseId: 'c1' }),
    'command approvals.decide': decided('已同意 HT-2026-0041'),
    'command approvals.transfer': decided('已转交给赵强'),
    'command approvals.urge': decided('已提醒陈静'),
    'command approvals.withdraw': decided('已撤回'),
    'command portal.share': () => ({ url: 'http://127.0.0.1/s/abc', expiresAt: now + 30 * 86_400_000 }),
    'command portal.revoke': () => ({ revoked: 1 }),
    'command projects.completeStep': () => null,
    'command todos.complete': () => null,
    'command people.assign': () => null,
    'command people.link': () => null,
    'command settings.update': () => null,
    'command work.replay': () => null,
    ...upkeepAnswers(now, people),
  }
}
