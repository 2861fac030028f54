import { type AppError, ConflictError, DeniedError, InvalidError, NotFoundError } from '../../common/errors.ts'
import { findNode, type ProcessDefinition, type RefusalCode, type Refused } from '../../engine/process/index.ts'
import type { Services } from '../kernel/services.ts'
import type { Organisation } from '../people/organisation.ts'
import { OUTCOME_WORDS } from './words.ts'

interface Telling {
  organisation: Organisation
  services: Services
  definition: ProcessDefinition
}

type Kind = typeof InvalidError | typeof DeniedError | typeof ConflictError | typeof NotFoundError

/** Refusals that need no details to be understood. */
const PLAIN: Partial<Record<RefusalCode, [kind: Kind, message: string]>> = {
  'approval.unknown_case': [NotFoundError, '没有找到这个审批,可能已被删除。'],
  'approval.unknown_task': [NotFoundError, '没有找到这一步,请刷新后查看最新状态。'],
  'approval.not_assignee': [DeniedError, '您不是这一步的审批人,操作没有生效。'],
  'approval.not_your_turn': [ConflictError, '还没有轮到您处理这一步。'],
  'approval.already_voted': [ConflictError, '您已经处理过这一步,正在等其他人。'],
  'approval.nothing_to_reject': [InvalidError, '这一步是办理,不能拒绝;办不了可以退回。'],
  'approval.operation_not_allowed': [DeniedError, '这一步不允许这样操作。'],
  'approval.incident': [ConflictError, '这个审批暂停了,需要管理员处理后继续。'],
  'approval.too_many_comments': [ConflictError, '评论太多了,不能再添加。'],
  'approval.choice_not_allowed': [InvalidError, '这一步不能指定审批人。'],
  'approval.person_inactive': [InvalidError, '对方已不在岗,请选择其他同事。'],
  'approval.too_many_people': [InvalidError, '这一步的人太多,不能再加了。'],
  'approval.transfer_to_self': [InvalidError, '不能转交给自己。'],
  'approval.transfer_to_assignee': [InvalidError, '对方已经在这一步里(待处理或已处理),请换一位同事。'],
  'approval.transfer_to_submitter': [InvalidError, '不能转交给提交人本人。'],
  'approval.sign_submitter': [InvalidError, '不能请提交人本人加签。'],
  'approval.sign_assignee': [InvalidError, '对方已经在这一步里(待处理或已处理),不用加签。'],
  'approval.sign_not_removable': [DeniedError, '只能减去自己加签、还没有处理的人。'],
  'approval.return_target': [InvalidError, '不能退回到这一步,请选择已经走过的步骤。'],
  'approval.not_returned': [ConflictError, '这个审批没有退回给您,不用重新提交。'],
  'approval.nothing_to_retract': [ConflictError, '没有可以撤销的处理。'],
  'approval.retract_too_late': [ConflictError, '已经有人接着处理,不能撤销了。需要时请联系对方退回。'],
  'approval.not_submitter': [DeniedError, '只有提交人可以这样做。'],
  'approval.not_participant': [DeniedError, '您没有参与这个审批,不能这样做。'],
  'approval.nobody_to_urge': [ConflictError, '现在没有人可以催办。'],
  'approval.not_admin': [DeniedError, '只有管理员可以这样做。'],
  'approval.own_case': [DeniedError, '不能以管理员身份处理自己提交的审批,请其他管理员处理。'],
  'approval.no_incident': [ConflictError, '这个审批没有暂停,不需要处理。'],
  'approval.which_incident': [InvalidError, '有几处暂停,请说明处理哪一处。'],
  'approval.assign_required': [InvalidError, '请指定这一步的审批人。'],
  'approval.assign_submitter': [InvalidError, '不能指定提交人审批自己的申请。'],
  'approval.branch_required': [InvalidError, '请选择接下来走哪一步。'],
  'approval.reroute_target': [InvalidError, '不能改道到这一步。'],
  'approval.handover_to_submitter': [InvalidError, '接手人就是提交人,不能审批自己的申请,请另选接手人。'],
  'approval.nothing_changed': [ConflictError, '没有需要改变的地方。'],
}

