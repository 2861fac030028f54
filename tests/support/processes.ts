import type { ProcessPublished } from '../../common/contract/processes.ts'
import type { ProcessDraft } from '../../engine/process/index.ts'
import type { Cases } from './cases.ts'

/** A small process: the start leads to the first of these nodes. */
export const draftOf = (key: string, nodes: ProcessDraft['nodes'], more: Partial<ProcessDraft> = {}): ProcessDraft => ({
  key,
  version: 1,
  name: key,
  fields: { title: { type: 'string', label: '标题' } },
  required: ['title'],
  nodes: [
    { id: 'start', type: 'start', name: '提交', next: nodes[0]?.id ?? 'end' },
    ...nodes,
    { id: 'end', type: 'end', name: '结束' },
  ],
  ...more,
})

/** A step at which the first of these people decides, and then the end. */
export const stepOf = async (
  cases: Cases,
  names: readonly string[],
  more: Partial<Extract<ProcessDraft['nodes'][number], { type: 'approval' }>> = {},
) => ({
  id: 'one',
  type: 'approval' as const,
  name: '审批',
  approvers: [{ type: 'person' as const, personIds: await Promise.all(names.map(name => cases.person(name))) }],
  mode: { type: 'anyOf' as const },
  next: 'end',
  ...more,
})

/** 王敏 is the admin. @throws with every fault */
export async function publish(cases: Cases, definition: ProcessDraft): Promise<ProcessPublished> {
  const answer = await (await cases.browser('wangmin')).command<ProcessPublished>('processes.publish', { definition })
  if (answer.status !== 200) throw new Error(answer.text)
  return answer.body
}
