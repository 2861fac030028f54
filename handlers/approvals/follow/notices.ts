import { deriveId } from '../../../common/ids.ts'
import type { Effect } from '../../../engine/process/index.ts'
import type { NewMessage } from '../../../models/kernel/outbox.ts'
import type { CaseFacts, CaseStep } from '../../kernel/case-subject.ts'
import { routes } from '../../kernel/links.ts'
import type { Services } from '../../kernel/services.ts'
import type { Organisation } from '../../people/organisation.ts'
import { caseSubject } from '../card-id.ts'
import { nextWords } from '../next-words.ts'
import { END_WORDS, OUTCOME_WORDS, PLACEMENT_WORDS, TRANSFER_WORDS } from '../words.ts'

interface Telling {
  services: Services
  organisation: Organisation
  step: CaseStep
  facts: CaseFacts
}

/** Whom to tell what; number, title and link are added. What somebody waits for passes quiet hours; mild is only good to know. */
interface Note {
  effectId: string
  personIds: readonly string[]
  text: string
  /** Admins come by the admin page. */
  isForAdmin?: boolean
  isMild?: boolean
}

type EffectOf<Type extends Effect['type']> = Extract<Effect, { type: Type }>

/** Everything that people hear of a step beside their cards. Who acted hears nothing of their own act. */
export function noticesOf(telling: Telling): NewMessage[] {
  const notes = telling.step.effects.flatMap(effect => noteOf(telling, effect) ?? [])
  const outcome = tellSubmitter(telling)
  return [...notes, ...(outcome ? [outcome] : [])].flatMap(note => messages(telling, note))
}

function messages({ services, step, facts }: Telling, note: Note): NewMessage[] {
  const link = note.isForAdmin ? services.links.admin() : services.links.h5(routes.approval(step.caseId))
  const text = `${facts.number} ${facts.title}\n${note.text}${link}`
  return [...new Set(note.personIds)]
    .filter(personId => personId !== step.actorId)
    .map(personId => ({
      _id: deriveId('notice', note.effectId, personId),
      to: { personId },
      text,
      urgency: note.isMild ? 'notice' : 'urgent',
      topic: 'approval',
      subject: caseSubject(step.caseId),
    }))
}

/** Good to know, and nothing waits for it. */
const MILD: ReadonlySet<Effect['type']> = new Set(['transferred', 'signAdded', 'signRemoved', 'copied', 'commented', 'retracted'])

const said = (comment: string | undefined): string => (comment ? `:${comment}` : '')

function noteOf(telling: Telling, effect: Effect): Note | null {
  const { organisation, step } = telling
  const name = (id: string) => organisation.name(id)
  const names = (ids: readonly string[]) => ids.map(name).join('、')
  const submitterId = step.after.submitterId
  const note = (personIds: readonly string[], text: string): Note => ({
    effectId: effect.id,
    personIds,
    text,
    isMild: MILD.has(effect.type),
  })
  switch (effect.type) {
    case 'transferred':
      return note(
        effect.fromId === submitterId ? [] : [submitterId],
        `${effect.nodeName}由 ${name(effect.fromId)} ${TRANSFER_WORDS[effect.why]}给 ${name(effect.toId)}${said(effect.comment)}。`,
      )
    case 'urged':
      return note(effect.personIds, `催办:在等您处理(${effect.nodeName})。`)
    case 'reminded':
      return note(effect.personIds, reminder(effect, names))
    case 'returned':
      return effect.toSubmitter
        ? note([submitterId], `${name(effect.byId)} 在${effect.fromNodeName}退回:${effect.reason}。请修改后重新提交。`)
        : note([submitterId], `${name(effect.byId)} 从${effect.fromNodeName}退回到${effect.toNodeName}:${effect.reason}。`)
    case 'retracted':
      return note([submitterId], `${name(effect.byId)} 撤销了在${effect.nodeName}的处理,重新处理。`)
    case 'signAdded':
      return note(
        [submitterId],
        `${name(effect.byId)} 在${effect.nodeName}加签了 ${names(effect.personIds)}(${PLACEMENT_WORDS[effect.placement] ?? ''})${said(effect.comment)}。`,
      )
    case 'signRemoved':
      return note(effect.personIds, `${name(effect.byId)} 已减签,${effect.nodeName}不再需要您处理。`)
    case 'copied':
      return note(effect.personIds, copied(telling, effect))
    case 'commented':
      return note(effect.mentionIds, `${name(effect.byId)} 提到您:${effect.text}\n`)
    case 'incidentRaised':
      return {
        ...note(organisation.admins(), `审批暂停了(${effect.nodeName}):${effect.why}。请到管理页处理。`),
        isForAdmin: true,
      }
    case 'finalised':
      return note(told(step, effect), `${END_WORDS[effect.outcome]}${effect.reason ? `理由:${effect.reason}。` : ''}`)
    default:
      return null
  }
}

