import { ConflictError, DeniedError } from '../../common/errors.ts'
import { deriveId } from '../../common/ids.ts'
import type { Viewer } from '../../engine/policy/index.ts'
import type { DraftDoc } from '../../models/talk/index.ts'
import { execute } from '../kernel/execute.ts'
import { type Reply, say } from '../kernel/reply.ts'
import type { Services } from '../kernel/services.ts'
import type { Turn } from '../kernel/turn.ts'
import { type DraftKind, type DraftKinds, nextMissing } from './draft-kinds.ts'

/** An optional field may be left out. */
const SKIP = /^(?:没有|暂无|无|跳过|不填|不用|略|先不填)[。!]?$/

export const DRAFT_CARD = 'talk.draft'
export const draftSubject = (draftId: string): string => `draft:${draftId}`

/** The command id of whatever finishes a draft: chat, card and form share it, so that only one of them writes. */
export const draftCommandId = (draftId: string): string => deriveId('draft', draftId)

export interface Problem {
  field: string
  message: string
}

/** Begin a draft from what was understood: ask for what is missing, or show what will be written. */
export async function beginDraft(
  turn: Turn,
  kind: DraftKind,
  values: Record<string, string>,
  problems: readonly Problem[] = [],
): Promise<Reply> {
  const at = new Date(turn.now)
  const draft = await turn.services.models.talk.begin({
    _id: turn.id('draft'),
    kind: kind.kind,
    personId: turn.person._id,
    values,
    asking: null,
    status: 'open',
    revision: 1,
    duplicates: [],
    createdAt: at,
    updatedAt: at,
  })
  await turn.services.models.talk.remember(turn.person._id, { draftId: draft._id, list: null })
  // What is required is asked for anyway; a bad optional value would be lost without a word.
  const optional = problems.find(problem => kind.fields.some(field => field.name === problem.field && !field.required))
  return continueDraft(turn, kind, draft, optional ?? problems[0])
}

/** Ask for the next thing, or show the card when nothing is missing. */
async function continueDraft(turn: Turn, kind: DraftKind, draft: DraftDoc, problem?: Problem): Promise<Reply> {
  const missing = problem ? kind.fields.find(field => field.name === problem.field) : nextMissing(kind, draft.values)
  if (missing) {
    await turn.services.models.talk.change(draft._id, draft.revision, { asking: missing.name }, new Date(turn.now))
    const known = kind.facts(draft.values).map(fact => `${fact.label} ${fact.value}`)
    const kept = known.length > 0 ? `\n已记下:${known.join('、')}` : ''
    return say(`${problem ? `${problem.message} ` : ''}${missing.question}${kept}`)
  }
  const checked = await kind.check?.(turn.services, turn.viewer, draft.values)
  await turn.services.models.talk.change(
    draft._id,
    draft.revision,
    { asking: null, duplicates: checked?.duplicates ?? [] },
    new Date(turn.now),
  )
  return { cards: [{ template: DRAFT_CARD, params: { draftId: draft._id }, subject: draftSubject(draft._id) }] }
}

/** The open draft this person was last busy with. */
export async function currentDraft(turn: Turn): Promise<DraftDoc | null> {
  const { draftId } = await turn.services.models.talk.dialogue(turn.person._id)
  const draft = draftId ? await turn.services.models.talk.draft(draftId) : null
  return draft?.status === 'open' ? draft : null
}

/** Take words as the answer to the question the bot asked. Null when it asked nothing. */
export async function answerDraft(turn: Turn, kinds: DraftKinds, text: string): Promise<Reply | null> {
  const draft = await currentDraft(turn)
  const kind = draft && (await kinds.of(turn.services, draft))
  const field = kind?.fields.find(candidate => candidate.name === draft?.asking)
  if (!draft || !kind || !field) return null
  if (!field.required && SKIP.test(text.trim())) return continueDraft(turn, kind, draft)
  const answer = field.read(text)
  if (!answer.ok) return say(`${answer.message} ${field.question}`)
  const values = { ...draft.values, [field.name]: answer.value }
  const changed = await turn.services.models.talk.change(draft._id, draft.revision, { values }, new Date(turn.now))
  return changed ? continueDraft(turn, kind, changed) : say('这份草稿刚刚在别处改过,请重新发送。')
}

