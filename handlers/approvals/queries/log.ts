import { type ApprovalLogRow, approvalGetInput } from '../../../common/contract/approvals.ts'
import { type Effect, findNode, type ProcessDefinition, type ProcessEvent } from '../../../engine/process/index.ts'
import { defineQuery } from '../../kernel/command.ts'
import { PLATFORM_NAMES } from '../../kernel/services.ts'
import type { Organisation } from '../../people/organisation.ts'
import { definitionOf } from '../definitions.ts'
import { BY_ITSELF, SYSTEM } from '../system.ts'
import { PLACEMENT_WORDS } from '../words.ts'
import { requireCase } from './require-case.ts'

const MAX_ROWS = 500

interface Reading {
  organisation: Organisation
  definition: ProcessDefinition
}

/** What was done, in words, and the words that came with it. */
function actOf(
  event: ProcessEvent,
  effects: readonly Effect[],
  { organisation, definition }: Reading,
): { act: string; words?: string } {
  const name = (id: string) => organisation.name(id)
  const names = (ids: readonly string[]) => ids.map(name).join('、')
  const node = (id: string) => {
    const found = findNode(definition, id)
    return found?.type === 'start' ? '提交人' : (found?.name ?? id)
  }
  const said = (act: string, words?: string) => ({ act, ...(words && { words }) })
  switch (event.type) {
    case 'submit':
      return said('提交')
    case 'approve':
      return said(effects.some(effect => effect.type === 'voted' && effect.outcome === 'done') ? '完成' : '同意', event.comment)
    case 'reject':
      return said('拒绝', event.reason)
    case 'return':
      return said(`退回到${node(event.to)}`, event.reason)
    case 'resubmit':
      return said('重新提交', event.comment)
    case 'withdraw':
      return said('撤回', event.reason)
    case 'transfer':
      return said(`转交给 ${name(event.to)}`, event.comment)
    case 'addSign':
      return said(`${PLACEMENT_WORDS[event.placement] ?? '加签'} ${names(event.people)}`, event.comment)
    case 'removeSign':
      return said(`减签 ${names(event.people)}`)
    case 'urge':
      return said('催办')
    case 'comment':
      return said('评论', event.text)
    case 'copy':
      return said(`抄送 ${names(event.people)}`, event.comment)
    case 'retract':
      return said('撤销自己的处理')
    case 'delegate':
      return said('委托变更')
    case 'handOver':
      return said(`将 ${name(event.from)} 的审批交接给 ${name(event.to)}`)
    case 'reassign':
      return said(`改派给 ${names(event.people)}`, event.reason)
    case 'skip':
      return said('跳过这一步', event.reason)
    case 'reroute':
      return said(`改道到${node(event.to)}`, event.reason)
    case 'terminate':
      return said('终止', event.reason)
    case 'resolve':
      return said('处理暂停')
    case 'migrate':
      return said(`换到流程第 ${event.to} 版`)
    case 'timeout':
      return said(timeoutWords(effects, names))
    case 'serviceFinished':
      return said(event.ok ? '自动执行完成' : '自动执行失败', event.why)
    case 'childFinished':
      return event.outcome === 'refused' ? said('子流程没有开始', event.why) : said('子流程结束')
  }
}

const REMINDERS = {
  warn: '即将超时,已提醒',
  remind: '已超时,已提醒',
  superior: '已超时,已告知上级',
  admin: '严重超时,已告知管理员',
} as const

function timeoutWords(effects: readonly Effect[], names: (ids: readonly string[]) => string): string {
  for (const effect of effects) {
    if (effect.type === 'reminded') return `${REMINDERS[effect.action]} ${names(effect.personIds)}`
    if (effect.type === 'transferred') return `已超时,自动转交给 ${names([effect.toId])}`
  }
  return '等待时间到'
}

const viaWord = (via: string): string | undefined => (via === BY_ITSELF ? undefined : (PLATFORM_NAMES[via] ?? via))

/** Every act on the case, with the channel it came through: the audit of a case are its steps. */
export const approvalLog = defineQuery({
  name: 'approvals.log',
  title: '操作记录',
  input: approvalGetInput,
  surfaces: ['h5'],
  async run({ services, viewer }, { caseId }): Promise<{ items: ApprovalLogRow[] }> {
    const head = await requireCase(services, viewer, caseId)
    const organisation = await services.organisation.current()
    const definition = await definitionOf(services, head.state)
    const steps = await services.models.steps.log(caseId, MAX_ROWS)
    return {
      items: steps.map(step => {
        const via = viaWord(step.via)
        return {
          id: step._id,
          at: step.at.getTime(),
          ...(step.actorId !== SYSTEM && { by: organisation.ref(step.actorId) }),
          ...actOf(step.event as ProcessEvent, step.effects as Effect[], { organisation, definition }),
          ...(via && { via }),
        }
      }),
    }
  },
})