/**
 * A withdrawal or termination is news for who decided already, a termination also for the submitter. Of any other end the submitter
 * hears with the decision that brought it, else here.
 */
function told({ after: state, effects }: CaseStep, { outcome }: EffectOf<'finalised'>): string[] {
  if (outcome === 'approved' || outcome === 'rejected') return effects.some(isTold) ? [] : [state.submitterId]
  const deciders = state.path.flatMap(entry =>
    entry.seats.flatMap(seat => (seat.decidedAt === undefined ? [] : (seat.byId ?? []))),
  )
  return outcome === 'terminated' ? [...deciders, state.submitterId] : deciders
}

function copied({ organisation, step }: Telling, { byId, nodeName, comment }: EffectOf<'copied'>): string {
  const who = byId ? `${organisation.name(byId)} 抄送给您` : `抄送给您(${nodeName ?? '流程抄送'})`
  return `${who}${said(comment)}。提交人 ${organisation.name(step.after.submitterId)}。`
}

function reminder(
  { action, nodeName, lateIds, limitWorkingSeconds }: EffectOf<'reminded'>,
  names: (ids: readonly string[]) => string,
): string {
  const limit = limitWords(limitWorkingSeconds)
  switch (action) {
    case 'warn':
      return `${nodeName}快到时限了(${limit}),请尽快处理。`
    case 'remind':
      return `${nodeName}已超过时限(${limit}),请尽快处理。`
    case 'superior':
      return `${names(lateIds)} 的${nodeName}已超过时限(${limit}),请督促处理。`
    case 'admin':
      return `${names(lateIds)} 的${nodeName}严重超时(时限 ${limit}),请到管理页处理。`
  }
}

/** `1 小时(工作时间)` */
function limitWords(workingSeconds: number): string {
  const minutes = Math.round(workingSeconds / 60)
  const amount = minutes % 60 === 0 ? `${minutes / 60} 小时` : `${minutes} 分钟`
  return `${amount}工作时间`
}

const TOLD_OUTCOMES = new Set(['approved', 'rejected', 'done', 'skipped'])

/** A step that somebody's act ended. */
const isTold = (effect: Effect): effect is EffectOf<'nodeLeft'> =>
  effect.type === 'nodeLeft' && TOLD_OUTCOMES.has(effect.outcome) && effect.byId !== undefined

/** One new message to the submitter for what others decided in this step, with its reason and what comes next. */
function tellSubmitter({ organisation, step }: Telling): Note | null {
  const { submitterId } = step.after
  const left = step.effects.filter(isTold).filter(({ byId }) => byId !== submitterId)
  const [first] = left
  if (!first || step.effects.some(effect => effect.type === 'returned')) return null
  const lines = left.map(
    ({ byId, outcome, comment }) => `${organisation.name(byId ?? '')} ${OUTCOME_WORDS[outcome] ?? ''}${said(comment)}`,
  )
  return { effectId: first.id, personIds: [submitterId], text: `${lines.join('\n')}\n${nextWords(step.after, organisation)}` }
}
