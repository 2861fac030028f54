import type { FileRef } from '../../common/contract/files.ts'
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
    'query approvals.get': ({ caseId }: { caseId?: string }) => (caseId === 'c-fork' ? data.forked : data.approval),
    'query approvals.log': () => ({
      items: [
        { id: 'a1', at: now - 3 * 86_400_000, by: people.sales, act: '提交', via: '企业微信' },
        { id: 'a2', at: now - 2 * 86_400_000, by: people.head, act: '同意', words: '价格已谈妥', via: '钉钉' },
        { id: 'a3', at: now - 86_400_000, act: '已超时,已提醒 陈静' },
      ],
    }),
    'query approvals.stuck': () => ({ items: data.stuck }),
    'query requests.templates': () => ({ items: data.templates }),
    'query requests.form': () => data.requestForm,
    'query requests.route': () => ({
      steps: [
        { kind: 'handle', name: '商务条款', people: [people.head], branches: [{ group: 'together', name: '销售' }] },
        { kind: 'handle', name: '技术支持方案', people: [people.tech], branches: [{ group: 'together', name: '技术' }] },
        { kind: 'approval', name: '整体审批', people: [people.vice], branches: [] },
      ],
    }),
    'query processes.list': () => ({ items: data.processes }),
    'query processes.get': () => ({ definition: { key: 'customSolution', name: '跨部门定制方案', nodes: [] } }),
    'query processes.check': () => ({
      faults: [{ path: 'nodes.1.approvers', code: 'process.empty_approvers', message: '「审批」没有审批人' }],
    }),
    'query processes.rehearse': () => ({ cases: [], different: 0, dead: [], nobody: [] }),
    'query processes.pace': () => ({
      items: [
        {
          key: 'contractApproval',
          name: '合同审批',
          cases: 12,
          workingSeconds: 7 * 3600,
          waitMs: 86_400_000,
          handOffs: 3.5,
          targetWorkingSeconds: 8 * 3600,
          withinTargetShare: 0.75,
          bottleneck: { nodeId: 'finance', name: '财务审批', shareOfTime: 0.43 },
        },
      ],
    }),
    'query processes.measure': () => ({
      cases: 12,
      workingSeconds: 7 * 3600,
      waitMs: 86_400_000,
      handOffs: 3.5,
      targetWorkingSeconds: 8 * 3600,
      withinTargetShare: 0.75,
      nodes: [
        { nodeId: 'finance', name: '财务审批', count: 12, waitMs: 36_000_000, workingSeconds: 3 * 3600, overdueShare: 0.25 },
      ],
      bottleneck: { nodeId: 'finance', name: '财务审批', shareOfTime: 0.43 },
    }),
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
      ].map(step => ({ kind: 'approval', branches: [], ...step })),
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
    'command approvals.addSign': decided('已加签'),
    'command approvals.copy': decided('已抄送'),
    'command approvals.comment': decided('已评论'),
    'command approvals.return': decided('已退回'),
    'command approvals.resolve': decided('已处理 XB-2026-0003 的暂停。'),
    'command approvals.batchDecide': (input: { items: { caseId: string }[] }) => ({
      items: input.items.map(({ caseId }, index) => ({
        caseId,
        number: `HT-2026-004${index}`,
        title: '专线扩容',
        ok: index > 0,
        message: index > 0 ? '已同意' : '这一步已经处理过。',
      })),
      message: `已同意 ${input.items.length - 1} 个,1 个没有成功。`,
    }),
    'command requests.submit': () => ({ requestId: 'r9', number: 'DZ-2026-0007', caseId: 'c-fork' }),
    'command processes.publish': () => ({ key: 'customSolution', version: 2, message: '已发布第 2 版' }),
    'command processes.migrate': () => ({
      items: [
        { caseId: 'c9', number: 'DZ-2026-0001', from: 1, to: 2, changes: ['「审批」改名为「初审」'], blocked: [], moved: false },
        {
          caseId: 'c8',
          number: 'DZ-2026-0002',
          from: 1,
          to: 2,
          changes: [],
          blocked: ['新版本中没有「加急」这一步'],
          moved: false,
        },
      ],
      applied: false,
      message: '1 个可以迁移,1 个不能。',
    }),
    'command portal.share': () => ({ url: 'http://127.0.0.1/s/abc', expiresAt: now + 30 * 86_400_000 }),
    'command portal.revoke': () => ({ revoked: 1 }),
    'command projects.completeStep': () => null,
    'command todos.complete': () => null,
    'command people.assign': () => null,
    'command people.link': () => null,
    'command settings.update': () => null,
    'command work.replay': () => null,
    ...upkeepAnswers(now),
  }
}
