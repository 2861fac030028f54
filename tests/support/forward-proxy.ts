import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

/** A forward proxy that knows `CONNECT` only, and one user. */
export interface ForwardProxy {
  /** With user and password. */
  url: string
  /** Where tunnels were asked for, `host:port`. */
  asked: string[]
  /** Answer the next tunnels with this status instead; 200: make them. */
  answerWith(status: number): void
  close(): Promise<void>
}

/** @param names addresses that it alone knows, `host:port` of those to `host:port` of their servers */
export async function startForwardProxy(names: Readonly<Record<string, string>> = {}): Promise<ForwardProxy> {
  const asked: string[] = []
  const sockets = new Set<Socket>()
  let status = 200
  const expected = `Basic ${Buffer.from('kelian:p@ss').toString('base64')}`
  const server = createServer((_request, response) => response.writeHead(501).end())
  server.on('connect', (request, client: Socket, head) => {
    asked.push(request.url ?? '')
    sockets.add(client)
    client.on('error', () => client.destroy())
    const found = request.headers['proxy-authorization'] === expected ? status : 407
    if (found !== 200) return client.end(`HTTP/1.1 ${found} no\r\n\r\n`)
    const [host, port] = (names[request.url ?? ''] ?? request.url ?? '').split(':')
    const target = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      if (head.length > 0) target.write(head)
      target.pipe(client).pipe(target)
    })
    sockets.add(target)
    target.on('error', () => client.destroy())
    return undefined
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://kelian:p%40ss@127.0.0.1:${port}`,
    asked,
    answerWith(given) {
      status = given
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
