import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import type { ErrorBody, Page } from '../../common/contract/page.ts'

const TYPES: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' }

/** A refusal that a fixture answer can throw. */
export class Refusal extends Error {
  readonly status: number
  readonly error: ErrorBody['error']
  constructor(status: number, error: ErrorBody['error']) {
    super(error.message)
    this.status = status
    this.error = error
  }
}

/** One API call as it arrived. `name`: `query customers.get`, `command leads.create`, or the path. */
export interface Call {
  name: string
  input: unknown
  headers: IncomingMessage['headers']
  url: string
}

export type Answer = (input: never, call: Call) => unknown

/** Serves the built mini-app, and for its API the given answers; every call is remembered. */
export async function startMiniappServer(built: string, answers: Record<string, Answer>) {
  const calls: Call[] = []
  const server = createServer((request, response) => {
    void serve(request, response)
  })

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (!url.pathname.startsWith('/api/')) return serveFile(url.pathname, response)
    const call = await readCall(request, url)
    calls.push(call)
    try {
      const answer = answers[call.name]
      if (!answer) throw new Refusal(404, { code: 'fixture.unknown', message: `没有 ${call.name}` })
      const result = (await answer(call.input as never, call)) ?? null
      response.setHeader('content-type', 'application/json').end(JSON.stringify(result))
    } catch (thrown) {
      const refusal = thrown instanceof Refusal ? thrown : new Refusal(500, { code: 'internal', message: '系统出了点问题。' })
      response.writeHead(refusal.status, { 'content-type': 'application/json' }).end(JSON.stringify({ error: refusal.error }))
    }
  }

  async function serveFile(path: string, response: ServerResponse): Promise<void> {
    const file = path === '/m/' ? 'index.html' : path === '/admin/' ? 'admin.html' : path.replace(/^\/m\//, '')
    try {
      const bytes = await readFile(join(built, file))
      response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream').end(bytes)
    } catch {
      response.writeHead(404).end()
    }
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    calls,
    answers,
    close: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

async function readCall(request: IncomingMessage, url: URL): Promise<Call> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  const [, , kind, ...rest] = url.pathname.split('/')
  const common = { headers: request.headers, url: url.pathname + url.search }
  if (kind === 'queries')
    return { ...common, name: `query ${rest.join('/')}`, input: JSON.parse(url.searchParams.get('input') ?? 'null') }
  const input =
    request.headers['content-type'] === 'application/json' ? JSON.parse(body.toString() || 'null') : { sizeBytes: body.length }
  return kind === 'commands' ? { ...common, name: `command ${rest.join('/')}`, input } : { ...common, name: url.pathname, input }
}

/** Cuts a list into the pages that the mini-app asks for. */
export function pageOf<Row>(rows: Row[], { cursor, limit = 20 }: { cursor?: string; limit?: number }): Page<Row> {
  const from = Number(cursor ?? 0)
  const end = from + limit
  return { items: rows.slice(from, end), nextCursor: end < rows.length ? String(end) : null }
}
