import { request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import { isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { Agent, buildConnector } from 'undici'
import type { ClientOptions } from 'ws'

/** The way out to the platforms. */
export interface Outbound {
  fetch: typeof fetch
  /** What a WebSocket to this address needs to take the same way. */
  socketOptions(url: string): ClientOptions
}

const TUNNEL_TIMEOUT_MS = 10_000

/** No byte has reached the platform. `status`: what the proxy answered; absent when it did not answer. */
export class ProxyFailure extends Error {
  readonly code = 'PROXY_FAILED'
  readonly status: number | undefined

  constructor(message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.status = options.status
  }
}

/**
 * A tunnel to `host:port` through a forward proxy (`CONNECT`, RFC 9110 section 9.3.6); user and password of its address are sent as basic credentials.
 * @throws ProxyFailure
 */
export function openTunnel(proxy: URL, host: string, port: number): Promise<Socket> {
  const target = `${host}:${port}`
  const user = [proxy.username, proxy.password].map(decodeURIComponent).join(':')
  const request = (proxy.protocol === 'https:' ? secureRequest : plainRequest)({
    method: 'CONNECT',
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
    path: target,
    agent: false,
    timeout: TUNNEL_TIMEOUT_MS,
    headers: { host: target, ...(proxy.username && { 'proxy-authorization': `Basic ${Buffer.from(user).toString('base64')}` }) },
  })
  return new Promise((resolve, reject) => {
    request.once('connect', ({ statusCode: status = 0 }, socket: Socket, head) => {
      if (status === 200) {
        socket.setTimeout(0)
        if (head.length > 0) socket.unshift(head)
        resolve(socket)
        return
      }
      socket.destroy()
      reject(new ProxyFailure(`the proxy refused a tunnel to ${target} (HTTP ${status})`, { status }))
    })
    request.once('timeout', () => request.destroy(new Error('no answer in time')))
    request.once('error', cause => reject(new ProxyFailure(`the proxy made no tunnel to ${target}`, { cause })))
    request.end()
  })
}

/** A server name in the handshake is never an address (RFC 6066 section 3). */
const secure = (socket: Socket, host: string): Socket =>
  connectTls({ socket, host, ...(isIP(host) === 0 && { servername: host }) })

/** The way out through a forward proxy, for requests and WebSockets alike. @param proxyUrl `http(s)://[user:password@]host[:port]` */
export function throughProxy(proxyUrl: string): Outbound {
  const proxy = new URL(proxyUrl)
  const secured = buildConnector({ timeout: TUNNEL_TIMEOUT_MS })
  const dispatcher = new Agent({
    connect(options, done) {
      const isSecure = options.protocol === 'https:'
      openTunnel(proxy, options.hostname, Number(options.port) || (isSecure ? 443 : 80)).then(
        httpSocket => (isSecure ? secured({ ...options, httpSocket }, done) : done(null, httpSocket.setNoDelay())),
        (error: Error) => done(error, null),
      )
    },
  })

  return {
    // The types of the built-in fetch are those of its own, older copy of the library.
    fetch: (input, init) => fetch(input, { ...init, dispatcher } as unknown as RequestInit),

    socketOptions(url) {
      const { protocol, hostname, port } = new URL(url)
      const isSecure = protocol === 'wss:'
      const connect = (_options: unknown, done: (error: Error | null, socket?: Socket) => void): void => {
        openTunnel(proxy, hostname, Number(port) || (isSecure ? 443 : 80)).then(
          socket => done(null, isSecure ? secure(socket, hostname) : socket),
          (error: Error) => done(error),
        )
      }
      return { createConnection: connect as unknown as NonNullable<ClientOptions['createConnection']> }
    },
  }
}
