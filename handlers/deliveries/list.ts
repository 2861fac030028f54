import { type DeliveryRow, deliveriesListInput } from '../../common/contract/deliveries.ts'
import type { Page } from '../../common/contract/page.ts'
import { DeniedError } from '../../common/errors.ts'
import type { CardDoc } from '../../models/kernel/card-ledger.ts'
import type { OutboxDoc } from '../../models/kernel/outbox.ts'
import { caseSubject } from '../approvals/index.ts'
import { defineQuery } from '../kernel/command.ts'
import { asPage, decodeCursor } from '../kernel/cursor.ts'
import { PLATFORM_NAMES, type Services } from '../kernel/services.ts'
import type { Organisation } from '../people/organisation.ts'
import { wordsForCard, wordsForMessage } from './words.ts'

const TITLE_CHARS = 80

type Found = { at: number; id: string; row: DeliveryRow }

/** Was he told? Cards and messages, newest first. */
export const deliveriesList = defineQuery({
  name: 'deliveries.list',
  title: '送达记录',
  input: deliveriesListInput,
  surfaces: ['h5'],
  async run({ services, viewer }, { caseId, personId, cursor, limit }): Promise<Page<DeliveryRow>> {
    const { cards, cases, outbox } = services.models
    if (!viewer.isAdmin) {
      const head = caseId ? await cases.byId(caseId) : null
      if (head?.submitterId !== viewer.personId)
        throw new DeniedError('deliveries.not_visible', '送达记录只有管理员和提交人可以查看。')
    }
    const subject = caseId && caseSubject(caseId)
    const after = decodeCursor(cursor)
    const organisation = await services.organisation.current()
    const readers = readersOf(organisation)
    const toKeys = personId && [personId, `sms:${personId}`, ...accountKeys(organisation, personId)]
    const [messages, faces] = await Promise.all([
      outbox.ledger({ ...(subject && { subject }), ...(toKeys && { toKeys }) }, limit + 1, after),
      cards.ledger({ ...(subject && { subject }), ...(personId && { personIds: [personId] }) }, limit + 1, after),
    ])
    const titles = await caseTitles(services, faces)
    const found = [
      ...messages.map(row => ofMessage(row, organisation, readers)),
      ...faces.map(row => ofCard(row, organisation, titles.get(row.subject) ?? row.title)),
    ]
    found.sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1))
    return asPage(
      found.slice(0, limit + 1),
      limit,
      ({ at, id }) => ({ at, id }),
      ({ row }) => row,
    )
  },
})

const SMS = '短信'
const viaOf = (platform: string | undefined) => (platform === 'sms' ? SMS : platform && PLATFORM_NAMES[platform])

/** Answers go to an account; their rows are found, and their readers named, by these keys. */
const accountKeys = (organisation: Organisation, personId: string): string[] =>
  (organisation.person(personId)?.accounts ?? []).map(({ platform, corp, userId }) => `${platform}:${corp}:${userId}`)

const readersOf = (organisation: Organisation): ReadonlyMap<string, string> =>
  new Map(organisation.people().flatMap(({ _id }) => accountKeys(organisation, _id).map(key => [key, _id] as const)))

function ofMessage(row: OutboxDoc, organisation: Organisation, readers: ReadonlyMap<string, string>): Found {
  const personId = 'personId' in row.to ? row.to.personId : readers.get(row.toKey)
  const via = viaOf(row.platform)
  const words = row.text.replace(/\s*\n\s*/g, ' ')
  return {
    at: row.createdAt.getTime(),
    id: row._id,
    row: {
      id: row._id,
      kind: 'mobile' in row.to ? 'sms' : 'text',
      ...(personId && { person: organisation.ref(personId) }),
      ...(via && { via }),
      title: row.secret ? '(含链接,不显示)' : words.slice(0, TITLE_CHARS),
      ...wordsForMessage(row),
      at: row.createdAt.getTime(),
      ...(row.sentAt && { sentAt: row.sentAt.getTime() }),
    },
  }
}

/** `合同审批 HT-2026-0041 专线扩容`, by the subject of the cards that show it. */
async function caseTitles({ models }: Services, faces: readonly CardDoc[]): Promise<ReadonlyMap<string, string>> {
  const ids = new Set(faces.flatMap(({ params }) => params.caseId ?? []))
  const cases = ids.size > 0 ? await models.cases.byIds([...ids]) : []
  return new Map(cases.map(({ _id, kind, number, title }) => [caseSubject(_id), `${kind} ${number} ${title}`]))
}

function ofCard(row: CardDoc, organisation: Organisation, about = '卡片'): Found {
  const via = viaOf(row.platform)
  return {
    at: row.createdAt.getTime(),
    id: row._id,
    row: {
      id: row._id,
      kind: 'card',
      person: organisation.ref(row.personId),
      ...(via && { via }),
      title: row.open ? `${about}(等待处理)` : about,
      ...wordsForCard(row),
      at: row.createdAt.getTime(),
      ...(row.sentAt && { sentAt: row.sentAt.getTime() }),
    },
  }
}
