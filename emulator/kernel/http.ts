import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ApiCall, logCall, masked } from './calls.ts'
import type { EmulatorClock } from './clock.ts'
import { EmulatorError } from './errors.ts'
import { dropOf, type Fault, type FaultBook } from './faults.ts'

export interface ApiRequest {
  method: string
  path: string
  query: Record<string, string>
  headers: IncomingHttpHeaders
  body: Buffer
}

/** An answer: Buffers and strings go out as they are, anything else as JSON. */
export interface ApiReply {
  status?: number
  headers?: Record<string, string>
  body: unknown
  /** Control calls of the emulator itself stay out of the call log. */
  unlogged?: boolean
}

export interface HttpSettings {
  port: number
  clock: EmulatorClock
  faults: FaultBook
  calls: ApiCall[]
  handle(request: ApiRequest): ApiReply | Promise<ApiReply>
  /** The platform's own error body for an injected fault. */
  faultReply(fault: Fault, request: ApiRequest): ApiReply
  onCall(): void
}

export interface HttpHost {
  server: Server
  baseUrl: string
  close(): Promise<void>
}

const BODY_LIMIT_BYTES = 32 * 1024 * 1024

/** Read a whole request body. @throws EmulatorError `input.too_large` */
export async function readBody(request: IncomingMessage, limitBytes = BODY_LIMIT_BYTES): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limitBytes) throw new EmulatorError('input.too_large', `请求体超过 ${limitBytes} 字节`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Parse JSON, or hand back undefined when it is none. */
export function jsonOf(body: Buffer | string): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

/** Listen on 127.0.0.1, log every call, and let faults strike before or after the handler. */
export async function startHttp(settings: HttpSettings): Promise<HttpHost> {
  const stopped = new AbortController()
  const server = createServer((request, response) => {
    answer(request, response, settings, stopped.signal).catch(error => {
      if (stopped.signal.aborted || response.headersSent) request.socket.destroy()
      else send(response, { status: 500, body: `emulator: ${error instanceof Error ? error.message : String(error)}` })
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(settings.port, '127.0.0.1', resolve)
  })
  return {
    server,
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      stopped.abort()
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(incoming: IncomingMessage, response: ServerResponse, settings: HttpSettings, stopped: AbortSignal) {
  const startedAt = performance.now()
  const url = new URL(incoming.url ?? '/', 'http://emulator')
  const request: ApiRequest = {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: incoming.headers,
    body: await readBody(incoming),
  }
  const fault = settings.faults.take(request.path)
  const drop = dropOf(fault)
  const log = (reply: ApiReply, dropped?: 'before' | 'after') => {
    if (reply.unlogged) return
    const ms = Math.round(performance.now() - startedAt)
    const call = { at: settings.clock.now(), method: request.method, path: request.path, ms, status: reply.status ?? 200 }
    const seen = { query: masked(request.query) as Record<string, string>, body: shownBody(request), reply: shownReply(reply) }
    logCall(settings.calls, { ...call, ...seen, ...(dropped ? { dropped } : {}) })
    settings.onCall()
  }
  if (fault?.delayMs) await sleep(fault.delayMs, undefined, { signal: stopped })
  if (drop === 'before') {
    log({ status: 0, body: '' }, drop)
    incoming.socket.destroy()
    return
  }
  const struck = fault?.errcode !== undefined || fault?.httpStatus !== undefined || fault?.code !== undefined
  const reply = fault && struck ? settings.faultReply(fault, request) : await settings.handle(request)
  log(reply, drop)
  if (drop === 'after') {
    incoming.socket.destroy()
    return
  }
  send(response, reply)
}

function send(response: ServerResponse, { status = 200, headers = {}, body }: ApiReply) {
  const plain = typeof body === 'string' || Buffer.isBuffer(body)
  const payload = plain ? body : JSON.stringify(body)
  const type = plain ? 'text/plain; charset=UTF-8' : 'application/json; charset=UTF-8'
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(payload), ...headers })
  response.end(payload)
}

function shownBody({ body, headers }: ApiRequest): unknown {
  if (body.length === 0) return undefined
  if (headers['content-type']?.startsWith('multipart/')) return `[${body.length} bytes]`
  return masked(jsonOf(body) ?? body.toString('utf8').slice(0, 2000))
}

function shownReply({ body }: ApiReply): unknown {
  if (Buffer.isBuffer(body)) return `[${body.length} bytes]`
  return typeof body === 'string' ? body.slice(0, 2000) : masked(body)
}
