// A stream gateway under load, in a process of its own: every connection is given so many messages, some under way at a time, and the rate of their
// acknowledgements is reported. Reports its port first.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

/** Messages that wait for their acknowledgement at the same time. */
const WINDOW = 64

export interface RateReport {
  messagesPerSecond: number
}

const messages = Number(process.argv[2])
process.on('SIGTERM', () => process.exit(0))
process.on('disconnect', () => process.exit(0))

let serial = 0
/** A robot message of about 1 KB, each with an id of its own. */
function frame(): string {
  serial += 1
  const data = JSON.stringify({
    conversationId: 'cidAAA==',
    conversationType: '1',
    msgId: `msg${serial}==`,
    msgtype: 'text',
    text: { content: `新建线索 重庆长安汽车 张伟 13812345678 专线 预算80万 ${'补充说明'.repeat(20)}` },
    createAt: 1_790_000_000_000,
    senderNick: '张三',
    senderStaffId: 'u1001',
    senderId: '$:LWCP_v1:$x',
    senderCorpId: 'dingyuxin0001',
    chatbotCorpId: 'dingyuxin0001',
    robotCode: 'dingyuxinapp01',
    sessionWebhook: 'https://oapi.dingtalk.com/robot/sendBySession?session=0123',
    sessionWebhookExpiredTime: 1_790_005_400_000,
  })
  const headers = {
    topic: '/v1.0/im/bot/messages/get',
    messageId: `f${serial}`,
    contentType: 'application/json',
    time: '1790000000000',
  }
  return JSON.stringify({ specVersion: '1.0', type: 'CALLBACK', headers, data })
}

function pump(socket: WebSocket): void {
  const frames = Array.from({ length: messages }, frame)
  let sent = 0
  let acknowledged = 0
  const startedAt = performance.now()
  const send = (): void => {
    const next = frames[sent]
    sent += 1
    if (next !== undefined) socket.send(next)
  }
  socket.on('message', () => {
    acknowledged += 1
    if (acknowledged < messages) return send()
    const report: RateReport = { messagesPerSecond: messages / ((performance.now() - startedAt) / 1000) }
    process.send?.(report)
  })
  for (let ahead = 0; ahead < WINDOW; ahead += 1) send()
}

const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    const { port } = server.address() as AddressInfo
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ endpoint: `ws://127.0.0.1:${port}/connect`, ticket: 't' }))
  })
})
const sockets = new WebSocketServer({ server, perMessageDeflate: false })
sockets.on('connection', pump)
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
