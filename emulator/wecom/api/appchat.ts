import { freshId } from '../../kernel/ids.ts'
import { number, object, strings, text } from '../../kernel/shape.ts'
import { WeComRefusal } from '../refusal.ts'
import type { GroupChat, WeComState } from '../state.ts'
import { type EndpointTable, stringsOf } from './endpoint.ts'
import { kinds } from './send.ts'

const SENDABLE = new Set(['text', 'image', 'voice', 'video', 'file', 'textcard', 'news', 'mpnews', 'markdown'])

/** App-created groups; vendor page 应用发送消息到群聊会话. Interactive cards cannot go there. */
export const appchatEndpoints: EndpointTable = {
  '/cgi-bin/appchat/create': {
    method: 'POST',
    fields: {
      name: text({ maxChars: 50 }),
      owner: text(),
      userlist: strings({ required: true, missing: '86006' }),
      chatid: text(),
    },
    run: ({ state, body }) => {
      checkRange(state)
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
    fields: {
      chatid: text({ required: true, missing: '86003' }),
      name: text({ maxChars: 50 }),
      owner: text(),
      add_user_list: strings(),
      del_user_list: strings(),
    },
    run: ({ state, body }) => {
      checkRange(state)
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
      ...kinds,
      chatid: text({ required: true, missing: '86003' }),
      msgtype: text({ required: true, missing: '40008' }),
      safe: number({ oneOf: [0, 1] }),
      text: object({ content: text({ required: true, missing: '44004' }), mentioned_list: strings() }),
    },
    run: ({ state, body }) => {
      checkRange(state)
      const group = groupOf(state, body.chatid)
      const msgtype = String(body.msgtype ?? '')
      if (!SENDABLE.has(msgtype)) throw new WeComRefusal(40008, 'invalid message type')
      if (typeof body[msgtype] !== 'object' || body[msgtype] === null) throw new WeComRefusal(44004, 'content missing')
      group.messages.push({ msgtype, body, at: state.clock.now() })
      return {}
    },
  },
}

/** Only an app that everybody may see has groups. */
function checkRange(state: WeComState) {
  if (!state.switches.seesEverybody) throw new WeComRefusal(48002, 'api forbidden: visible range is not the root department')
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
