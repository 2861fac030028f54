import { type DraftView, draftGetInput } from '../../common/contract/leads.ts'
import { defineQuery } from '../kernel/command.ts'

/** A chat draft for the form behind 修改; null when it is not the asker's. */
export const draftGet = defineQuery({
  name: 'drafts.get',
  title: '草稿',
  input: draftGetInput,
  surfaces: ['h5'],
  async run({ services, viewer }, { draftId }): Promise<DraftView | null> {
    const draft = await services.models.talk.draft(draftId)
    if (!draft || draft.personId !== viewer.personId) return null
    return { draftId: draft._id, kind: draft.kind, status: draft.status, values: draft.values }
  },
})
