import type { Socket } from 'node:net'
import { DWClient, type DWClientDownStream, EventAck, TOPIC_CARD, TOPIC_ROBOT } from 'dingtalk-stream'
import WebSocket from 'ws'
import { z } from 'zod'
import { PlatformUnreachable } from '../../../../common/errors.ts'
import type { HttpCall, Outbound } from '../../shared/index.ts'
import { dingtalkRefusal, platformCodeOf } from '../errors.ts'
import type { FrameAnswer, FrameHandler, FrameHandlers } from './frames.ts'

type Body = FrameAnswer['body']

/** How long things may take, in milliseconds. Tests shorten them. */
export interface ConnectionTimes {
  /** Opening call and handshake, each. */
  connectMs: number
  /** Between two pings of ours. */
  pingEveryMs: number
  /** From a ping until something must have been heard. */
  pongWithinMs: number
}

export interface ConnectionDeps {
  clientId: string
  clientSecret: string
  apiBase: string
  http: HttpCall
  times: ConnectionTimes
  handlers: FrameHandlers
  signal: AbortSignal
  /** Through a proxy; absent: directly. */
  socketOptions?: Outbound['socketOptions']
  onFrame(): void
  /** The server announces that it will close this connection and delivers nothing on it any more. */
  onLeaving(): void
  onClosed(reason: string): void
  onFault(error: unknown): void
}

export interface StreamConnection {
  /** Waits for frames being worked on, at most this long, then closes. Afterwards neither socket nor timer is left. */
  close(graceMs: number): Promise<void>
}

/** What we use of `DWClient` beside its public face: plain properties of version 2.1.5, private only to TypeScript. */
interface ClientInside {
  socket?: WebSocket
  dw_url?: string
  connected: boolean
  getEndpoint(): Promise<unknown>
  _connect(): Promise<void>
  onDownStream(data: string): void
  onEvent(frame: DWClientDownStream): void
  onSystem(frame: DWClientDownStream): void
}

