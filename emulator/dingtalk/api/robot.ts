import { jsonOf } from '../../kernel/http.ts'
import { freshId } from '../../kernel/ids.ts'
import { contentOfMessage, contentOfMsgKey, recallMessage, requiredKeys, showMessage } from '../content.ts'
import { DingTalkRefusal, OldApiRefusal } from '../refusal.ts'
import type { DingTalkState } from '../state.ts'
import { objectOf, plain, type Route, stringsOf, textOf } from './route.ts'

const BATCH = 20
const BODY_LIMIT_BYTES = 20_000
const GROUP_PARAM_LIMIT_BYTES = 15_000

/** Replies, proactive sends, recall, files; vendor page 机器人收发消息 */
export const robotRoutes: Route[] = [
  {
    method: 'POST',
    path: '/robot/sendBySession',
    generation: 'old',
    open: true,
    fields: {
      ...plain('msgtype', 'text', 'markdown', 'link', 'actionCard', 'feedCard', 'empty'),
      at: plain('atUserIds', 'atMobiles', 'isAtAll'),
    },
    run: ({ state, query, body, request }) => {
      const session = state.sessions.get(query.session ?? '')
      if (!session || session.expiresAt < state.clock.now()) throw new OldApiRefusal(300005, 'session 不存在或已过期')
      if (request.body.length > BODY_LIMIT_BYTES) throw new OldApiRefusal(460101, 'message too long')
      state.usage.webhookAndStream += 1
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
    fields: plain('robotCode', 'userIds', 'msgKey', 'msgParam'),
    run: ({ state, body }) => {
      checkRobot(state, body.robotCode)
      const userIds = stringsOf(body.userIds)
      if (userIds.length === 0) throw new DingTalkRefusal('invalidParameter.userIds.empty', 'userIds 为空')
      if (userIds.length > BATCH) throw new DingTalkRefusal('invalidParameter.userIds.overMax', 'userIds 超过上限')
      const content = messageOf(body)
      const known = userIds.flatMap(userId => state.directory.person(userId)?.userId ?? [])
      const processQueryKey = showMessage(state, { users: known }, content)
      return {
        processQueryKey,
        invalidStaffIdList: userIds.filter(userId => !state.directory.person(userId)),
        flowControlledStaffIdList: [],
      }
    },
  },
  {
    method: 'POST',
    path: '/v1.0/robot/groupMessages/send',
    generation: 'new',
    metered: true,
    fields: plain('msgKey', 'msgParam', 'openConversationId', 'robotCode', 'coolAppCode', 'token'),
    run: ({ state, body }) => {
      checkRobot(state, body.robotCode)
      const conversationId = textOf(body.openConversationId)
      if (!state.groups.has(conversationId)) throw new DingTalkRefusal('resource.not.found', '机器人不在这个群')
      if (textOf(body.msgParam).length > GROUP_PARAM_LIMIT_BYTES)
        throw new DingTalkRefusal('invalidParameter.msgParam.tooLong', 'msgParam 过长')
      return { processQueryKey: showMessage(state, { users: [], conversationId }, messageOf(body)) }
    },
  },
  ...['/v1.0/robot/otoMessages/batchRecall', '/v1.0/robot/groupMessages/recall'].map(
    (path): Route => ({
      method: 'POST',
      path,
      generation: 'new',
      metered: true,
      fields: plain('robotCode', 'processQueryKeys', 'openConversationId'),
      run: ({ state, body }) => {
        checkRobot(state, body.robotCode)
        const keys = stringsOf(body.processQueryKeys)
        const done = keys.filter(key => recallMessage(state, key))
        const failed = keys.filter(key => !done.includes(key)).map(key => [key, 'processQueryKey not exist'])
        return { successResult: done, failedResult: Object.fromEntries(failed) }
      },
    }),
  ),
  {
    method: 'POST',
    path: '/v1.0/robot/messageFiles/download',
    generation: 'new',
    metered: true,
    fields: plain('downloadCode', 'robotCode'),
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
      ...plain('agent_id', 'userid_list', 'dept_id_list', 'to_all_user'),
      msg: plain('msgtype', 'text', 'image', 'voice', 'file', 'link', 'markdown', 'oa', 'action_card'),
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
    fields: plain('agent_id', 'task_id'),
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
    fields: plain('agent_id', 'msg_task_id'),
    run: ({ state, body }) => {
      checkAgent(state, body.agent_id)
      recallMessage(state, state.notices.get(Number(body.msg_task_id))?.msgid ?? '')
      return {}
    },
  },
]

function checkRobot(state: DingTalkState, robotCode: unknown) {
  if (!robotCode) throw new DingTalkRefusal('invalidParameter.robotCode.empty', 'robotCode 为空')
  if (robotCode !== state.clientId) throw new DingTalkRefusal('invalidParameter.robotCode.notExsit', 'robotCode 不存在')
}

function checkAgent(state: DingTalkState, agentId: unknown) {
  if (state.agentId === undefined || String(agentId) !== state.agentId) throw new OldApiRefusal(400002, 'agent_id 不合法')
}

function messageOf(body: Record<string, unknown>) {
  const msgKey = textOf(body.msgKey)
  const required = Object.hasOwn(requiredKeys, msgKey) ? requiredKeys[msgKey] : undefined
  if (!msgKey) throw new DingTalkRefusal('invalidParameter.msgKey.empty', 'msgKey 为空')
  if (!required) throw new DingTalkRefusal('invalidParameter.msgKey.invalid', 'msgKey 不合法')
  const param = typeof body.msgParam === 'string' ? objectOf(jsonOf(body.msgParam)) : undefined
  if (!param) throw new DingTalkRefusal('invalidParameter.msgParam.invalid', 'msgParam 不是 JSON 文本')
  const missing = required.find(key => param[key] === undefined || param[key] === '')
  if (missing) throw new DingTalkRefusal(`miss.param.${missing}`, `缺少参数 ${missing}`)
  return contentOfMsgKey(msgKey, param)
}
