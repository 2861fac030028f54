import { z } from 'zod'
import { hasCallback } from '../../../cards/model.ts'
import { renderText, renderWeCom } from '../../../cards/render/index.ts'
import { PlatformRefused } from '../../../common/errors.ts'
import type { Channel, Recipient, SendReceipt } from '../../../handlers/kernel/ports.ts'
import { type ChannelLog, sendParts, splitText } from '../shared/index.ts'
import type { WeComBot } from './bot/index.ts'
import { errcodeOf, type WeComClient } from './client.ts'
import type { WeComMedia } from './media.ts'
import type { WeComSettings } from './settings.ts'

/** `text.content` of message/send, in UTF-8 bytes; the platform cuts what is longer. */
const TEXT_BYTES = 2048
const HANDLE_LIFE_MS = 72 * 3_600_000
const NOBODY_REACHED = 81013
/** Of `message/recall`: another app's message, or a parameter it cannot read. */
const NOT_OURS = 40058

const list = z.string().nullish()
const sent = z.object({
  msgid: z.string().optional(),
  response_code: z.string().optional(),
  invaliduser: list,
  unlicenseduser: list,
})
const done = z.object({})
const updated = z.object({ invaliduser: z.array(z.string()).nullish() })

/** Messages of a self-built app (pages "发送应用消息", "更新模版卡片消息"). Conversations are single: a group cannot be written to. */
export function createWeComMessages(
  settings: WeComSettings,
  call: WeComClient,
  media: WeComMedia,
  bot: WeComBot | null,
  log: ChannelLog,
): Channel {
  const send = async (to: string, message: Record<string, unknown>): Promise<SendReceipt> => {
    const body = { touser: to, agentid: settings.agentId, ...message }
    try {
      const answer = await call({ method: 'POST', path: 'message/send', body, answer: sent })
      const notReached = names(answer.invaliduser, to) || names(answer.unlicenseduser, to)
      if (notReached) log.warn({ code: 'wecom.not_reached', userId: to }, 'message not delivered to this member')
      return {
        ...(answer.msgid && { messageId: answer.msgid }),
        ...(answer.response_code && { handle: answer.response_code }),
        ...(notReached && { notReached }),
      }
    } catch (error) {
      if (errcodeOf(error) !== NOBODY_REACHED) throw error
      log.warn({ code: 'wecom.not_reached', userId: to }, 'message not delivered to this member')
      return { notReached: true }
    }
  }

  const sendText = async (recipient: Recipient, text: string, options: { replyTo?: string } = {}): Promise<SendReceipt> => {
    if (await bot?.answer(options.replyTo, text)) return {}
    const to = personOf(recipient)
    const receipt = await sendParts(splitText(text, TEXT_BYTES), part => send(to, { msgtype: 'text', text: { content: part } }))
    return receipt ?? {}
  }

  return {
    platform: 'wecom',
    corp: settings.corpId,
    app: String(settings.agentId),
    abilities: {
      cardCallbacks: true,
      cardUpdate: 'once',
      handleLifeMs: HANDLE_LIFE_MS,
      answersClicks: settings.passiveCards,
      choices: true,
      perPersonPerMinute: 28,
      perPersonPerHour: 950,
      perAppPerMinute: 9_000,
      perAccountPerDay: 200,
    },
    sendText,

    async sendCard(recipient, card, { cardId, replyTo }) {
      const drawn = renderWeCom(card, { taskId: cardId, ...(settings.homeUrl && { homeUrl: settings.homeUrl }) })
      if (!drawn) return sendText(recipient, renderText(card), replyTo ? { replyTo } : {})
      const receipt = await send(personOf(recipient), { msgtype: 'template_card', template_card: drawn })
      // Asked through the bot: there the card is told in words, its buttons are in the app's own conversation.
      void bot?.answer(
        replyTo,
        `${renderText(card)}\n\n${hasCallback(card) ? '按钮在应用消息的卡片上,也可以直接回复按钮上的字。' : ''}`.trim(),
      )
      return receipt
    },

    async updateCard(recipient, card, { handle }) {
      const to = personOf(recipient)
      if (!handle) throw new PlatformRefused('card.handle_spent', '这张卡片没有可用的更新凭证。')
      const drawn = renderWeCom(card, settings.homeUrl ? { homeUrl: settings.homeUrl } : {})
      // Without any address the platform has no card to show; greying the buttons out still ends the decision.
      const face = drawn ? { template_card: drawn } : { button: { replace_name: card.status } }
      const body = { userids: [to], agentid: settings.agentId, response_code: handle, ...face }
      const answer = await call({ method: 'POST', path: 'message/update_template_card', body, answer: updated })
      if (answer.invaliduser?.some(user => user.toLowerCase() === to.toLowerCase())) {
        throw new PlatformRefused('card.not_repaintable', '企业微信没有给这位成员更新卡片。', {
          details: { call: 'update_template_card' },
        })
      }
      if (hasCallback(card))
        log.info({ code: 'wecom.handle_used', userId: to }, 'card repainted with buttons; its update right is spent')
    },

    async recall(messageId) {
      try {
        await call({ method: 'POST', path: 'message/recall', body: { msgid: messageId }, answer: done })
      } catch (error) {
        if (errcodeOf(error) !== NOT_OURS) throw error
        throw new PlatformRefused('message.not_recallable', '这条消息不能再撤回。', { cause: error })
      }
    },

    fetchMedia: mediaId => media.download(mediaId),
  }
}

/** The four lists of message/send are joined with `|` and lower-cased. */
function names(joined: string | null | undefined, userId: string): boolean {
  return (joined ?? '').toLowerCase().split('|').includes(userId.toLowerCase())
}

/** `|` would address several people, `@all` everyone. */
function personOf(recipient: Recipient): string {
  if (recipient.kind === 'person' && /^[^|\s@][^|\s]{0,63}$/u.test(recipient.userId)) return recipient.userId
  throw new PlatformRefused('wecom.recipient_invalid', '企业微信只能发给一位成员。')
}
