import { jsonOf } from '../../kernel/http.ts'
import { freshId } from '../../kernel/ids.ts'
import { anything, flag, list, object, type Shape, strings, text } from '../../kernel/shape.ts'
import { contentOfMessage, contentOfMsgKey, recallMessage, requiredKeys, showMessage } from '../content.ts'
import { meter } from '../quota.ts'
import { DingTalkRefusal, OldApiRefusal } from '../refusal.ts'
import type { DingTalkState } from '../state.ts'
import { objectOf, type Route, stringsOf, textOf } from './route.ts'

const BATCH = 20
const BODY_LIMIT_BYTES = 20_000
const GROUP_PARAM_LIMIT_BYTES = 15_000

const robotCode = text({ required: true, missing: 'invalidParameter.robotCode.empty' })
const message: Shape = {
  robotCode,
  msgKey: text({ required: true, missing: 'invalidParameter.msgKey.empty' }),
  msgParam: text({ required: true, missing: 'invalidParameter.msgParam.invalid', wrong: 'invalidParameter.msgParam.invalid' }),
}
/** Everything that a session webhook takes; which part belongs to a `msgtype` is checked when it is shown. */
const webhook: Shape = {
  msgtype: text({ required: true, missing: '400105' }),
  text: object({ content: text({ required: true }) }),
  markdown: object({ title: text({ required: true }), text: text({ required: true }) }),
  link: object({
    title: text({ required: true }),
    text: text({ required: true }),
    messageUrl: text({ required: true }),
    picUrl: text(),
  }),
  actionCard: object({
    title: text({ required: true }),
    text: text({ required: true }),
    singleTitle: text(),
    singleURL: text(),
    btnOrientation: text({ oneOf: ['0', '1'] }),
    btns: list({ title: text({ required: true }), actionURL: text({ required: true }) }),
  }),
  feedCard: object({ links: list({ title: text(), messageURL: text(), picURL: text() }) }),
  at: object({ atUserIds: strings({ maxItems: 50 }), atMobiles: strings({ maxItems: 50 }), isAtAll: flag() }),
}

