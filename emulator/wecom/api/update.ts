import { anything, number, object, strings, text } from '../../kernel/shape.ts'
import { updateCardFields } from '../card-fields.ts'
import { checkCard } from '../card-rules.ts'
import { WeComRefusal } from '../refusal.ts'
import { type CardJson, type ChatEntry, chatOf, type WeComState } from '../state.ts'
import { translatedCard } from '../translate.ts'
import { type EndpointTable, stringsOf } from './endpoint.ts'

const DAY_MS = 86_400_000

/** message/update_template_card and message/recall; vendor page 更新模版卡片消息. */
export const updateEndpoints: EndpointTable = {
  '/cgi-bin/message/update_template_card': {
    method: 'POST',
    fields: {
      userids: strings({ maxItems: 1000 }),
      partyids: anything(),
      tagids: anything(),
      atall: number({ oneOf: [0, 1] }),
      agentid: anything(),
      response_code: text({ required: true, missing: '60140' }),
      enable_id_trans: number({ oneOf: [0, 1] }),
      button: object({ replace_name: text() }),
      template_card: object(updateCardFields),
    },
    run: ({ state, body }) => {
      if (body.agentid !== state.agentId) throw new WeComRefusal(301002, 'agentid not match the access_token')
      const code = state.codes.get(String(body.response_code ?? ''))
      if (!code || code.used || code.expiresAt < state.clock.now()) throw new WeComRefusal(60140, 'invalid response_code')
      const sent = state.sent.get(code.msgid)
      if (!sent) throw new WeComRefusal(42016, 'unknown task_id')
      if (sent.recalled) throw new WeComRefusal(60140, 'invalid response_code')
      const wanted = wantedUsers(state, body, sent.recipients)
      const reached = wanted.filter(userId => sent.recipients.some(recipient => same(recipient, userId)))
      if (reached.length === 0) throw new WeComRefusal(82102, 'target is not a recipient')
      const face = newFace(state, body)
      code.used = true
      for (const userId of reached) {
        const entry = chatOf(state, userId).find(({ msgid }) => msgid === code.msgid)
        if (!entry) continue
        if (face.card) {
          delete entry.replaceText
          entry.card = face.card
          renameTask(state, entry, face.card.task_id)
        }
        if (face.replaceText !== undefined) entry.replaceText = face.replaceText
      }
      return { invaliduser: wanted.filter(userId => !reached.includes(userId)).map(userId => userId.toLowerCase()) }
    },
  },
  '/cgi-bin/message/recall': {
    method: 'POST',
    fields: { msgid: text({ required: true, missing: '40058' }) },
    run: ({ state, body }) => {
      const sent = state.sent.get(String(body.msgid ?? ''))
      if (!sent) throw new WeComRefusal(40058, 'invalid msgid')
      if (state.clock.now() - sent.at > DAY_MS) throw new WeComRefusal(42052, 'msgid expired')
      sent.recalled = true
      for (const userId of sent.recipients) {
        for (const entry of chatOf(state, userId)) if (entry.msgid === sent.msgid) entry.recalled = true
      }
      return {}
    },
  },
}

/** A replacement without a task id keeps the old one; with one, the card answers to the new id. */
function renameTask(state: WeComState, entry: ChatEntry, taskId: unknown) {
  if (typeof taskId !== 'string') return
  entry.taskId = taskId
  state.tasks.set(taskId, entry.msgid)
}

const same = (left: string, right: string) => left.toLowerCase() === right.toLowerCase()

function wantedUsers(state: WeComState, body: Record<string, unknown>, recipients: string[]): string[] {
  if (body.atall === 1) return [...recipients]
  const parties = Array.isArray(body.partyids) ? body.partyids.map(Number) : []
  const tags = Array.isArray(body.tagids) ? body.tagids.map(Number) : []
  const { people, roles } = state.directory
  const wanted = [
    ...stringsOf(body.userids),
    ...people.filter(person => parties.includes(person.departmentId)).map(person => person.userId),
    ...roles.filter(role => tags.includes(role.id)).flatMap(role => role.userIds),
  ]
  if (wanted.length === 0) throw new WeComRefusal(82101, 'no target')
  return [...new Set(wanted)]
}

function newFace(state: WeComState, body: Record<string, unknown>): { card?: CardJson; replaceText?: string } {
  const card = body.template_card
  if (typeof card === 'object' && card !== null) {
    checkCard(card as CardJson, true)
    const shown = body.enable_id_trans ? translatedCard(state.directory, card as CardJson) : (card as CardJson)
    const replaceText = (card as CardJson).replace_text
    return { card: shown, ...(typeof replaceText === 'string' ? { replaceText } : {}) }
  }
  const button = body.button
  const name = typeof button === 'object' && button !== null ? (button as Record<string, unknown>).replace_name : undefined
  if (typeof name !== 'string' || name === '') throw new WeComRefusal(40058, 'button.replace_name or template_card required')
  return { replaceText: name }
}
