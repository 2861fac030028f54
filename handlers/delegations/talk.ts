import { AppError, InvalidError } from '../../common/errors.ts'
import type { Command } from '../kernel/command.ts'
import { execute } from '../kernel/execute.ts'
import { type Reply, say } from '../kernel/reply.ts'
import type { Turn } from '../kernel/turn.ts'
import type { Intent } from '../talk/understand/index.ts'
import { delegationEnd, delegationSet } from './commands.ts'
import { beginningOf, dayOfWord, endOf, today } from './days.ts'
import { spanWords } from './view.ts'

const EXAMPLE = '例如:委托 李四 到 周五,或 委托 李四 3天'
const MAX_LIST = 5

type SetIntent = Extract<Intent, { type: 'delegation.set' }>

/** From when to when, as it was said today. @throws InvalidError for a day that there is not */
function spanOf(turn: Turn, intent: SetIntent): { startsAt?: number; endsAt: number } | null {
  const { time } = turn.services
  const now = today(time, turn.now)
  const first = intent.from ? dayOfWord(intent.from, now) : now
  const last =
    intent.days !== undefined && first !== null ? first + intent.days - 1 : intent.until && dayOfWord(intent.until, now)
  if (last === undefined) return null
  if (first === null || last === null) throw new InvalidError('delegation.bad_day', `没有这一天,请核对日期。${EXAMPLE}`)
  if (last < first || last < now) throw new InvalidError('delegation.ends_before_start', '委托的结束日期已经过去,请核对日期。')
  return { ...(first > now && { startsAt: beginningOf(first, time) }), endsAt: endOf(last, time) }
}

async function colleague(turn: Turn, name: string): Promise<string> {
  const found = await turn.services.models.people.byName(name)
  const [person] = found
  if (!person) throw new InvalidError('person.unknown', `没有找到同事"${name}",请核对姓名。`)
  if (found.length > 1) throw new AppError('person.ambiguous', `有 ${found.length} 位同事叫"${name}",请由管理员设置委托。`)
  return person._id
}

async function run(turn: Turn, command: Command, input: unknown): Promise<string> {
  const { message } = (await execute(turn.services, command, input, {
    actor: turn.viewer,
    commandId: turn.id(command.name),
    via: turn.event.platform,
    surface: 'chat',
  })) as { message: string }
  return message
}

/** 委托 <人> 到 <哪天> */
export async function setDelegationByWord(turn: Turn, intent: SetIntent): Promise<Reply> {
  if (!intent.to) return say(`委托谁代您审批?${EXAMPLE}`)
  const span = spanOf(turn, intent)
  if (!span) return say(`委托 ${intent.to} 到什么时候?${EXAMPLE.replaceAll('李四', intent.to)}`)
  const toPersonId = await colleague(turn, intent.to)
  const message = await run(turn, delegationSet as unknown as Command, { toPersonId, ...span })
  return say(`${message}提前结束请发送"取消委托"。`)
}

const mine = (turn: Turn) => turn.services.models.delegations.openOf(turn.person._id)

/** 取消委托: the one there is; of several the one that begins first. */
export async function endDelegationByWord(turn: Turn): Promise<Reply> {
  const [first, ...others] = await mine(turn)
  if (!first) return say('您没有正在进行的委托。')
  const message = await run(turn, delegationEnd as unknown as Command, { delegationId: first._id })
  return say(others.length > 0 ? `${message}还有 ${others.length} 个以后开始的委托,发送"我的委托"查看。` : message)
}

/** 我的委托 */
export async function listDelegations(turn: Turn): Promise<Reply> {
  const { services, person, now } = turn
  const organisation = await services.organisation.current()
  const rows = await services.models.delegations.page(person._id, true, MAX_LIST)
  if (rows.length === 0) return say(`没有进行中的委托。${EXAMPLE}`)
  const lines = rows.map(row => {
    const span = spanWords(row, services.time, now)
    return organisation.ref(row.fromId).id === person._id
      ? `· 您委托 ${organisation.name(row.toId)},${span}`
      : `· ${organisation.name(row.fromId)} 委托您,${span}`
  })
  return say(lines.join('\n'))
}
