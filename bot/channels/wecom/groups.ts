import { z } from 'zod'
import type { Card } from '../../../cards/model.ts'
import { renderText, renderTextCard } from '../../../cards/render/index.ts'
import { PlatformRefused } from '../../../common/errors.ts'
import type { Groups } from '../../../handlers/kernel/ports.ts'
import { sendParts, splitText } from '../shared/index.ts'
import { errcodeOf, type WeComClient } from './client.ts'
import type { WeComSettings } from './settings.ts'

const NAME_CHARS = 50
const LEAST_MEMBERS = 2
const MOST_MEMBERS = 2000
const TEXT_BYTES = 2048
const CHAT_EXISTS = 86215

const done = z.object({})
const created = z.object({ chatid: z.string().min(1) })

/**
 * Groups that the app opens (pages "创建群聊会话", "应用推送消息"). They take no template card: a card is drawn as a textcard that leads to its page.
 * The app hears nothing that is said in them.
 */
export function createWeComGroups(settings: WeComSettings, call: WeComClient): Groups {
  const send = (body: Record<string, unknown>) => call({ method: 'POST', path: 'appchat/send', body, answer: done })

  const sendText = async (chatid: string, text: string) => {
    await sendParts(splitText(text, TEXT_BYTES), part => send({ chatid, msgtype: 'text', text: { content: part } }))
    return {}
  }

  const sendCard = async (chatid: string, card: Card) => {
    const drawn = renderTextCard(card, settings.homeUrl)
    if (!drawn) return sendText(chatid, renderText(card))
    await send({ chatid, msgtype: 'textcard', textcard: drawn })
    return {}
  }

  return {
    platform: 'wecom',
    corp: settings.corpId,
    maxMembersPerCall: MOST_MEMBERS,

    async createGroup({ name, ownerId, memberIds, requestId }) {
      const userlist = [...new Set([ownerId, ...memberIds])].slice(0, MOST_MEMBERS)
      if (userlist.length < LEAST_MEMBERS) throw new PlatformRefused('group.too_few', '企业微信的群至少要有两位成员。')
      const body = {
        name: [...name].slice(0, NAME_CHARS).join(''),
        owner: ownerId,
        userlist,
        ...(requestId && { chatid: requestId }),
      }
      try {
        const { chatid } = await call({ method: 'POST', path: 'appchat/create', body, answer: created })
        return { groupId: chatid }
      } catch (error) {
        // The same wish before: its answer was lost, or it is repeated after a crash.
        if (requestId && errcodeOf(error) === CHAT_EXISTS) return { groupId: requestId }
        throw error
      }
    },

    async addMembers(groupId, memberIds) {
      if (memberIds.length === 0) return
      const body = { chatid: groupId, add_user_list: [...memberIds] }
      await call({ method: 'POST', path: 'appchat/update', body, answer: done })
    },

    sendToGroup: (groupId, content) => ('text' in content ? sendText(groupId, content.text) : sendCard(groupId, content.card)),
  }
}
