import { z } from 'zod'
import { clip, oneLine } from '../../../cards/render/index.ts'
import type { Channel, Groups } from '../../../handlers/kernel/ports.ts'
import type { DingTalkClient } from './client.ts'

const created = z.object({ open_conversation_id: z.string().min(1) })
const added = z.object({ success: z.boolean().optional() })

const TITLE_CHARS = 30
/** Named in one call; the page gives no number for the creation and 100 for the older form of the addition. */
const MEMBERS_PER_CALL = 100

/**
 * Scene groups (pages "创建场景群", "添加场景群成员"; permission `qyapi_chat_manage`), made from a group template of the organisation that includes our robot: only
 * a robot that is a member can speak in a group.
 */
export function createDingTalkGroups(groupTemplateId: string, client: DingTalkClient, channel: Channel): Groups {
  const addMembers = async (groupId: string, memberIds: readonly string[]): Promise<void> => {
    for (let start = 0; start < memberIds.length; start += MEMBERS_PER_CALL) {
      const body = { open_conversation_id: groupId, user_ids: memberIds.slice(start, start + MEMBERS_PER_CALL) }
      await client.api({ method: 'POST', path: '/v1.0/im/sceneGroup/member/add', body, answer: added })
    }
  }

  return {
    platform: 'dingtalk',
    corp: channel.corp,
    maxMembersPerCall: MEMBERS_PER_CALL,
    addMembers,

    async createGroup({ name, ownerId, memberIds, requestId }) {
      const members = [...new Set([ownerId, ...memberIds])]
      const body = {
        title: clip(oneLine(name), TITLE_CHARS) || '客户协作',
        template_id: groupTemplateId,
        owner_user_id: ownerId,
        user_ids: members.slice(0, MEMBERS_PER_CALL),
        ...(requestId && { uuid: requestId }),
      }
      const answer = await client.api({ method: 'POST', path: '/v1.0/im/sceneGroup/create', body, answer: created })
      await addMembers(answer.open_conversation_id, members.slice(MEMBERS_PER_CALL))
      return { groupId: answer.open_conversation_id }
    },

    sendToGroup(groupId, content) {
      const to = { kind: 'group', conversationId: groupId } as const
      return 'text' in content
        ? channel.sendText(to, content.text)
        : channel.sendCard(to, withoutDecisions(content.card), { cardId: content.cardId })
    },
  }
}

/** Whoever sees a card in a group may click it. */
const withoutDecisions = <Shown extends Parameters<Channel['sendCard']>[1]>({ more: _more, ...card }: Shown) => ({
  ...card,
  buttons: card.buttons.filter(button => button.type === 'link'),
})