/** Replies, proactive sends, recall, files; vendor page 机器人收发消息 */
export const robotRoutes: Route[] = [
  {
    method: 'POST',
    path: '/robot/sendBySession',
    generation: 'old',
    open: true,
    query: { session: text({ required: true, missing: '300005' }) },
    fields: webhook,
    badField: '40035',
    run: ({ state, query, body, request }) => {
      const session = state.sessions.get(query.session ?? '')
      if (!session || session.expiresAt < state.clock.now()) throw new OldApiRefusal(300005, 'session 不存在或已过期')
      if (request.body.length > BODY_LIMIT_BYTES) throw new OldApiRefusal(460101, 'message too long')
      if (!meter(state, 'webhookAndStream')) throw new OldApiRefusal(90030, '本月 Webhook 与 Stream 调用次数已用完')
      if (body.msgtype === 'empty') return {}
      const content = contentOfMessage(body)
      if (!content) throw new OldApiRefusal(400105, 'unsupported msgtype')
      const { userId, conversationId } = session
      showMessage(state, conversationId === undefined ? { users: [userId] } : { users: [], conversationId }, content)
      return {}
    },
  },
  {
    method: 'POST',
    path: '/v1.0/robot/oToMessages/batchSend',
    generation: 'new',
    metered: true,
    fields: {
      ...message,
      userIds: strings({
        required: true,
        missing: 'invalidParameter.userIds.empty',
        maxItems: BATCH,
        wrong: 'invalidParameter.userIds.overMax',
      }),
    },
    run: ({ state, body }) => {
      checkRobot(state, body.robotCode)
      const userIds = stringsOf(body.userIds)
      if (userIds.length === 0) throw new DingTalkRefusal('invalidParameter.userIds.empty', 'userIds 为空')
      const content = messageOf(body)
      const known = userIds
        .filter(userId => !state.flowControlled.has(userId))
        .flatMap(userId => state.directory.person(userId)?.userId ?? [])
      const processQueryKey = showMessage(state, { users: known }, content)
      return {
        processQueryKey,
        invalidStaffIdList: userIds.filter(userId => !state.directory.person(userId)),
        flowControlledStaffIdList: userIds.filter(userId => state.flowControlled.has(userId)),
      }
    },
  },
  {
    method: 'POST',
    path: '/v1.0/robot/groupMessages/send',
    generation: 'new',
    metered: true,
    fields: {
      ...message,
      openConversationId: text({ required: true, missing: 'resource.not.found' }),
      coolAppCode: text(),
      token: text(),
    },
    run: ({ state, body }) => {
      checkRobot(state, body.robotCode)
      const conversationId = textOf(body.openConversationId)
      if (!state.groups.has(conversationId)) throw new DingTalkRefusal('resource.not.found', '机器人不在这个群')
      if (Buffer.byteLength(textOf(body.msgParam)) > GROUP_PARAM_LIMIT_BYTES)
        throw new DingTalkRefusal('invalidParameter.msgParam.tooLong', 'msgParam 过长')
      return { processQueryKey: showMessage(state, { users: [], conversationId }, messageOf(body)) }
    },
  },
  recall('/v1.0/robot/otoMessages/batchRecall', {}),
  recall('/v1.0/robot/groupMessages/recall', { openConversationId: text({ required: true, missing: 'resource.not.found' }) }),
  {
    method: 'POST',
    path: '/v1.0/robot/messageFiles/download',
    generation: 'new',
    metered: true,
    fields: { downloadCode: text({ required: true }), robotCode },
    run: ({ state, body }) => {
      if (!state.files.has(textOf(body.downloadCode))) throw new DingTalkRefusal('resource.not.found', 'downloadCode 无效')
      return { downloadUrl: `${state.baseUrl}/__emu/files/${textOf(body.downloadCode)}` }
    },
  },
  {
    method: 'POST',
    path: '/topapi/message/corpconversation/asyncsend_v2',
    generation: 'old',
    metered: true,
    fields: {
      agent_id: anything({ required: true }),
      userid_list: text(),
      dept_id_list: text(),
      to_all_user: flag(),
      msg: object(
        {
          msgtype: text({ required: true }),
          ...Object.fromEntries(
            ['text', 'image', 'voice', 'file', 'link', 'markdown', 'oa', 'action_card'].map(kind => [kind, object()]),
          ),
        },
        { required: true },
      ),
    },
    run: ({ state, body }) => {
      checkAgent(state, body.agent_id)
      const asked = textOf(body.userid_list).split(',').filter(Boolean)
      if (asked.length > 100) throw new OldApiRefusal(400002, 'userid_list 超过 100')
      const content = contentOfMessage(objectOf(body.msg) ?? {})
      if (!content) throw new OldApiRefusal(400002, 'msg 不合法')
      const users = asked.flatMap(userId => state.directory.person(userId)?.userId ?? [])
      const taskId = Number.parseInt(freshId('').slice(0, 10), 16)
      state.notices.set(taskId, { users, msgid: showMessage(state, { users }, content) })
      return { task_id: taskId, request_id: freshId('R') }
    },
  },
  {
    method: 'POST',
    path: '/topapi/message/corpconversation/getsendresult',
    generation: 'old',
    fields: { agent_id: anything({ required: true }), task_id: anything({ required: true }) },
    run: ({ state, body }) => {
      checkAgent(state, body.agent_id)
      const notice = state.notices.get(Number(body.task_id))
      const none = {
        invalid_user_id_list: [],
        forbidden_user_id_list: [],
        forbidden_list: [],
        failed_user_id_list: [],
        read_user_id_list: [],
      }
      return { send_result: { ...none, unread_user_id_list: notice?.users ?? [] } }
    },
  },
  {
    method: 'POST',
    path: '/topapi/message/corpconversation/recall',
    generation: 'old',
    fields: { agent_id: anything({ required: true }), msg_task_id: anything({ required: true }) },
    run: ({ state, body }) => {
      checkAgent(state, body.agent_id)
      recallMessage(state, state.notices.get(Number(body.msg_task_id))?.msgid ?? '')
      return {}
    },
  },
]

/** Vendor pages 批量撤回人与机器人会话中机器人消息, 撤回内部群消息. */
function recall(path: string, where: Shape): Route {
  return {
    method: 'POST',
    path,
    generation: 'new',
    metered: true,
    fields: { robotCode, processQueryKeys: strings({ required: true, maxItems: BATCH }), ...where },
    run: ({ state, body }) => {
      checkRobot(state, body.robotCode)
      const group = textOf(body.openConversationId) || undefined
      const keys = stringsOf(body.processQueryKeys)
      const done = keys.filter(key => recallMessage(state, key, group))
      const failed = keys.filter(key => !done.includes(key)).map(key => [key, 'processQueryKey not exist'])
      return { successResult: done, failedResult: Object.fromEntries(failed) }
    },
  }
}

function checkRobot(state: DingTalkState, robotCode: unknown) {
  if (robotCode !== state.clientId) throw new DingTalkRefusal('invalidParameter.robotCode.notExsit', 'robotCode 不存在')
}

function checkAgent(state: DingTalkState, agentId: unknown) {
  if (state.agentId === undefined || String(agentId) !== state.agentId) throw new OldApiRefusal(400002, 'agent_id 不合法')
}

function messageOf(body: Record<string, unknown>) {
  const msgKey = textOf(body.msgKey)
  const required = Object.hasOwn(requiredKeys, msgKey) ? requiredKeys[msgKey] : undefined
  if (!required) throw new DingTalkRefusal('invalidParameter.msgKey.invalid', 'msgKey 不合法')
  const param = typeof body.msgParam === 'string' ? objectOf(jsonOf(body.msgParam)) : undefined
  if (!param) throw new DingTalkRefusal('invalidParameter.msgParam.invalid', 'msgParam 不是 JSON 文本')
  const missing = required.find(key => param[key] === undefined || param[key] === '')
  if (missing) throw new DingTalkRefusal(`miss.param.${missing}`, `缺少参数 ${missing}`)
  return contentOfMsgKey(msgKey, param)
}
