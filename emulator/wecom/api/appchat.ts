import { plain } from '../../kernel/fields.ts'
import { freshId } from '../../kernel/ids.ts'
import { WeComRefusal } from '../refusal.ts'
import type { GroupChat, WeComState } from '../state.ts'
import { type EndpointTable, stringsOf } from './endpoint.ts'

const SENDABLE = new Set(['text', 'image', 'voice', 'video', 'file', 'textcard', 'news', 'mpnews', 'markdown'])

/** App-created groups; vendor page 应用发送消息到群聊会话. Interactive cards cannot go there. */
export const appchatEndpoints: EndpointTable = {
  '/cgi-bin/appchat/create': {
    method: 'POST',
    fields: { name: true, owner: true, userlist: true, chatid: true },
    run: ({ state, body }) => {
      const userlist = membersIn(state, body.userlist)
      if (userlist.length < 2 || userlist.length > 2000) throw new WeComRefusal(86006, 'invalid userlist size')
      const owner = String(body.owner ?? userlist[0])
      if (!userlist.includes(owner)) throw new WeComRefusal(86207, 'owner not in userlist')
      const chatid = typeof body.chatid === 'string' ? body.chatid : freshId('C')
      if (!/^[0-9A-Za-z]{1,32}$/.test(chatid)) throw new WeComRefusal(86001, 'invalid chatid')
      if (state.groups.has(chatid)) throw new WeComRefusal(86215, 'chatid exists')
      state.groups.set(chatid, { chatid, name: String(body.name ?? ''), owner, userlist, messages: [] })
      return { chatid }
    },
  },
  '/cgi-bin/appchat/update': {
    method: 'POST',
    fields: { chatid: true, name: true, owner: true, add_user_list: true, del_user_list: true },
    run: ({ state, body }) => {
      const group = groupOf(state, body.chatid)
      const leaving = new Set(stringsOf(body.del_user_list))
      const userlist = [...group.userlist.filter(userId => !leaving.has(userId)), ...membersIn(state, body.add_user_list)]
      const owner = String(body.owner ?? group.owner)
      if (!userlist.includes(owner)) throw new WeComRefusal(86207, 'owner not in userlist')
      Object.assign(group, { userlist: [...new Set(userlist)], owner, name: String(body.name ?? group.name) })
      return {}
    },
  },
  '/cgi-bin/appchat/get': {
    method: 'GET',
    query: ['chatid'],
    run: ({ state, query }) => {
      const { chatid, name, owner, userlist } = groupOf(state, query.chatid)
      return { chat_info: { chatid, name, owner, userlist, chat_type: 0 } }
    },
  },
  '/cgi-bin/appchat/send': {
    method: 'POST',
    fields: {
      ...plain('chatid', 'msgtype', 'safe', 'textcard', 'news', 'image', 'voice', 'video', 'file', 'mpnews'),
      text: plain('content', 'mentioned_list'),
      markdown: plain('content'),
    },
    run: ({ state, body }) => {
      const group = groupOf(state, body.chatid)
      const msgtype = String(body.msgtype ?? '')
      if (!SENDABLE.has(msgtype)) throw new WeComRefusal(40008, 'invalid message type')
      group.messages.push({ msgtype, body, at: state.clock.now() })
      return {}
    },
  },
}

function groupOf(state: WeComState, chatid: unknown): GroupChat {
  const group = state.groups.get(String(chatid ?? ''))
  if (!group) throw new WeComRefusal(40050, 'chatid not found')
  return group
}

function membersIn(state: WeComState, list: unknown): string[] {
  return stringsOf(list).map(userId => {
    const person = state.directory.person(userId)
    if (!person) throw new WeComRefusal(86007, 'invalid userlist member')
    return person.userId
  })
}
