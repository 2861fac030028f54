import type { ProcessState } from '../../engine/process/index.ts'
import type { Organisation } from '../people/organisation.ts'
import { END_WORDS } from './words.ts'

/** What the case waits for now: `下一步:财务审批(李静)。` */
export function nextWords(state: ProcessState, organisation: Organisation): string {
  if (state.status !== 'running' && state.status !== 'incident') return END_WORDS[state.status]
  const steps = state.openTasks.map(({ kind, name, assigneeIds }) => {
    const people = assigneeIds.map(id => organisation.name(id)).join('、')
    return kind === 'resubmit' ? `${people} 修改后重新提交` : `${name}(${people})`
  })
  if (steps.length > 0) return `下一步:${steps.join(',')}。`
  const parts = state.path.filter(({ type, leftAt }) => type === 'subProcess' && leftAt === undefined).map(({ name }) => name)
  if (state.status === 'running' && parts.length > 0) return `下一步:${parts.join('、')}。`
  return state.status === 'incident' ? '审批暂停,等待管理员处理。' : ''
}
