import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import {
  type DingTalkEmulator,
  playHandler,
  startDingTalkEmulator,
  startWeComEmulator,
  type WeComEmulator,
} from '../../../emulator/index.ts'
import { decisionCard, sampleCompany, sampleDingTalkApp, sampleWeComApp, startFakeService, wecomClient } from './support.ts'

interface PhoneShown {
  holder: { userId: string; name: string }
  messages: { text?: string; from: string }[]
}
interface State {
  phones: { left: PhoneShown; right: PhoneShown }
  trace: { title: string; direction: string; ok: boolean }[]
}

let wecom: WeComEmulator
let dingtalk: DingTalkEmulator
let service: Awaited<ReturnType<typeof startFakeService>>
let base: string
let stop: () => Promise<void>

beforeEach(async () => {
  service = await startFakeService()
  wecom = await startWeComEmulator({ ...sampleWeComApp, company: sampleCompany, callbackUrl: service.url, retryDelayMs: 1 })
  dingtalk = await startDingTalkEmulator({ ...sampleDingTalkApp, company: sampleCompany })
  const play = playHandler({ wecom, dingtalk, publicUrl: 'http://localhost:3000', sessionCookies: slot => [`session_${slot}`] })
  const server = createServer(async (request, response) => {
    if (!(await play(request, response))) response.writeHead(418).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  stop = async () => {
    server.closeAllConnections()
    await new Promise<void>(resolve => server.close(() => resolve()))
  }
})

afterEach(async () => {
  await stop()
  await wecom.close()
  await dingtalk.close()
  await service.close()
})

const state = async () => (await (await fetch(`${base}/play/api/state`)).json()) as State

const act = async (gesture: string, body: unknown, headers: Record<string, string> = {}) => {
  const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
  const answer = await fetch(`${base}/play/api/${gesture}`, init)
  return {
    status: answer.status,
    cookies: answer.headers.getSetCookie(),
    ...((await answer.json()) as { ok: boolean; code?: string }),
  }
}

describe('chat window', () => {
  test('it serves its page under a strict policy, nothing outside its folder, and leaves other paths alone', async () => {
    const page = await fetch(`${base}/play/`)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await page.text()).toContain('客联')
    expect((await fetch(`${base}/play`, { redirect: 'manual' })).headers.get('location')).toBe('/play/')
    expect((await fetch(`${base}/play/..%2fhandler.ts`)).status).toBe(404)
    expect((await fetch(`${base}/m/`)).status).toBe(418)
  })

  test('words typed in a phone reach the service and show in that phone and in the side panel', async () => {
    expect(await act('text', { slot: 'left', text: '查 长安' })).toMatchObject({ status: 200, ok: true })
    expect(service.received[0]?.inner).toContain('查 长安')
    const { phones, trace } = await state()
    expect(phones.left.messages).toMatchObject([{ from: 'user', text: '查 长安' }])
    expect(phones.right.messages).toEqual([])
    expect(trace).toMatchObject([{ title: '张三:查 长安', direction: 'in', ok: true }])
  })

  test('another person takes the phone with an empty conversation, and the old session is dropped', async () => {
    await act('text', { slot: 'left', text: '待办' })
    expect(await act('person', { slot: 'left', userId: 'lijing' })).toMatchObject({
      ok: true,
      cookies: ['session_left=; Path=/; Max-Age=0'],
    })
    expect((await state()).phones.left).toMatchObject({ holder: { name: '李静' }, messages: [] })
    expect(await (await fetch(`${wecom.baseUrl}/__emu/phone/left`)).json()).toEqual({ userId: 'lijing' })
    expect(await act('person', { slot: 'left', userId: 'nobody' })).toMatchObject({ status: 400, code: 'person.unknown' })
  })

  test('a live button acts, a dead one says so', async () => {
    const api = await wecomClient(wecom.baseUrl)
    await api.post('message/send', decisionCard('c1'))
    expect(await act('click', { slot: 'left', taskId: 'c1', key: 'approve' })).toMatchObject({ ok: true })
    expect(await act('click', { slot: 'left', taskId: 'c1', key: 'other' })).toMatchObject({
      status: 400,
      code: 'card.no_live_button',
    })
  })

  test('a service that is away is told politely, with a code', async () => {
    expect(await act('text', { slot: 'right', text: '待办' })).toMatchObject({ ok: false, code: 'stream.no_connection' })
    await service.close()
    expect(await act('text', { slot: 'left', text: '待办' })).toMatchObject({ ok: false, code: 'callback.no_answer' })
    service = await startFakeService()
  })

  test('a page of another site cannot act, and hostile input is refused', async () => {
    const text = { slot: 'left', text: 'x' }
    expect(await act('text', text, { origin: 'https://evil.example' })).toMatchObject({ status: 403, code: 'play.foreign_page' })
    expect(await act('text', text, { 'content-type': 'text/plain' })).toMatchObject({ status: 403 })
    expect(await act('text', { slot: 'middle', text: 'x' })).toMatchObject({ status: 400, code: 'input.invalid' })
    expect(await act('text', { slot: 'left', text: 'x'.repeat(70_000) })).toMatchObject({ status: 400, code: 'input.too_large' })
    expect(await act('constructor', {})).toMatchObject({ status: 404 })
    expect(service.received).toEqual([])
  })

  test('every change is announced to an open page', async () => {
    const leave = new AbortController()
    const stream = await fetch(`${base}/play/api/stream`, { signal: leave.signal })
    const reader = stream.body?.getReader()
    await reader?.read()
    await act('text', { slot: 'left', text: '待办' })
    const { value } = (await reader?.read()) ?? {}
    expect(Buffer.from(value ?? []).toString()).toContain('event: changed')
    leave.abort()
  })
})

describe('links', () => {
  type Links = { openableAddress(address: string, publicUrl: string, slot: string): string | undefined }
  const load = async () => (await import(new URL('../../../emulator/play/client/links.js', import.meta.url).href)) as Links

  test('a page of the service learns its phone, before the hash; foreign pages and schemes do not', async () => {
    const { openableAddress } = await load()
    const own = 'http://localhost:3000'
    expect(openableAddress(`${own}/m/?a=1#/todo`, own, 'left')).toBe(`${own}/m/?a=1&slot=left&via=wecom#/todo`)
    expect(openableAddress('https://other.example/x#y', own, 'left')).toBe('https://other.example/x#y')
    const wrapped = `dingtalk://dingtalkclient/page/link?url=${encodeURIComponent(`${own}/m/#/a`)}&pc_slide=true`
    expect(openableAddress(wrapped, own, 'right')).toBe(`${own}/m/?slot=right&via=dingtalk#/a`)
    expect(openableAddress('javascript:alert(1)', own, 'left')).toBeUndefined()
    expect(openableAddress('dingtalk://dingtalkclient/action/sendmsg', own, 'left')).toBeUndefined()
  })
})