const endpointAnswer = z.object({ endpoint: z.string().regex(/^wss?:\/\//), ticket: z.string().min(1) })
const OPEN_CALL = '/v1.0/gateway/connections/open'
/** Frames are small; anything larger is no frame. */
const MAX_FRAME_BYTES = 1024 * 1024

export interface EndpointRequest {
  apiBase: string
  http: HttpCall
  body: { clientId: string; clientSecret: string; ua: string; subscriptions: readonly { type: string; topic: string }[] }
  timeoutMs: number
  signal?: AbortSignal
}

/** The opening call: an address with a ticket in it, good for one connection within 90 s. @throws PlatformRefused, PlatformUnreachable */
export async function askEndpoint({ apiBase, http, body, timeoutMs, signal }: EndpointRequest): Promise<string> {
  const { status, json } = await http({
    method: 'POST',
    url: apiBase + OPEN_CALL,
    label: OPEN_CALL,
    body,
    timeoutMs,
    ...(signal && { signal }),
  })
  const platformCode = platformCodeOf(status, json)
  if (platformCode !== null) throw dingtalkRefusal(platformCode, json, OPEN_CALL)
  const { endpoint, ticket } = endpointAnswer.parse(json)
  return `${endpoint}?ticket=${ticket}`
}

/**
 * One connection by one `DWClient`, opened and ready. The SDK reads frames, answers the server's pings and wraps acknowledgements; the rest of it is
 * replaced on this instance, because version 2.1.5 was seen to wait for ever, to multiply connections and to stop hearing after one bad frame.
 *
 * @throws PlatformRefused `dingtalk.credentials_wrong` and others, from the opening call
 * @throws PlatformUnreachable
 */
export async function openConnection(deps: ConnectionDeps): Promise<StreamConnection> {
  const { times } = deps
  const options = {
    clientId: deps.clientId,
    clientSecret: deps.clientSecret,
    ua: 'kelian',
    keepAlive: false,
    autoReconnect: false,
    // An array of our own: the SDK's default one is shared by all clients of the process.
    subscriptions: [{ type: 'EVENT', topic: '*' }],
  }
  const client = new DWClient(options)
  const inside = client as unknown as ClientInside
  const working = new Set<Promise<void>>()
  let gatherWrites = () => {}

  /** Acknowledged on the socket that delivered it: each connection has its own client. `null`: it could not be stored. */
  const perform = async (frame: DWClientDownStream, handle: FrameHandler, acknowledge: (body: Body | null) => void) => {
    let answer: FrameAnswer | null = null
    try {
      answer = await handle(frame)
    } catch (error) {
      deps.handlers.notStored(error)
    }
    const canSend = inside.socket?.readyState === WebSocket.OPEN
    if (canSend) {
      gatherWrites()
      acknowledge(answer?.body ?? null)
    }
    answer?.handed?.(canSend)
  }
  const keepUntilDone = (work: Promise<void>) => {
    const settled = work.catch(deps.onFault).then(() => void working.delete(settled))
    working.add(settled)
  }
  const listen = (topic: string, handle: FrameHandler) =>
    client.registerCallbackListener(topic, frame =>
      keepUntilDone(perform(frame, handle, body => body && client.socketCallBackResponse(frame.headers.messageId, body))),
    )
  listen(TOPIC_ROBOT, deps.handlers.robotMessage)
  listen(TOPIC_CARD, deps.handlers.cardCallback)
  // The SDK acknowledges an event with what its handler returns at once; ours is stored first.
  inside.onEvent = frame =>
    keepUntilDone(
      perform(frame, deps.handlers.event, body =>
        client.send(frame.headers.messageId, { status: body ? EventAck.SUCCESS : EventAck.LATER }),
      ),
    )

  inside.getEndpoint = async () => {
    const { clientId, clientSecret, ua, subscriptions } = options
    inside.dw_url = await askEndpoint({
      apiBase: deps.apiBase,
      http: deps.http,
      body: { clientId, clientSecret, ua, subscriptions },
      timeoutMs: times.connectMs,
      signal: deps.signal,
    })
  }

  const readFrame = inside.onDownStream.bind(inside)
  inside.onDownStream = data => {
    deps.onFrame()
    try {
      readFrame(data)
    } catch (error) {
      // Thrown on, it would stop the receiver for good while the connection looks healthy.
      deps.onFault(error)
    }
  }
  const readSystem = inside.onSystem.bind(inside)
  inside.onSystem = frame => {
    readSystem(frame)
    if (frame.headers.topic === 'disconnect') deps.onLeaving()
  }

  await inside.getEndpoint()
  const address = inside.dw_url ?? ''
  const socket = new WebSocket(address, {
    handshakeTimeout: times.connectMs,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    ...deps.socketOptions?.(address),
  })
  inside.socket = socket
  let stopPinging = () => {}
  let isOpen = false
  socket.once('upgrade', ({ socket: wire }) => {
    gatherWrites = inOneWrite(wire)
  })
  // Listening from the first moment: the first frames may come in one piece with the handshake.
  socket.on('message', data => inside.onDownStream(String(data)))
  socket.on('close', code => {
    stopPinging()
    inside.connected = false
    if (isOpen) deps.onClosed(`socket closed (${code})`)
  })
  socket.once('open', () => {
    isOpen = true
    inside.connected = true
    stopPinging = keepAlive(socket, times)
  })
  await opened(socket, deps.signal)
  socket.on('error', deps.onFault)

  return {
    async close(graceMs) {
      if (working.size > 0) await within(graceMs, Promise.allSettled(working))
      stopPinging()
      if (socket.readyState === WebSocket.CLOSED) return
      const closed = new Promise(resolve => socket.once('close', resolve))
      socket.close()
      await within(CLOSE_HANDSHAKE_MS, closed)
      socket.terminate()
    },
  }
}

const CLOSE_HANDSHAKE_MS = 500

/** Resolves when the handshake is done; ends the socket when it fails or is not wanted any more. */
function opened(socket: WebSocket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => socket.terminate()
    const fail = (error: Error) => {
      signal.removeEventListener('abort', abort)
      reject(new PlatformUnreachable('连不上钉钉的消息流。', { applied: 'no', cause: error }))
    }
    signal.addEventListener('abort', abort, { once: true })
    socket.once('error', fail)
    socket.once('open', () => {
      signal.removeEventListener('abort', abort)
      socket.off('error', fail)
      resolve()
    })
    if (signal.aborted) abort()
  })
}

/** Ping, and give up a peer from which nothing is heard: a half-open connection shows itself in no other way. */
function keepAlive(socket: WebSocket, times: ConnectionTimes): () => void {
  let deadline: NodeJS.Timeout | undefined
  const heard = () => {
    clearTimeout(deadline)
    deadline = undefined
  }
  const timer = setInterval(() => {
    deadline ??= setTimeout(() => socket.terminate(), times.pongWithinMs)
    socket.ping()
  }, times.pingEveryMs)
  socket.on('pong', heard)
  socket.on('message', heard)
  return () => {
    clearInterval(timer)
    heard()
  }
}

/**
 * Called before a message is sent: all that are sent in the same turn leave in one write. What was stored together is acknowledged together, and a
 * system call for each costs more than the rest of the work.
 */
function inOneWrite(wire: Socket): () => void {
  let isGathering = false
  return () => {
    if (isGathering) return
    isGathering = true
    wire.cork()
    process.nextTick(() => {
      isGathering = false
      wire.uncork()
    })
  }
}

async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise(resolve => {
    timer = setTimeout(resolve, timeoutMs)
  })
  await Promise.race([work, timeout])
  clearTimeout(timer)
}
