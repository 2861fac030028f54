import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decrypt } from '@wecom/crypto'
import { sampleCompany, sampleDingTalkApp, sampleWeComApp } from '../../../emulator/index.ts'

/** A clock that stands until it is moved. */
export function handClock(startAt = Date.UTC(2026, 10, 21, 6, 0, 0)) {
  let nowMs = startAt
  return {
    now: () => nowMs,
    advance(ms: number) {
      nowMs += ms
    },
  }
}

export interface ReceivedCallback {
  query: URLSearchParams
  body: string
  /** The decrypted text of a right envelope, else empty. */
  inner: string
}

type Answer = { status?: number; body?: string } | 'hang'

/** A service that notes every callback; `answers` are used up in order, then it says 200 with an empty body. */
export async function startFakeService(answers: Answer[] = []) {
  const received: ReceivedCallback[] = []
  const server = createServer(async (request, response) => {
    const { searchParams: query } = new URL(request.url ?? '/', 'http://service')
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString('utf8')
    const echostr = query.get('echostr')
    const cipher = echostr ?? /<Encrypt><!\[CDATA\[(.*?)\]\]>/.exec(body)?.[1]
    const inner = cipher ? decrypt(sampleWeComApp.encodingAesKey, cipher).message : ''
    received.push({ query, body, inner })
    const answer = answers.shift() ?? {}
    if (answer === 'hang') return
    response.writeHead(answer.status ?? 200).end(answer.body ?? (echostr ? inner : ''))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callbacks/wecom`,
    received,
    close() {
      server.closeAllConnections()
      return new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
}

type Json = Record<string, unknown>

/** Calls of the WeCom API with a token of the sample app. */
export async function wecomClient(baseUrl: string) {
  const get = async (path: string, query: Record<string, string> = {}): Promise<Json> =>
    (await fetch(`${baseUrl}/cgi-bin/${path}?${new URLSearchParams(query)}`)).json() as Promise<Json>
  const { access_token } = await get('gettoken', { corpid: sampleWeComApp.corpId, corpsecret: sampleWeComApp.secret })
  const token = String(access_token)
  return {
    token,
    get: (path: string, query: Record<string, string> = {}) => get(path, { access_token: token, ...query }),
    post: async (path: string, body: Json): Promise<Json> => {
      const init = { method: 'POST', body: JSON.stringify(body) }
      return (await fetch(`${baseUrl}/cgi-bin/${path}?access_token=${token}`, init)).json() as Promise<Json>
    },
  }
}

/** Calls of the DingTalk APIs with a token of the sample app; `status` is the HTTP status. */
export async function dingtalkClient(baseUrl: string) {
  const call = async (method: string, path: string, body: Json | undefined, headers: Record<string, string>) => {
    const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) }
    const answer = await fetch(baseUrl + path, init)
    return { status: answer.status, ...((await answer.json()) as Json) } as Json & { status: number }
  }
  const { clientId, clientSecret } = sampleDingTalkApp
  const { accessToken } = await call('POST', '/v1.0/oauth2/accessToken', { appKey: clientId, appSecret: clientSecret }, {})
  const token = String(accessToken)
  return {
    fresh: (method: string, path: string, body?: Json) => call(method, path, body, { 'x-acs-dingtalk-access-token': token }),
    old: (path: string, body: Json) => call('POST', `${path}?access_token=${token}`, body, {}),
    bare: (method: string, path: string, body?: Json) => call(method, path, body, {}),
  }
}

/** A decision card to one person, as the product sends it. */
export const decisionCard = (taskId: string, touser = 'zhang3', more: Json = {}): Json => ({
  touser,
  msgtype: 'template_card',
  agentid: sampleWeComApp.agentId,
  template_card: {
    card_type: 'button_interaction',
    task_id: taskId,
    main_title: { title: '合同审批 HT-2026-0041' },
    sub_title_text: '金额 620,000.00 > 500,000.00 → 副总',
    horizontal_content_list: [{ keyname: '金额', value: '620,000.00 元' }],
    button_list: [
      { text: '同意', style: 1, key: 'approve' },
      { text: '详情', type: 1, url: 'https://h5.example.com/c/1' },
    ],
    ...more,
  },
})

/** A card delivered to one person's robot chat. */
export const robotCard = (outTrackId: string, userId: string, params: Record<string, string> = {}, more: Json = {}): Json => ({
  cardTemplateId: sampleDingTalkApp.cardTemplateId,
  outTrackId,
  callbackType: 'STREAM',
  cardData: {
    cardParamMap: {
      title: '合同审批',
      status: '待处理',
      fields: '[{"label":"金额","value":"620,000.00 元"}]',
      buttons: '[{"id":"agree","text":"同意"},{"id":"detail","text":"详情","url":"https://h5.example.com/c/1"}]',
      ...params,
    },
  },
  openSpaceId: `dtv1.card//IM_ROBOT.${userId}`,
  imRobotOpenSpaceModel: { supportForward: false },
  imRobotOpenDeliverModel: { spaceType: 'IM_ROBOT' },
  ...more,
})

export { sampleCompany, sampleDingTalkApp, sampleWeComApp }
