import { type OpenTask, readState } from '../../../engine/process/index.ts'
import type { CaseRow } from '../../../models/approvals/index.ts'
import { caseOfRoute } from '../../kernel/links.ts'
import { type Reply, say } from '../../kernel/reply.ts'
import type { Turn } from '../../kernel/turn.ts'
import type { Ref } from '../../talk/understand/index.ts'

export const MAX_LIST = 5
const MAX_CANDIDATES = 20

export type Row = Pick<CaseRow, '_id' | 'number' | 'title' | 'nodeName'>
export type Candidates = (turn: Turn) => Promise<Row[]>

export const line = (row: Row, index: number): string =>
  `${index + 1}. ${row.number} ${row.title}${row.nodeName ? `(${row.nodeName})` : ''}`

/** Keep the list just shown, so that its places can be named. */
export async function remember(turn: Turn, rows: readonly Row[], next: Record<string, unknown> = {}): Promise<void> {
  await turn.services.models.talk.remember(turn.person._id, {
    list: { kind: 'approval', next, items: rows.map(row => ({ id: row._id, label: row.number })), at: new Date(turn.now) },
  })
}

/** What waits for this person. */
export const waiting: Candidates = turn => turn.services.models.cases.page('waiting', turn.person._id, MAX_CANDIDATES)

/** What waits for this person to be done rather than judged. */
export const handling: Candidates = async turn => {
  const heads = await turn.services.models.cases.byIds((await waiting(turn)).map(row => row._id))
  return heads.filter(head => taskToHandle(head.state, turn.person._id))
}

/** The open step of handling (办理) that waits for this person. */
export const taskToHandle = (stored: unknown, personId: string): OpenTask | undefined =>
  readState(stored).openTasks.find(task => task.kind === 'handle' && task.assigneeIds.includes(personId))

/** What this person submitted and that is still under way. */
export const mine: Candidates = turn => turn.services.models.cases.running(turn.person._id, MAX_CANDIDATES)

/** What this person has to do with and that is still under way. */
export const around: Candidates = async turn => {
  const rows = [...(await waiting(turn)), ...(await mine(turn))]
  return rows.filter((row, index) => rows.findIndex(other => other._id === row._id) === index)
}

/** Where this person's last decision may still be taken back. */
export const retractable: Candidates = async turn => {
  const { cases } = turn.services.models
  const decided = (await cases.page('done', turn.person._id, MAX_CANDIDATES)).filter(row => row.open)
  const heads = await cases.byIds(decided.map(row => row._id))
  return heads.filter(head => readState(head.state).retractable?.byId === turn.person._id)
}

export type Choice = { caseId: string } | { reply: Reply }

/**
 * Which case is meant: the printed number, the place in the list just shown, or the only candidate. Several and no hint: ask.
 *
 * @param candidates what this person could act on in this way
 * @param nothing what to say when there is none
 * @param verb how the phrase begins, for the example
 */
export async function pickCase(
  turn: Turn,
  ref: Ref | undefined,
  candidates: Candidates,
  nothing: string,
  verb: string,
): Promise<Choice> {
  if (ref?.kind === 'number') {
    const { cases } = turn.services.models
    const found = (await cases.byNumber(ref.number)) ?? (await byEnding(turn, ref.number, candidates))
    if (!found) return { reply: say(`没有找到编号 ${ref.number} 的审批,请核对卡片上的编号。(approval.unknown_case)`) }
    return { caseId: found._id }
  }
  const placed = ref?.kind === 'place' ? await atPlace(turn, ref.index) : null
  if (placed) return placed
  const rows = await candidates(turn)
  const [only] = rows
  if (!only) return { reply: say(nothing) }
  if (rows.length === 1 && (ref?.index ?? 1) === 1) return { caseId: only._id }
  const shown = rows.slice(0, MAX_LIST)
  await remember(turn, shown)
  return {
    reply: say(
      `您有 ${rows.length} 个审批,要${verb.split(' ', 1)[0]}哪一个?\n${shown.map(line).join('\n')}\n请带上序号或编号,例如:${verb} 1`,
    ),
  }
}

/** What stands there in the list of approvals or to-dos just shown; null when no such list was. Never what nobody has seen at that place. */
async function atPlace(turn: Turn, index: number): Promise<Choice | null> {
  const { talk, todos } = turn.services.models
  const { list } = await talk.dialogue(turn.person._id)
  if (list?.kind !== 'approval' && list?.kind !== 'todo') return null
  const item = list.items[index - 1]
  if (!item) return { reply: say(`列表里没有第 ${index} 项,请回复 1 到 ${list.items.length}。发送"我的审批"查看最新的列表。`) }
  if (list.kind === 'approval') return { caseId: item.id }
  const todo = await todos.byId(item.id)
  const caseId = todo && caseOfRoute(todo.to)
  return caseId ? { caseId } : { reply: say(`第 ${index} 项"${item.label}"不是审批。发送"我的审批"查看待处理的审批。`) }
}

/** `同意 0041`: the last digits are enough when only one of the candidates ends so. */
async function byEnding(turn: Turn, digits: string, candidates: Candidates): Promise<Row | undefined> {
  const rows = (await candidates(turn)).filter(row => row.number.endsWith(`-${digits}`))
  return rows.length === 1 ? rows[0] : undefined
}
