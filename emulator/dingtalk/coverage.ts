import type { Covered } from '../kernel/covered.ts'

const STREAM = 'flows/dingtalk-stream.test.ts'
const STORY = 'flows/dingtalk.test.ts'
const RULES = 'unit/emulator/dingtalk-rules.test.ts'
const BASICS = 'unit/emulator/dingtalk.test.ts'
const PAGES = 'flows/dingtalk-pages.test.ts'
const HTTP = 'flows/dingtalk-http.test.ts'

/** What the DingTalk emulator plays, section by section of its reference. */
export const dingtalkCoverage: readonly Covered[] = [
  {
    section: '1.3 Gateway open call',
    plays:
      'Id and secret are checked; a ticket opens one connection within 90 s. By switch: 401, no answer, an endpoint where nobody listens.',
    calls: ['POST /v1.0/gateway/connections/open'],
    lacks: 'The undocumented bodies of 400 and 503.',
    judgedBy: [
      `${BASICS} › a ticket opens one connection`,
      `${STREAM} › the opening call is refused (401)`,
      `${STREAM} › the opening call is never answered`,
      `${STREAM} › the endpoint refuses TCP`,
    ],
  },
  {
    section: '1.4–1.6 Connection, frames, acknowledgements',
    plays:
      'SYSTEM frames (CONNECTED, REGISTERED, ping, disconnect), CALLBACK and EVENT frames to one random subscribed connection; an acknowledgement counts on the connection that got the frame.',
    lacks: 'Whether the platform takes an acknowledgement from another connection is not told.',
    judgedBy: [
      `${BASICS} › the unmodified SDK connects`,
      `${STREAM} › the server asks to leave`,
      `${STREAM} › an answer that is late after a reconnect`,
    ],
  },
  {
    section: '1.7–1.9 Keeping the connection',
    plays:
      'By switch: refused and unanswered upgrades, dropped and frozen sockets, closing in good order (1001), malformed frames.',
    judgedBy: [
      `${STREAM} › upgrades are refused for a while`,
      `${STREAM} › an upgrade is never answered`,
      `${STREAM} › a frozen peer is noticed`,
      `${STREAM} › a malformed frame, then a message`,
      `${STREAM} › the server goes away in good order: one new connection`,
    ],
  },
  {
    section: '1.12 Duplicates, redelivery, ordering',
    plays:
      'An event comes again, under its own id, until somebody says SUCCESS; any push can be sent again; by switch pushes come twice, late, out of order or never.',
    lacks: 'Robot messages and clicks are not sent again by themselves: whether the platform does is not told.',
    judgedBy: [
      `${STREAM} › an event is asked for again until it could be stored`,
      `${STREAM} › one message in two frames`,
      `${STORY} › a message that comes twice`,
      `${STORY} › a click that comes twice`,
      `${STORY} › words that come in the wrong order`,
    ],
  },
  {
    section: '1.13 Several connections of one app',
    plays: 'Each push goes to one open connection at random; how many each got is counted.',
    lacks: 'Whether the platform prefers the newest connection is not told.',
    judgedBy: [
      'flows/dingtalk-two.test.ts › what comes to both is handled once',
      'flows/dingtalk-two.test.ts › the other has the stream to itself',
    ],
  },
  {
    section: '1.15 Event frames',
    plays: 'Any event type with its headers; those of contacts cost nothing of the quota.',
    lacks: 'Nothing happens by itself: the test says what changed and sends the event.',
    judgedBy: [
      `${BASICS} › an event is answered with its status`,
      `${STORY} › somebody new is known as soon as the platform tells`,
      `${STORY} › departments are read anew`,
    ],
  },
  {
    section: '2.1–2.2 Inbound messages and files',
    plays: 'Every message kind of the page, single chat and group, members and guests; files are fetched with a download code.',
    calls: ['POST /v1.0/robot/messageFiles/download'],
    judgedBy: [
      `${STORY} › is answered, through the message itself and without an API call`,
      `${STORY} › somebody without an account here`,
      `${BASICS} › in a group the words come with a leading space`,
    ],
  },
  {
    section: '2.3 Session webhook',
    plays: 'Text, markdown, link and action cards within 90 minutes; limits of size and of the monthly pushes.',
    calls: ['POST /robot/sendBySession'],
    lacks: 'Mentions are checked and not shown.',
    judgedBy: [
      `${BASICS} › the unmodified SDK connects`,
      `${STORY} › an answer after the end of its session`,
      `${RULES} › without pushes left`,
    ],
  },
  {
    section: '2.4–2.6 Proactive sends, recall',
    plays:
      'Batches of at most 20 people and group messages with every msgKey and its required keys; people not found or flow-controlled are named; recall within a day.',
    calls: [
      'POST /v1.0/robot/oToMessages/batchSend',
      'POST /v1.0/robot/groupMessages/send',
      'POST /v1.0/robot/otoMessages/batchRecall',
      'POST /v1.0/robot/groupMessages/recall',
      'POST /media/upload',
    ],
    lacks: 'Read status. The product takes back what it said to one person; it never does in a group.',
    judgedBy: [
      `${BASICS} › a batch takes twenty people`,
      `${RULES} › whoever is flow-controlled is named`,
      `${RULES} › refuses %j in the platform’s own way`,
      'unit/channels/dingtalk-emulated.test.ts › what one person got is taken back within a day',
      'flows/dingtalk-plain.test.ts › a card that cannot be repainted disappears',
    ],
  },
  {
    section: '2.8 HTTP mode',
    plays: 'Robot messages are posted and signed when no stream is open.',
    judgedBy: [`${HTTP} › a message is taken and answered`, `${HTTP} › what is not signed with our secret`],
  },
  {
    section: '2.9 Event subscription over HTTP',
    plays:
      'The address is asked (check_url) before it is saved; events are encrypted and signed anew for each delivery, sent again until the answer is the encrypted success within 2.5 s.',
    lacks: 'Only the vendor’s own example tells what is encrypted; names of fields over HTTP follow its pages of events.',
    judgedBy: [
      'unit/emulator/crypto.test.ts › the example of DingTalk’s own repository is opened and signed alike',
      `${HTTP} › an address is saved only when it answers in the platform’s way`,
      `${HTTP} › somebody who left is known as soon as the platform tells`,
    ],
  },
  {
    section: '3.1–3.7 Interactive cards',
    plays:
      'Create, deliver and update by outTrackId, merged or replaced as the options say; values are texts; clicks by stream or by a registered, signed address, answered within 2 s.',
    calls: [
      'POST /v1.0/card/instances/createAndDeliver',
      'POST /v1.0/card/instances',
      'POST /v1.0/card/instances/deliver',
      'PUT /v1.0/card/instances',
      'PUT /v1.0/card/streaming',
      'POST /v1.0/card/callbacks/register',
    ],
    lacks: 'Cards at the top of a chat, dynamic data sources, event chains of a template.',
    judgedBy: [
      `${BASICS} › the answer to a click is %s as its options say`,
      `${BASICS} › a used outTrackId makes no second card`,
      `${RULES} › takes what its page describes`,
      `${STORY} › is answered with the new card inside its 1.2 s`,
      `${STORY} › whose result is late is answered with nothing changed`,
      `${HTTP} › a click is answered with the decided card`,
    ],
  },
  {
    section: '4.1–4.3 Tokens and errors',
    plays:
      'Both generations with their error shapes; a token is extended by asking; by switch: expired tokens, an address that is not on the list, any error code.',
    calls: [
      'POST /v1.0/oauth2/accessToken',
      'POST /v1.0/oauth2/:corpId/token',
      'GET /gettoken',
      'POST /v1.0/oauth2/userAccessToken',
      'POST /v1.0/oauth2/jsapiTickets',
      'GET /get_jsapi_ticket',
    ],
    judgedBy: [
      `${BASICS} › a dead token is refused in the way of each API generation`,
      `${RULES} › an address that is not on the list`,
      `${RULES} › a JSAPI ticket asked for again lives longer`,
    ],
  },
  {
    section: '4.4–4.5 Rates and monthly quotas',
    plays:
      '20 calls a second for each API; 5,000 calls and 3,000 pushes a month, by Beijing’s calendar, without the calls that the page exempts.',
    lacks: 'The limit for an address, and its ban.',
    judgedBy: [
      `${BASICS} › more than twenty calls a second`,
      `${RULES} › the month’s calls end`,
      `${RULES} › without pushes left`,
      'flows/dingtalk-budget.test.ts › what we counted is what the platform would bill',
    ],
  },
  {
    section: '5.2 In-app login and contacts',
    plays: 'Single-use codes of five minutes; people, departments and roles in pages.',
    calls: [
      'POST /topapi/v2/user/getuserinfo',
      'POST /topapi/v2/user/get',
      'POST /topapi/v2/user/getbymobile',
      'POST /topapi/user/getbyunionid',
      'POST /topapi/v2/user/list',
      'POST /topapi/user/listsimple',
      'POST /topapi/user/listid',
      'POST /topapi/v2/department/listsub',
      'POST /topapi/v2/department/listsubid',
      'POST /topapi/v2/department/get',
      'POST /topapi/v2/department/listparentbyuser',
      'POST /topapi/role/list',
      'POST /topapi/role/simplelist',
    ],
    judgedBy: [
      `${BASICS} › people carry mobile, title, superior and department`,
      `${BASICS} › an in-app code logs in once`,
      `${PAGES} › signs a page of ours and logs its holder in`,
    ],
  },
  {
    section: '5.3–5.4 JSAPI',
    plays:
      'The native half of the client for the vendor’s own dingtalk-jsapi: login codes, and dd.config with the signature checked over the real address.',
    lacks: 'Pickers and other native screens.',
    judgedBy: [`${PAGES} › signs a page of ours and logs its holder in`],
  },
  {
    section: '5.5 Web login',
    plays: 'The login page, its code, the person behind it.',
    calls: ['GET /v1.0/contact/users/:unionId'],
    judgedBy: [`${PAGES} › a browser outside the client is logged in`, `${BASICS} › an in-app code logs in once`],
  },
  {
    section: '6.1 To-dos',
    plays: 'Tasks by union id and source id: create, change, mark done, take off, find; the list of each person.',
    calls: [
      'POST /v1.0/todo/users/:unionId/tasks',
      'PUT /v1.0/todo/users/:unionId/tasks/:taskId',
      'PUT /v1.0/todo/users/:unionId/tasks/:taskId/executorStatus',
      'DELETE /v1.0/todo/users/:unionId/tasks/:taskId',
      'GET /v1.0/todo/users/:unionId/tasks/sources/:sourceId',
      'GET /v1.0/todo/users/:unionId/tasks/:taskId',
    ],
    judgedBy: [
      `${RULES} › one id makes one task`,
      `${STORY} › shows what waits, leads to it, and ends with the decision`,
      `${STORY} › an answer that was lost makes no second task`,
    ],
  },
  {
    section: '6.2 Work notifications',
    plays: 'Send, result and recall for named people.',
    calls: [
      'POST /topapi/message/corpconversation/asyncsend_v2',
      'POST /topapi/message/corpconversation/getsendresult',
      'POST /topapi/message/corpconversation/recall',
    ],
    lacks:
      'Departments, everybody, the daily limits. The product sends none: each costs the same call of the month as a message of the robot, which the same people get, can answer and keep in one conversation, and the same words to one person twice a day are dropped without an error.',
    judgedBy: [`${RULES} › a work notification reaches the named people`],
  },
  {
    section: '6.3 Groups',
    plays:
      'Scene groups from the template that includes the robot: create (once for each uuid), add members, speak and send cards there.',
    calls: ['POST /v1.0/im/sceneGroup/create', 'POST /v1.0/im/sceneGroup/member/add'],
    lacks: 'Ordinary groups, where a person would have to add the robot by hand.',
    judgedBy: [`${RULES} › one wish makes one group with the robot in it`, `${RULES} › another template, a stranger`],
  },
]
