import { ref } from 'vue'
import { useRoute } from 'vue-router'
import type { DraftView } from '../../../common/contract/leads.ts'
import { asProblem } from './problem.ts'
import { api } from './services.ts'

const CLOSED_NOTES = {
  done: '聊天里的这份草稿已经提交过了,这里填写的会另存一份。',
  cancelled: '聊天里的这份草稿已经取消了,这里填写的会另存一份。',
} as const

/** The chat draft behind 修改 (`?draft=`): its values fill the form, and submitting the form finishes it. */
export function useChatDraft(kind: DraftView['kind']) {
  const route = useRoute()
  /** Sent with the command while the draft is open. */
  const openId = ref<string | null>(null)
  const note = ref('')

  async function load(): Promise<Record<string, string>> {
    const draftId = typeof route.query.draft === 'string' ? route.query.draft : ''
    if (!draftId) return {}
    try {
      const draft = await api.query('drafts.get', { draftId })
      if (draft?.kind !== kind) {
        note.value = '聊天里的这份草稿已经不在了,请直接填写。'
        return {}
      }
      if (draft.status === 'open') openId.value = draft.draftId
      else note.value = CLOSED_NOTES[draft.status]
      return draft.values
    } catch (thrown) {
      note.value = `没有取到聊天里的草稿:${asProblem(thrown).message}`
      return {}
    }
  }

  return { openId, note, load }
}
