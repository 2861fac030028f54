import { freshId } from '../../kernel/ids.ts'
import { number, object, strings, text } from '../../kernel/shape.ts'
import { DingTalkRefusal } from '../refusal.ts'
import { type DingTalkState, groupOf } from '../state.ts'
import { type Route, stringsOf, textOf } from './route.ts'

const LEVELS = [
  'mention_all_authority',
  'show_history_type',
  'validation_type',
  'searchable',
  'chat_banned_type',
  'management_type',
  'only_admin_can_ding',
  'all_members_can_create_mcs_conf',
  'all_members_can_create_calendar',
  'group_email_disabled',
  'only_admin_can_set_msg_top',
  'add_friend_forbidden',
  'group_live_switch',
]

/** Scene groups, made from a template that includes the robot (vendor pages 创建场景群, 添加场景群成员; permission `qyapi_chat_manage`). */
export const groupRoutes: Route[] = [
  {
    method: 'POST',
    path: '/v1.0/im/sceneGroup/create',
    generation: 'new',
    metered: true,
    fields: {
      title: text({ required: true, maxChars: 30 }),
      template_id: text({ required: true }),
      owner_user_id: text({ required: true }),
      user_ids: strings({ maxItems: 1000 }),
      subadmin_ids: strings(),
      uuid: text(),
      icon: text(),
      management_options: object(),
      ...Object.fromEntries(LEVELS.map(name => [name, number({ oneOf: [0, 1] })])),
    },
    run: ({ state, body }) => {
      if (body.template_id !== state.groupTemplateId) throw new DingTalkRefusal('invalidParameter.templateId', '群模板不存在')
      const known = state.groupRequests.get(textOf(body.uuid))
      if (known) return known
      const people = new Set([textOf(body.owner_user_id), ...stringsOf(body.user_ids)])
      for (const userId of people) checkMember(state, userId)
      const conversationId = `cid${freshId('')}==`
      const group = groupOf(state, conversationId)
      group.title = textOf(body.title)
      group.members = [...people]
      const answer = { open_conversation_id: conversationId, chat_id: freshId('chat') }
      if (body.uuid) state.groupRequests.set(textOf(body.uuid), answer)
      return answer
    },
  },
  {
    method: 'POST',
    path: '/v1.0/im/sceneGroup/member/add',
    generation: 'new',
    metered: true,
    fields: {
      open_conversation_id: text({ required: true }),
      user_ids: strings({ maxItems: 100 }),
      union_ids: strings({ maxItems: 100 }),
    },
    run: ({ state, body }) => {
      const group = state.groups.get(textOf(body.open_conversation_id))
      if (!group) throw new DingTalkRefusal('resource.not.found', '群不存在')
      const added = stringsOf(body.user_ids)
      for (const userId of added) checkMember(state, userId)
      group.members = [...new Set([...group.members, ...added])]
      return { success: true }
    },
  },
]

function checkMember(state: DingTalkState, userId: string): void {
  if (!state.directory.person(userId)) throw new DingTalkRefusal('staffId.notExisted', `没有这个员工:${userId}`)
}
