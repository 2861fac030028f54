import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface PlatformCall {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingMessage['headers']
  body: Record<string, unknown>
}

/** JSON with 200, `[status, json or text]`, or what to do with the socket. */
export type PlatformReply = Record<string, unknown> | [number, unknown] | 'drop' | 'cut'

/** A real HTTP server whose routes a test fills in: `routes['/cgi-bin/gettoken'] = call => ({ … })`. It remembers the calls. */
export async function startPlatform() {
  const routes: Record<string, (call: PlatformCall) => PlatformReply> = {}
  const calls: PlatformCall[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://platform')
      const text = Buffer.concat(chunks).toString('utf8')
      const call: PlatformCall = {
        method: request.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body: text ? JSON.parse(text) : {},
      }
      calls.push(call)
      const reply = routes[call.path]?.(call) ?? [404, 'no such path']
      if (reply === 'drop') return request.socket.destroy()
      if (reply === 'cut') {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
        response.write('{"errcode":')
        return setImmediate(() => request.socket.destroy())
      }
      const [status, body] = Array.isArray(reply) ? reply : [200, reply]
      response.writeHead(status, { 'content-type': 'application/json' })
      return response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    routes,
    calls,
    callsTo: (path: string) => calls.filter(call => call.path === path),
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

export type Platform = Awaited<ReturnType<typeof startPlatform>>