/** The same for 是 and 否, which say something else when no such question is open: null then. */
export async function answerYesNo(turn: Turn, kinds: DraftKinds, text: string): Promise<Reply | null> {
  const draft = await currentDraft(turn)
  const kind = draft?.asking ? await kinds.of(turn.services, draft) : null
  const field = kind?.fields.find(candidate => candidate.name === draft?.asking)
  return field?.yesNo && field.read(text).ok ? answerDraft(turn, kinds, text) : null
}

/** A line that reminds of a draft that waits for an answer. */
export async function draftReminder(turn: Turn, kinds: DraftKinds): Promise<string | null> {
  const draft = await currentDraft(turn)
  const kind = draft?.asking ? await kinds.of(turn.services, draft) : null
  const field = kind?.fields.find(candidate => candidate.name === draft?.asking)
  return kind && field ? `(您还有一条未完成的${kind.noun}:${field.question})` : null
}

/**
 * A form names the draft it finishes: it must be the sender's own, and of the form's kind.
 * @throws DeniedError `draft.not_yours`
 */
export async function requireOwnDraft(
  { models }: Pick<Services, 'models'>,
  actor: Viewer,
  draftId: string | undefined,
  kind: DraftDoc['kind'],
): Promise<void> {
  const draft = draftId === undefined ? null : await models.talk.draft(draftId)
  if (draft && (draft.personId !== actor.personId || draft.kind !== kind)) {
    throw new DeniedError('draft.not_yours', '这份草稿不是您的,没有写入。')
  }
}

async function requireOpen(
  services: Services,
  kinds: DraftKinds,
  draftId: string,
  viewer: Viewer,
): Promise<{ draft: DraftDoc; kind: DraftKind }> {
  const draft = await services.models.talk.draft(draftId)
  const kind = draft && (await kinds.of(services, draft))
  if (!draft || !kind) throw new ConflictError('draft.gone', '这份草稿已不存在,请重新发起。')
  if (draft.personId !== viewer.personId) throw new DeniedError('draft.not_yours', '只有发起人可以操作这张卡片。')
  return { draft, kind }
}

/** 确认 or 仍然创建: write it. A repetition changes nothing. */
export async function confirmDraft(
  services: Services,
  kinds: DraftKinds,
  input: { draftId: string; viewer: Viewer; via: string; anyway: boolean },
): Promise<{ note: string; number?: string }> {
  const { draft, kind } = await requireOpen(services, kinds, input.draftId, input.viewer)
  const committed = await services.models.commandLog.find(draftCommandId(draft._id))
  if (committed) return kind.outcomeNote(committed.result)
  if (draft.status === 'cancelled') throw new ConflictError('draft.cancelled', '这张卡片已取消,没有写入。需要时请重新发起。')
  const missing = nextMissing(kind, draft.values)
  if (missing) throw new ConflictError('draft.incomplete', `还缺${missing.label},请先补充。`)
  const result = await execute(services, kind.command, kind.toInput(draft, { anyway: input.anyway }), {
    actor: input.viewer,
    commandId: draftCommandId(draft._id),
    via: input.via,
    surface: 'card',
  })
  return kind.outcomeNote(result)
}

/** 取消: nothing is written. False when it was written or cancelled before. */
export async function cancelDraft(
  services: Services,
  kinds: DraftKinds,
  input: { draftId: string; viewer: Viewer },
): Promise<boolean> {
  const { draft } = await requireOpen(services, kinds, input.draftId, input.viewer)
  const at = new Date(services.clock.now())
  const cancelled = await services.models.talk.close(draft._id, 'cancelled', { note: '已取消,没有写入', at })
  await services.models.cards.touch(draftSubject(draft._id), at)
  services.poke('cards')
  return cancelled
}
