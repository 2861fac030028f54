import type { Card, CardButton } from '../../cards/model.ts'
import type { DuplicateMatch } from '../../common/contract/leads.ts'
import { NotFoundError } from '../../common/errors.ts'
import type { CardTemplate } from '../kernel/card-template.ts'
import type { Services } from '../kernel/services.ts'
import type { DraftKinds } from './draft-kinds.ts'
import { cancelDraft, confirmDraft, DRAFT_CARD, draftSubject } from './drafts.ts'
import { isDuplicate } from './duplicate-error.ts'

/** `公司已由 王敏 自 11-01 起跟进` */
function whoFollows(services: Services, duplicates: readonly DuplicateMatch[]): string {
  const now = services.clock.now()
  return duplicates
    .map(
      match =>
        `${match.by === 'phone' ? '该电话' : '该公司'}已由 ${match.owner.name} 自 ${services.time.date(match.since, now)} 起跟进`,
    )
    .join(';')
}

/** The confirmation card of every draft: exactly what will be written, then what became of it. */
export function createDraftCard(kinds: DraftKinds): CardTemplate {
  return {
    name: DRAFT_CARD,

    async present(services, { draftId = '' }): Promise<Card> {
      const draft = await services.models.talk.draft(draftId)
      const kind = draft && (await kinds.of(services, draft))
      if (!draft || !kind) throw new NotFoundError('draft.gone', '这份草稿已不存在。')
      const base = { kind: kind.title, title: kind.heading(draft.values), facts: kind.facts(draft.values) }
      if (draft.status === 'cancelled') return { ...base, status: '已取消', note: '已取消,没有写入', buttons: [] }
      if (draft.status === 'done') {
        const link = services.links.h5(kind.resultRoute(draft))
        return {
          ...base,
          status: '已写入',
          ...(draft.outcome?.number && { number: draft.outcome.number }),
          note: draft.outcome?.note ?? '已写入',
          link,
          buttons: [{ type: 'link', id: 'detail', label: '详情', url: link }],
        }
      }
      const form = services.links.h5(kind.route(draft))
      const amend: CardButton = { type: 'link', id: 'amend', label: '修改', url: form }
      const cancel: CardButton = { type: 'callback', id: 'cancel', label: '取消' }
      if (draft.duplicates.length > 0) {
        return {
          ...base,
          status: '待确认',
          link: form,
          reason: `${whoFollows(services, draft.duplicates)}。确需新建请点"仍然创建"。`,
          buttons: [{ type: 'callback', id: 'proceed', label: '仍然创建', style: 'danger' }, cancel],
        }
      }
      const quote = kind.quote?.(draft.values)
      const note = (await kind.check?.(services, await viewerOf(services, draft.personId), draft.values))?.note
      return {
        ...base,
        status: '待确认',
        link: form,
        ...(quote && { reason: quote }),
        ...(note && { note }),
        buttons: [{ type: 'callback', id: 'confirm', label: '确认', style: 'primary' }, amend, cancel],
      }
    },

    actions: {
      confirm: context => settle(context, kinds, false),
      proceed: context => settle(context, kinds, true),
      async cancel({ services, actor, card }) {
        await cancelDraft(services, kinds, { draftId: card.params.draftId ?? '', viewer: actor })
        return {}
      },
    },
  }
}

async function viewerOf(services: Services, personId: string) {
  return (await services.organisation.current()).viewer(personId)
}

async function settle(
  { services, actor, card, event, clickId }: Parameters<CardTemplate['actions'][string]>[0],
  kinds: DraftKinds,
  anyway: boolean,
) {
  const draftId = card.params.draftId ?? ''
  try {
    await confirmDraft(services, kinds, { draftId, viewer: actor, via: event.platform, anyway })
    return {}
  } catch (error) {
    if (!isDuplicate(error)) throw error
    // Somebody was faster between the card and the click: the draft stays, a new card tells who, the old one closes.
    const draft = await services.models.talk.draft(draftId)
    if (draft?.status !== 'open') throw error
    await services.models.talk.change(
      draft._id,
      draft.revision,
      { duplicates: error.details.matches },
      new Date(services.clock.now()),
    )
    await services.models.cards.touch(draftSubject(draftId), new Date(services.clock.now()))
    return {
      cards: [
        { _id: clickId, template: DRAFT_CARD, params: { draftId }, subject: draftSubject(draftId), personId: actor.personId },
      ],
    }
  }
}
