import { connect, type Socket } from 'node:net'
import { percentile } from './numbers.ts'

export interface LoadResult {
  requestsPerSecond: number
  p99Ms: number
}

const HEAD_END = Buffer.from('\r\n\r\n')

/**
 * Send every prepared request once over keep-alive connections, each one as soon as its connection has the answer to the one before.
 * @throws when an answer is not a 200
 */
export async function send(port: number, requests: readonly Buffer[], connections: number): Promise<LoadResult> {
  const latenciesMs: number[] = []
  let next = 0
  const take = (): Buffer | undefined => requests[next++]
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: connections }, () => drive(port, take, latenciesMs)))
  const seconds = (performance.now() - startedAt) / 1000
  return { requestsPerSecond: requests.length / seconds, p99Ms: percentile(latenciesMs, 0.99) }
}

function drive(port: number, take: () => Buffer | undefined, latenciesMs: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let sentAt = 0
    let received: Buffer = Buffer.alloc(0)
    const fire = (): void => {
      const request = take()
      if (!request) {
        socket.end()
        resolve()
        return
      }
      sentAt = performance.now()
      socket.write(request)
    }
    socket.on('connect', fire)
    socket.on('error', reject)
    socket.on('data', chunk => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
      const headEnd = received.indexOf(HEAD_END)
      if (headEnd < 0) return
      const head = received.toString('latin1', 0, headEnd)
      const bodyBytes = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
      if (received.length < headEnd + HEAD_END.length + bodyBytes) return
      if (!head.startsWith('HTTP/1.1 200')) {
        reject(new Error(`the server answered ${head.split('\r\n', 1)[0]} ${received.toString('utf8', headEnd + 4)}`))
        socket.destroy()
        return
      }
      latenciesMs.push(performance.now() - sentAt)
      received = Buffer.alloc(0)
      fire()
    })
  })
}

/** One HTTP/1.1 POST as bytes. */
export function post(path: string, body: string): Buffer {
  const head = `POST ${path} HTTP/1.1\r\nHost: bench\r\nContent-Type: text/xml\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`
  return Buffer.from(head + body)
}
