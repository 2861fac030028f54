import { z } from 'zod'
import type { Card } from '../../../cards/model.ts'
import { type ActionCardFace, dingTalkTitle, renderActionCard, renderDingTalk } from '../../../cards/render/index.ts'
import type { Clock } from '../../../common/clock.ts'
import { PlatformRefused, PlatformUnreachable } from '../../../common/errors.ts'
import type { Channel, ChannelAbilities, Recipient, SendReceipt } from '../../../handlers/kernel/ports.ts'
import { type CallMeter, type ChannelLog, sendParts, splitText } from '../shared/index.ts'
import { createBatcher } from './batch.ts'
import type { DingTalkClient } from './client.ts'
import { createMediaFetcher } from './media.ts'
import { liveSession } from './session.ts'
import type { DingTalkSettings } from './settings.ts'

/** Well below the 15,000 bytes of `msgParam` and the 20,000 of a webhook body, escapes included. */
const TEXT_BYTES = 6000

const batchSent = z.object({
  processQueryKey: z.string().optional(),
  invalidStaffIdList: z.array(z.string()).nullish(),
  flowControlledStaffIdList: z.array(z.string()).nullish(),
})
const groupSent = z.object({ processQueryKey: z.string().optional() })
const delivered = z.object({
  success: z.boolean().optional(),
  result: z
    .object({
      deliverResults: z
        .array(z.object({ success: z.boolean(), carrierId: z.string().nullish(), errorMsg: z.string().nullish() }))
        .nullish(),
    })
    .nullish(),
})
const updated = z.object({ success: z.boolean().optional() })
const recalled = z.object({ successResult: z.array(z.string()).nullish() })

const NOT_RECALLABLE = 'message.not_recallable'

/** One message in the words of both senders: the session webhook and the robot API. */
interface Message {
  webhook: Record<string, unknown>
  msgKey: string
  msgParam: Record<string, string>
}

const WITH_TEMPLATE: ChannelAbilities = {
  cardCallbacks: true,
  cardUpdate: 'always',
  handleLifeMs: Number.MAX_SAFE_INTEGER,
  answersClicks: true,
}
const WITHOUT_TEMPLATE: ChannelAbilities = { cardCallbacks: false, cardUpdate: 'never', handleLifeMs: 0, answersClicks: false }

/**
 * Messages of the robot (pages "机器人回复/发送消息", "批量发送人与机器人会话中机器人消息", "创建并投放卡片", "更新卡片",
 * "批量撤回人与机器人会话中机器人消息"). An answer goes through the session webhook of the message it answers, else as a direct message.
 */
export function createDingTalkMessages(
  settings: DingTalkSettings,
  client: DingTalkClient,
  { clock, log, meter, fetch }: { clock: Clock; log: ChannelLog; meter?: CallMeter; fetch?: typeof globalThis.fetch },
): Channel {
  const robotCode = settings.clientId
  const callback =
    settings.mode === 'http' ? { callbackType: 'HTTP', callbackRouteKey: settings.clientId } : { callbackType: 'STREAM' }

  const toPeople = createBatcher((userIds, msgKey, msgParam) => {
    const body = { robotCode, msgKey, msgParam, userIds }
    return client.api({ method: 'POST', path: '/v1.0/robot/oToMessages/batchSend', body, answer: batchSent })
  })

  const direct = async (recipient: Recipient, { msgKey, msgParam }: Message): Promise<SendReceipt> => {
    const common = { robotCode, msgKey, msgParam: JSON.stringify(msgParam) }
    if (recipient.kind === 'group') {
      const body = { ...common, openConversationId: recipient.conversationId }
      const { processQueryKey } = await client.api({
        method: 'POST',
        path: '/v1.0/robot/groupMessages/send',
        body,
        answer: groupSent,
      })
      return processQueryKey ? { messageId: processQueryKey } : {}
    }
    const userId = personOf(recipient)
    const answer = await toPeople(userId, common.msgKey, common.msgParam)
    if (answer.flowControlledStaffIdList?.includes(userId)) {
      throw new PlatformRefused('dingtalk.flow_controlled', '钉钉限制了发给这位成员的消息,稍后会再试。', {
        retryable: true,
        details: { retryAfterMs: 60_000 },
      })
    }
    const notReached = answer.invalidStaffIdList?.includes(userId) ?? false
    if (notReached) log.warn({ code: 'dingtalk.not_reached', userId }, 'message not delivered to this member')
    // A key that several people share cannot take the message back from one of them.
    const messageId = answer.alone ? answer.processQueryKey : undefined
    return { ...(messageId && { messageId }), ...(notReached && { notReached }) }
  }

  const send = async (recipient: Recipient, message: Message, replyTo: string | undefined): Promise<SendReceipt> => {
    const session = liveSession(replyTo, clock)
    if (session === null) return direct(recipient, message)
    try {
      await client.webhook(session, message.webhook)
      return {}
    } catch (error) {
      // An expired session answers with an error or HTTP 500; an answer lost on the way may have been delivered and is not repeated.
      if (!saysNo(error)) throw error
      log.info({ code: 'dingtalk.session_failed' }, 'session webhook refused; sending directly')
      return direct(recipient, message)
    }
  }

  const sendTemplateCard = async (
    recipient: Recipient,
    card: Card,
    cardId: string,
    cardTemplateId: string,
  ): Promise<SendReceipt> => {
    const body = {
      cardTemplateId,
      outTrackId: cardId,
      ...callback,
      userIdType: 1,
      cardData: { cardParamMap: renderDingTalk(card) },
      ...spaceOf(recipient, card, robotCode),
    }
    try {
      const answer = await client.api({ method: 'POST', path: '/v1.0/card/instances/createAndDeliver', body, answer: delivered })
      const results = answer.result?.deliverResults ?? []
      const failed = results.find(result => !result.success)
      if (failed || answer.success === false) {
        log.warn({ code: 'dingtalk.card_not_delivered', cardId, reason: failed?.errorMsg?.slice(0, 200) }, 'card not delivered')
        return { notReached: true }
      }
      const carrier = results[0]?.carrierId
      return carrier ? { messageId: carrier } : {}
    } catch (error) {
      // The id is ours and names one card for ever: a repetition of a send whose answer was lost.
      if (error instanceof PlatformRefused && error.code === 'dingtalk.card_exists') return {}
      throw error
    }
  }

  return {
    platform: 'dingtalk',
    corp: settings.corpId,
    app: settings.clientId,
    abilities: settings.cardTemplateId ? WITH_TEMPLATE : WITHOUT_TEMPLATE,

    ...(meter && { mayCall: worth => meter.allows(worth) }),
    fetchMedia: createMediaFetcher(robotCode, client, fetch),

    async sendText(recipient, text, { replyTo } = {}) {
      const receipt = await sendParts(splitText(text, TEXT_BYTES), part => send(recipient, textMessage(part), replyTo))
      return receipt ?? {}
    },

    async sendCard(recipient, card, { cardId, replyTo }) {
      if (settings.cardTemplateId) return sendTemplateCard(recipient, card, cardId, settings.cardTemplateId)
      return send(recipient, actionCardMessage(renderActionCard(card)), replyTo)
    },

    async updateCard(_recipient, card, { cardId }) {
      if (!settings.cardTemplateId) throw new PlatformRefused('card.not_repaintable', '没有卡片模板,这张卡片不能更新。')
      const body = {
        outTrackId: cardId,
        cardData: { cardParamMap: renderDingTalk(card) },
        // Without this the whole map would be replaced, private values of the template included.
        cardUpdateOptions: { updateCardDataByKey: true },
      }
      const { success } = await client.api({ method: 'PUT', path: '/v1.0/card/instances', body, answer: updated })
      if (success === false) throw new PlatformRefused('card.not_repaintable', '钉钉没有更新这张卡片。')
    },

    async recall(messageId) {
      // One call for each, and the newer message tells the truth without it.
      if (meter?.allows('notice') === false)
        throw new PlatformRefused(NOT_RECALLABLE, '本月的钉钉调用次数不多了,旧消息不再撤回。')
      const body = { robotCode, processQueryKeys: [messageId] }
      const path = '/v1.0/robot/otoMessages/batchRecall'
      const { successResult } = await client.api({ method: 'POST', path, body, answer: recalled })
      if (!successResult?.includes(messageId)) throw new PlatformRefused(NOT_RECALLABLE, '这条消息不能再撤回。')
    },
  }
}

