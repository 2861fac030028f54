import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import type { DingTalkEmulator } from '../dingtalk/index.ts'
import { EmulatorError } from '../kernel/errors.ts'
import { jsonOf, readBody } from '../kernel/http.ts'
import type { WeComEmulator } from '../wecom/index.ts'
import { createPhones, type Outcome, type Phones, type Slot } from './phones.ts'
import { clientFiles, type StaticFile } from './static-files.ts'

export interface PlayOptions {
  wecom: WeComEmulator
  dingtalk: DingTalkEmulator
  /** Base of the service's own pages; links to it get `slot=` added. */
  publicUrl: string
  /** Where the chat window lives; begins and ends with a slash. */
  mountPath?: string
  /** Names of the session cookies of a phone, cleared when another person takes it. */
  sessionCookies?: (slot: Slot) => string[]
}

/** Serves the chat window; answers false for paths outside its mount path. */
export type PlayHandler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>

const BODY_LIMIT_BYTES = 64 * 1024
const REFRESH_MS = 60
const HEARTBEAT_MS = 20_000

const slot = z.enum(['left', 'right'])
/** Answers chosen on a card. */
const selected = z.record(z.string().max(200), z.array(z.string().max(200)).max(40)).optional()
const gestures = {
  person: z.object({ slot, userId: z.string().min(1).max(64) }),
  text: z.object({ slot, text: z.string().trim().min(1).max(2000) }),
  click: z.object({ slot, taskId: z.string().max(200), key: z.string().max(1024), menu: z.boolean().default(false), selected }),
  menu: z.object({ key: z.string().min(1).max(128) }),
}

const PAGE_HEADERS = {
  'cache-control': 'no-cache',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src http: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}

/** The chat window on two emulators: static client, state, live changes, and what people do. */
export function playHandler({ wecom, dingtalk, publicUrl, mountPath = '/play/', sessionCookies }: PlayOptions): PlayHandler {
  const phones = createPhones(wecom, dingtalk, publicUrl)
  let files: Promise<Map<string, StaticFile>> | undefined
  return async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://play')
    if (`${pathname}/` === mountPath) {
      response.writeHead(302, { location: mountPath }).end()
      return true
    }
    if (!pathname.startsWith(mountPath)) return false
    const rest = pathname.slice(mountPath.length)
    if (rest.startsWith('api/')) {
      await answerApi(phones, rest.slice('api/'.length), request, response, sessionCookies)
      return true
    }
    files ??= clientFiles()
    const file = (await files).get(rest || 'index.html')
    if (!file) sendJson(response, 404, { ok: false, code: 'play.not_found', message: '没有这个页面' })
    else response.writeHead(200, { ...PAGE_HEADERS, 'content-type': file.type }).end(file.bytes)
    return true
  }
}

async function answerApi(
  phones: Phones,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
  sessionCookies: PlayOptions['sessionCookies'],
) {
  if (request.method === 'GET' && name === 'state') return sendJson(response, 200, phones.state())
  if (request.method === 'GET' && name === 'stream') return stream(phones, request, response)
  const known = Object.hasOwn(gestures, name)
  if (request.method !== 'POST' || !known)
    return sendJson(response, 404, { ok: false, code: 'play.not_found', message: '没有这个操作' })
  if (!ownPage(request))
    return sendJson(response, 403, { ok: false, code: 'play.foreign_page', message: '只接受聊天窗口自己的请求' })
  try {
    const body = jsonOf(await readBody(request, BODY_LIMIT_BYTES))
    const { outcome, cleared } = await perform(phones, name as keyof typeof gestures, body)
    for (const cookie of cleared ? (sessionCookies?.(cleared) ?? []) : []) {
      response.appendHeader('set-cookie', `${cookie}=; Path=/; Max-Age=0`)
    }
    sendJson(response, 200, outcome)
  } catch (error) {
    sendJson(response, 400, refusal(error))
  }
}

/** A page of another site must not act here: JSON forces a preflight, and a foreign Origin is refused. */
function ownPage({ headers }: IncomingMessage): boolean {
  if (!headers['content-type']?.startsWith('application/json')) return false
  return headers.origin === undefined || (URL.canParse(headers.origin) && new URL(headers.origin).host === headers.host)
}

async function perform(
  phones: Phones,
  name: keyof typeof gestures,
  body: unknown,
): Promise<{ outcome: Outcome; cleared?: Slot }> {
  if (name === 'person') {
    const { slot, userId } = gestures.person.parse(body)
    phones.hold(slot, userId)
    return { outcome: { ok: true }, cleared: slot }
  }
  if (name === 'text') {
    const { slot, text } = gestures.text.parse(body)
    return { outcome: await phones.sendText(slot, text) }
  }
  if (name === 'menu') return { outcome: await phones.clickMenu(gestures.menu.parse(body).key) }
  const { slot, taskId, key, menu, selected: chosen } = gestures.click.parse(body)
  return { outcome: await phones.click(slot, taskId, key, menu, chosen) }
}

function refusal(error: unknown): Outcome {
  if (error instanceof EmulatorError) {
    const message = error.code === 'card.no_live_button' ? '这个按钮已经不能点了。卡片可能刚刚更新。' : error.message
    return { ok: false, code: error.code, message }
  }
  if (error instanceof z.ZodError) return { ok: false, code: 'input.invalid', message: '请求缺少内容或太长。' }
  return { ok: false, code: 'play.failed', message: '模拟平台出错了。请刷新页面再试。' }
}

/** Server-sent events: one empty notice for each burst of changes; the page then asks for the state. */
function stream(phones: Phones, request: IncomingMessage, response: ServerResponse) {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  })
  response.write('event: changed\ndata: {}\n\n')
  let timer: NodeJS.Timeout | undefined
  const stop = phones.onChange(() => {
    timer ??= setTimeout(() => {
      timer = undefined
      response.write('event: changed\ndata: {}\n\n')
    }, REFRESH_MS)
  })
  const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS)
  request.on('close', () => {
    stop()
    clearTimeout(timer)
    clearInterval(heartbeat)
  })
}

function sendJson(response: ServerResponse, status: number, body: unknown) {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
    .end(JSON.stringify(body))
}