/** A refusal of the engine as a sentence for the person who tried. */
export function refusal(refused: Refused, telling: Telling): AppError {
  const { code, details } = refused
  const plain = PLAIN[code]
  if (plain) {
    const [Kind, message] = plain
    return new Kind(code, message, details)
  }
  return refusedForm(refused, telling) ?? refusedState(refused, telling)
}

/** `王敏 11-21 14:03 已同意`, from the details of a refusal that carries the committed state. */
function committed(details: Refused['details'], { organisation, services }: Telling): string {
  const word = OUTCOME_WORDS[String(details.outcome)] ?? '已处理'
  const who = typeof details.byId === 'string' ? `${organisation.name(details.byId)} ` : ''
  const when = typeof details.at === 'number' ? `${services.time.stamp(details.at, services.clock.now())} ` : ''
  return `${who}${when}${word}`
}

function refusedState({ code, details }: Refused, telling: Telling): AppError {
  if (code === 'approval.already_decided') {
    return new ConflictError(code, `这一步已经处理过:${committed(details, telling)}。您的操作没有生效。`, details)
  }
  if (code === 'approval.urge_too_soon') {
    const when = typeof details.nextAt === 'number' ? telling.services.time.clock(details.nextAt) : ''
    return new ConflictError(code, `刚刚催办过,${when ? `${when} 以后` : '稍后'}可以再次催办。`, details)
  }
  if (code === 'approval.migration_blocked') {
    return new ConflictError(code, `不能换到这个版本:${listed(details.why).join(';')}。`, details)
  }
  return new ConflictError(code, '当前状态下不能这样操作,请刷新后查看最新状态。', details)
}

const listed = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)]

/** The fields that a refusal names, each with its sentence, as a form shows them. */
function aboutFields({ details }: Refused, { definition }: Telling, sentence: (label: string) => string) {
  const names = [...listed(details.fields), ...listed(details.field)]
  const labelOf = (name: string) => definition.fields[name]?.label ?? name
  return {
    labels: names.map(labelOf).join('、'),
    details: { fields: Object.fromEntries(names.map(name => [name, sentence(labelOf(name))])) },
  }
}

function refusedForm(refused: Refused, telling: Telling): AppError | null {
  const { code, details } = refused
  switch (code) {
    case 'approval.reason_required':
      return new InvalidError(code, '请写明理由。', { fields: { comment: '请填写理由', reason: '请填写理由' } })
    case 'approval.comment_required':
      return new InvalidError(code, '请填写评论。', { fields: { text: '请填写评论' } })
    case 'approval.reason_too_long':
    case 'approval.comment_too_long':
      return new InvalidError(code, '内容太长,请控制在 1000 字以内。', { fields: { comment: '请控制在 1000 字以内' } })
    case 'approval.field_required':
    case 'approval.output_required': {
      const { labels, details: faults } = aboutFields(refused, telling, label => `请填写${label}`)
      return new InvalidError(code, `还缺:${labels}。`, faults)
    }
    case 'approval.field_invalid': {
      const { labels, details: faults } = aboutFields(refused, telling, label => `${label}填写有误`)
      return new InvalidError(code, `填写有误:${labels}。`, faults)
    }
    case 'approval.field_not_editable': {
      const { labels, details: faults } = aboutFields(refused, telling, label => `这一步不能修改${label}`)
      return new DeniedError(code, `这一步不能修改:${labels}。`, faults)
    }
    case 'approval.choice_required': {
      const names = listed(details.nodeIds).map(id => findNode(telling.definition, id)?.name ?? id)
      return new InvalidError(code, `请先指定审批人:${names.join('、')}。`, details)
    }
    default:
      return null
  }
}
