import type { RequestTemplate } from '../../common/contract/requests.ts'
import { foldName } from '../../common/names.ts'
import type { ProcessDefinition } from '../../engine/process/index.ts'
import { publishedDefinition } from '../approvals/index.ts'
import { CONTRACT_PROCESS } from '../contracts/index.ts'
import { type Reply, say } from '../kernel/reply.ts'
import type { Services } from '../kernel/services.ts'
import type { Turn } from '../kernel/turn.ts'
import type { DraftKind } from '../talk/draft-kinds.ts'
import { beginDraft } from '../talk/drafts.ts'
import { draftKey, draftValues, requestDraft } from './draft.ts'
import { customerNeed } from './form.ts'
import { offeredTemplates } from './templates.ts'

/** What is to be begun: a process, and the words that name a customer; null when no process is named. */
interface Meant {
  template: RequestTemplate
  customer: string
}

/** How far the words spell this name, whatever spaces and case they use; null when they do not begin with it. */
function endOfName(words: string, name: string): number | null {
  const key = foldName(name)
  for (let end = 1; end <= Math.min(words.length, name.length * 2); end += 1) {
    if (foldName(words.slice(0, end)) === key) return end
  }
  return null
}

/** `VIP例外申请 长安汽车`: the name of a template in whatever spelling, then the customer. One word may stand for a whole name. */
function readMeant(words: string, templates: readonly RequestTemplate[]): Meant | null {
  const byLength = [...templates].sort((a, b) => b.name.length - a.name.length)
  for (const template of byLength) {
    const end = endOfName(words, template.name)
    if (end !== null) return { template, customer: words.slice(end).trim() }
  }
  const [first = '', ...rest] = words.split(' ')
  const key = foldName(first)
  const partial = key.length >= 2 ? templates.filter(template => foldName(template.name).includes(key)) : []
  const [only] = partial
  return only && partial.length === 1 ? { template: only, customer: rest.join(' ').trim() } : null
}

/** What `发起` is to lead to: a draft, or words; a contract has a draft of its own. */
export type Beginning =
  | { kind: 'reply'; reply: Reply }
  | { kind: 'contract'; customer: string }
  | { kind: 'request'; key: string; customer: string }

/** 发起 <模板名> [客户] */
export async function readBeginning(turn: Turn, words: string): Promise<Beginning> {
  const templates = await offeredTemplates(turn.services)
  const meant = readMeant(words, templates)
  if (!meant) return { kind: 'reply', reply: listOf(turn, words, templates) }
  const { template, customer } = meant
  if (template.key === CONTRACT_PROCESS) return { kind: 'contract', customer }
  const definition = await publishedDefinition(turn.services, template.key)
  if (definition && customerNeed(definition) === 'required' && !customer) {
    return { kind: 'reply', reply: say(`为哪个客户发起${template.name}?例如:发起 ${template.name} 长安汽车`) }
  }
  return { kind: 'request', key: template.key, customer: definition && customerNeed(definition) === 'none' ? '' : customer }
}

function listOf({ services }: Turn, words: string, templates: readonly RequestTemplate[]): Reply {
  const lines = templates.map(({ name, about }) => `· ${name}${about ? `:${about}` : ''}`)
  const head = words ? `没有找到"${words.slice(0, 20)}"这种申请。可以发起:` : '可以发起的申请:'
  return say(`${head}\n${lines.join('\n')}\n回复"发起 名称 客户"开始,或在手机上填写:${services.links.h5('/requests')}`)
}

/** Ask for what the form wants, field by field. */
export async function beginRequest(turn: Turn, key: string, customer?: { _id: string; name: string }): Promise<Reply> {
  const kind = await requestDraftKind(turn.services, { values: draftValues(key) })
  if (!kind) return say('这种申请现在不能发起。发送"发起"查看可以发起的申请。')
  return beginDraft(turn, kind, draftValues(key, customer))
}

/** The kind of a request's draft, as its process is now; null when it is not offered any more. */
export async function requestDraftKind(
  services: Services,
  draft: { values: Readonly<Record<string, string>> },
): Promise<DraftKind | null> {
  const definition: ProcessDefinition | null = await publishedDefinition(services, draftKey(draft.values))
  return definition && requestDraft(services, await services.organisation.current(), definition)
}