const saysNo = (error: unknown): boolean =>
  error instanceof PlatformRefused ||
  (error instanceof PlatformUnreachable && (error.applied === 'no' || Number(error.details.status) >= 500))

const textMessage = (content: string): Message => ({
  webhook: { msgtype: 'text', text: { content } },
  msgKey: 'sampleText',
  msgParam: { content },
})

function actionCardMessage({ title, text, buttons }: ActionCardFace): Message {
  const [first, ...others] = buttons
  if (!first)
    return { webhook: { msgtype: 'markdown', markdown: { title, text } }, msgKey: 'sampleMarkdown', msgParam: { title, text } }
  if (others.length === 0) {
    const single = { title, text, singleTitle: first.title, singleURL: first.url }
    return { webhook: { msgtype: 'actionCard', actionCard: single }, msgKey: 'sampleActionCard', msgParam: single }
  }
  const numbered = buttons.flatMap(({ title: label, url }, index) => [
    [`actionTitle${index + 1}`, label],
    [`actionURL${index + 1}`, url],
  ])
  const btns = buttons.map(button => ({ title: button.title, actionURL: button.url }))
  return {
    webhook: { msgtype: 'actionCard', actionCard: { title, text, btnOrientation: '0', btns } },
    msgKey: `sampleActionCard${buttons.length}`,
    msgParam: { title, text, ...Object.fromEntries(numbered) },
  }
}

/** Where the card appears. It may not be forwarded: whoever sees a card can click it. */
function spaceOf(recipient: Recipient, card: Card, robotCode: string): Record<string, unknown> {
  const model = {
    supportForward: false,
    lastMessageI18n: { ZH_CN: dingTalkTitle(card) },
    notification: { alertContent: dingTalkTitle(card) },
  }
  if (recipient.kind === 'group') {
    return {
      openSpaceId: `dtv1.card//IM_GROUP.${recipient.conversationId}`,
      imGroupOpenSpaceModel: model,
      imGroupOpenDeliverModel: { robotCode },
    }
  }
  return {
    openSpaceId: `dtv1.card//IM_ROBOT.${personOf(recipient)}`,
    imRobotOpenSpaceModel: model,
    imRobotOpenDeliverModel: { spaceType: 'IM_ROBOT', robotCode },
  }
}

/** `;` in an `openSpaceId` would add a second space. */
function personOf(recipient: Recipient): string {
  if (recipient.kind === 'person' && /^[^;/\s]{1,64}$/u.test(recipient.userId)) return recipient.userId
  throw new PlatformRefused('dingtalk.recipient_invalid', '这位钉钉成员没有可用的账号。')
}
