import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

export interface Ack {
  code: number
  headers: { messageId: string }
  data: string
}

/** A small stream gateway with real sockets, whose faults a test switches on. */
export async function startGateway() {
  const acks: Ack[] = []
  const opens: { subscriptions: { type: string; topic: string }[]; clientId: string }[] = []
  const sockets = new Set<WebSocket>()
  const raw = new Set<Socket>()
  const faults = { open: 'ok' as 'ok' | 'refused' | 'silent', refuseUpgrades: 0, leaveAtOnce: false }
  let ids = 0

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      if (faults.open === 'silent') return
      opens.push(JSON.parse(Buffer.concat(chunks).toString('utf8')))
      response.writeHead(faults.open === 'refused' ? 401 : 200, { 'content-type': 'application/json' })
      const { port } = server.address() as AddressInfo
      response.end(
        JSON.stringify(
          faults.open === 'refused'
            ? { code: 'authFailed', requestid: 'r', message: '鉴权失败' }
            : { endpoint: `ws://127.0.0.1:${port}/connect`, ticket: `t-${++ids}` },
        ),
      )
    })
  })
  server.on('connection', socket => {
    raw.add(socket)
    socket.on('close', () => raw.delete(socket))
  })
  const wss = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head) => {
    if (faults.refuseUpgrades > 0) {
      faults.refuseUpgrades -= 1
      socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n')
      return
    }
    wss.handleUpgrade(request, socket, head, ws => {
      sockets.add(ws)
      ws.on('close', () => sockets.delete(ws))
      ws.on('error', () => {})
      ws.on('message', data => acks.push(JSON.parse(String(data))))
      ws.send(frame('SYSTEM', 'CONNECTED', '{}'))
      if (faults.leaveAtOnce) ws.send(frame('SYSTEM', 'disconnect', '{"reason":"connection is expired"}'))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))

  const frame = (type: string, topic: string, data: string, messageId = `m-${++ids}`) =>
    JSON.stringify({
      specVersion: '1.0',
      type,
      headers: { topic, messageId, contentType: 'application/json', time: '1700000000000' },
      data,
    })

  const newest = (): WebSocket => {
    const socket = [...sockets].at(-1)
    if (!socket) throw new Error('nobody is connected')
    return socket
  }

  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    acks,
    opens,
    faults,
    live: () => sockets.size,
    newest,
    sendRaw: (text: string) => newest().send(text),
    robot: (data: unknown, messageId?: string) =>
      newest().send(
        frame('CALLBACK', '/v1.0/im/bot/messages/get', typeof data === 'string' ? data : JSON.stringify(data), messageId),
      ),
    click: (data: unknown, messageId?: string) =>
      newest().send(frame('CALLBACK', '/v1.0/card/instances/callback', JSON.stringify(data), messageId)),
    system: (topic: string, data = '{}') => newest().send(frame('SYSTEM', topic, data)),
    /** Stops reading: neither pings nor closings are answered any more. */
    freeze: () => {
      for (const socket of raw) socket.pause()
    },
    dropAll: () => {
      for (const socket of sockets) socket.terminate()
    },
    async close() {
      for (const socket of sockets) socket.terminate()
      server.closeAllConnections()
      for (const socket of raw) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

export type Gateway = Awaited<ReturnType<typeof startGateway>>

/** A robot message as the platform's page shows it. */
export const robotMessage = (change: Record<string, unknown> = {}) => ({
  conversationId: 'cidAAA==',
  conversationType: '1',
  msgId: 'msgAAA==',
  msgtype: 'text',
  text: { content: ' 待办 ' },
  createAt: 1_790_000_000_000,
  senderNick: '张三',
  senderStaffId: 'u1001',
  senderId: '$:LWCP_v1:$x',
  senderCorpId: 'dingcorp1',
  chatbotCorpId: 'dingcorp1',
  robotCode: 'dingapp1',
  sessionWebhook: 'https://oapi.dingtalk.com/robot/sendBySession?session=0123',
  sessionWebhookExpiredTime: 1_790_005_400_000,
  ...change,
})

/** A click as the platform's page shows it. */
export const cardClick = (change: Record<string, unknown> = {}) => ({
  type: 'actionCallback',
  outTrackId: 'card-1',
  corpId: 'dingcorp1',
  userId: 'u1001',
  userIdType: 1,
  content: JSON.stringify({ cardPrivateData: { actionIds: ['btn'], params: { action: 'approve' } } }),
  ...change,
})
