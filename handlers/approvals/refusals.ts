import { type AppError, ConflictError, DeniedError, InvalidError, NotFoundError } from '../../common/errors.ts'
import type { Refused } from '../../engine/process/index.ts'
import type { Services } from '../kernel/services.ts'
import type { Organisation } from '../people/organisation.ts'

export const OUTCOME_WORDS = { approved: '已同意', rejected: '已拒绝', withdrawn: '已撤回' } as const

/** `王敏 11-21 14:03 已同意`, from the details of a refusal that carries the committed state. */
function committed(details: Refused['details'], organisation: Organisation, services: Services): string {
  const word = OUTCOME_WORDS[details.outcome as keyof typeof OUTCOME_WORDS] ?? '已处理'
  const who = typeof details.byId === 'string' ? `${organisation.name(details.byId)} ` : ''
  const when = typeof details.at === 'number' ? `${services.time.stamp(details.at, services.clock.now())} ` : ''
  return `${who}${when}${word}`
}

/** A refusal of the engine as a sentence for the person who tried. */
export function refusal(refused: Refused, organisation: Organisation, services: Services): AppError {
  const { code, details } = refused
  switch (code) {
    case 'approval.already_decided':
      return new ConflictError(
        code,
        `这一步已经处理过:${committed(details, organisation, services)}。您的操作没有生效。`,
        details,
      )
    case 'approval.not_assignee':
      return new DeniedError(code, '您不是这一步的审批人,操作没有生效。')
    case 'approval.unknown_case':
    case 'approval.unknown_task':
      return new NotFoundError(code, '没有找到这个审批,可能已被删除。')
    case 'approval.reason_required':
      return new InvalidError(code, '拒绝需要写明理由。', { fields: { comment: '请填写拒绝理由' } })
    case 'approval.reason_too_long':
    case 'approval.comment_too_long':
      return new InvalidError(code, '内容太长,请控制在 1000 字以内。', { fields: { comment: '请控制在 1000 字以内' } })
    case 'approval.transfer_to_self':
      return new InvalidError(code, '不能转交给自己。')
    case 'approval.transfer_to_assignee':
      return new InvalidError(code, '对方已经是这一步的审批人。')
    case 'approval.transfer_to_submitter':
      return new InvalidError(code, '不能转交给提交人本人。')
    case 'approval.not_submitter':
      return new DeniedError(code, '只有提交人可以这样做。')
    case 'approval.urge_too_soon': {
      const when = typeof details.nextAt === 'number' ? services.time.clock(details.nextAt) : ''
      return new ConflictError(code, `刚刚催办过,${when ? `${when} 以后` : '稍后'}可以再次催办。`, details)
    }
    case 'approval.incident':
      return new ConflictError(code, '这个审批暂停了,需要管理员处理后继续。', details)
    case 'approval.not_admin':
      return new DeniedError(code, '只有管理员可以这样做。')
    default:
      return new ConflictError(code, '当前状态下不能这样操作,请刷新后查看最新状态。', details)
  }
}
